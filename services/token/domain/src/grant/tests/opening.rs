//! Grants that begin with a password.

use grantor_eventsourcing::{Decision, fold};

use super::*;
use crate::Denial;

fn open(policy: Result<(), Denial>, refresh: bool) -> OpenGrant {
    let approval = Approval { session: None, consent: None, code_challenge: None, ..approval() };
    OpenGrant { approval, refresh, policy, key: None }
}

fn opened(refresh: bool) -> GrantEvent {
    GrantEvent::Opened { approval: Box::new(open(Ok(()), refresh).approval), refresh, key: None }
}

#[test]
fn it_begins_with_its_tokens() {
    assert_eq!(open_grant(&Grant::Unknown, open(Ok(()), false)), Decision::accept((), [opened(false)]));
    let grant: Grant = fold(&[opened(false)]);
    assert!(grant.approval().is_some() && grant.family().is_none());
    let grant: Grant = fold(&[opened(true)]);
    assert_eq!(grant.family().map(|family| family.generation), Some(0));
}

#[test]
fn the_policy_is_asked_first_and_a_stream_is_used_once() {
    let denied = open_grant(&Grant::Unknown, open(Err(Denial::UserLocked), false));
    assert_eq!(denied, Decision::refuse(OpenRefusal::Denied(Denial::UserLocked), []));
    let twice = open_grant(&fold(&[opened(false)]), open(Ok(()), false));
    assert_eq!(twice, Decision::refuse(OpenRefusal::Taken(AlreadyThere), []));
}

#[test]
fn it_is_revoked_like_any_other() {
    let revoke_it = Revoke { client: Some(OWNER), reason: EndReason::UserChanged, now: at(9) };
    let grant: Grant = fold(&[opened(true)]);
    assert_eq!(revoke(&grant, &revoke_it), Decision::accept((), [revoked(9, EndReason::UserChanged)]));
}
