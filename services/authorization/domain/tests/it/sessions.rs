use grantor_authorization_domain::{
    EndReason, EndSession, Live, Session, SessionEvent, Standing, StartSession, acr_of, end_session, start_session,
};
use grantor_eventsourcing::{Decision, fold};

use crate::{USER, at};

const ACTIVE: Standing = Standing::Active { not_before: None };

fn started() -> SessionEvent {
    SessionEvent::Started { user: USER, auth_time: at(0), amr: vec!["pwd".into()], expires_at: at(1000) }
}

fn live() -> Live {
    match fold(&[started()]) {
        Session::Live(live) => live,
        other => panic!("not live: {other:?}"),
    }
}

fn start() -> StartSession {
    StartSession { user: USER, amr: vec!["pwd".into()], now: at(0), absolute_seconds: 1000 }
}

#[test]
fn a_login_starts_a_session() {
    assert_eq!(start_session(&Session::Unknown, &start()), Decision::accept((), [started()]));
}

#[test]
fn a_session_never_starts_twice() {
    let ended = SessionEvent::Ended { user: USER, reason: EndReason::LoggedOut };
    for given in [vec![started()], vec![started(), ended]] {
        assert_eq!(start_session(&fold(&given), &start()), Decision::refuse((), []));
    }
}

#[test]
fn ending_twice_is_one_event() {
    let command = EndSession { reason: EndReason::Replaced };
    let ended = SessionEvent::Ended { user: USER, reason: EndReason::Replaced };
    assert_eq!(end_session(&fold(&[started()]), &command), Decision::accept((), [ended.clone()]));
    assert_eq!(end_session(&fold(&[started(), ended]), &command), Decision::accept((), []));
    assert_eq!(end_session(&Session::Unknown, &command), Decision::accept((), []));
}

#[test]
fn a_session_holds_until_it_is_idle_too_old_or_its_user_changed() {
    let used = Live { last_seen: Some(at(90)), ..live() };
    let changed_at = |seconds| Standing::Active { not_before: Some(at(seconds)) };
    for (session, now, standing, expected) in [
        (live(), 0, ACTIVE, Ok(())),
        (live(), 99, ACTIVE, Ok(())),
        (live(), 100, ACTIVE, Err(EndReason::Idle)),
        (used.clone(), 100, ACTIVE, Ok(())),
        (used.clone(), 190, ACTIVE, Err(EndReason::Idle)),
        (Live { last_seen: Some(at(999)), ..live() }, 999, ACTIVE, Ok(())),
        (Live { last_seen: Some(at(999)), ..live() }, 1000, ACTIVE, Err(EndReason::Expired)),
        (used.clone(), 100, changed_at(0), Ok(())),
        (used.clone(), 100, changed_at(1), Err(EndReason::UserChanged)),
        (used, 100, Standing::Blocked, Err(EndReason::UserChanged)),
        (live(), -50, ACTIVE, Ok(())),
    ] {
        assert_eq!(session.check(at(now), 100, standing), expected, "at {now}, {standing:?}");
    }
}

#[test]
fn not_every_use_is_noted() {
    assert!(!live().needs_note(at(4), 100));
    assert!(live().needs_note(at(5), 100));
    assert!(!live().needs_note(at(0), 0));
}

#[test]
fn a_password_reaches_the_lowest_class() {
    let classes = ["low".to_owned(), "high".to_owned()];
    assert_eq!(acr_of(&["pwd".to_owned()], &classes), Some("low"));
    assert_eq!(acr_of(&[], &classes), None);
    assert_eq!(acr_of(&["pwd".to_owned()], &[]), None);
}
