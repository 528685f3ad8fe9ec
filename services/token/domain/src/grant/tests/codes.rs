use grantor_eventsourcing::{Decision, fold};

use super::*;
use crate::Denial;

type Decided = Decision<GrantEvent, Exchanged, ExchangeRefusal>;

fn check(given: &[GrantEvent], command: &ExchangeCode, expected: &Decided) {
    assert_eq!(exchange_code(&fold(given), command), *expected);
}

fn refused(reason: ExchangeRefusal) -> Decided {
    Decision::refuse(reason, [])
}

fn spent(reason: ExchangeRefusal) -> Decided {
    Decision::refuse(reason, [revoked(1, EndReason::CodeMisused)])
}

fn good(approval: Approval) -> Decided {
    let event = GrantEvent::CodeRedeemed { at: at(1), refresh: true, key: None };
    Decision::accept(Exchanged { approval: Box::new(approval) }, [event])
}

#[test]
fn a_good_code_is_redeemed() {
    check(&[created(approval())], &exchange(), &good(approval()));
}

#[test]
fn an_unknown_code_is_refused() {
    check(&[], &exchange(), &refused(ExchangeRefusal::Unknown));
}

#[test]
fn a_hostile_client_cannot_redeem_or_spend_anothers_code() {
    let theft = ExchangeCode { client: OTHER, verifier: None, ..exchange() };
    check(&[created(approval())], &theft, &refused(ExchangeRefusal::OtherClient));
    check(&redeemed(), &theft, &refused(ExchangeRefusal::OtherClient));
}

#[test]
fn a_code_ends_at_its_last_second_and_stays_ended_when_the_clock_steps_back() {
    let late = ExchangeCode { now: at(60), ..exchange() };
    let expired = GrantEvent::Expired { at: at(60) };
    check(&[created(approval())], &late, &Decision::refuse(ExchangeRefusal::Expired, [expired.clone()]));
    let in_time = ExchangeCode { now: at(59), ..exchange() };
    assert!(exchange_code(&fold(&[created(approval())]), &in_time).outcome.is_ok());
    check(&[created(approval()), expired], &in_time, &refused(ExchangeRefusal::Expired));
}

#[test]
fn replay_revokes_the_grant() {
    let replay = ExchangeCode { now: at(2), ..exchange() };
    let revoked = revoked(2, EndReason::CodeReplayed);
    check(&redeemed(), &replay, &Decision::refuse(ExchangeRefusal::Replayed, [revoked.clone()]));
    let mut ended = redeemed();
    ended.push(revoked);
    check(&ended, &replay, &refused(ExchangeRefusal::Replayed));
}

#[test]
fn a_wrong_redirect_uri_from_the_owner_spends_the_code() {
    let wrong = ExchangeCode { redirect_uri: Some(format!("{CALLBACK}/")), ..exchange() };
    check(&[created(approval())], &wrong, &spent(ExchangeRefusal::OtherRedirectUri));
}

#[test]
fn a_missing_redirect_uri_is_a_malformed_request_and_leaves_the_code() {
    let missing = ExchangeCode { redirect_uri: None, ..exchange() };
    check(&[created(approval())], &missing, &refused(ExchangeRefusal::NoRedirectUri));
    let unbound = Approval { redirect_uri: None, ..approval() };
    check(&[created(unbound.clone())], &missing, &good(unbound.clone()));
    let always = ExchangeCode { redirect_demand: RedirectDemand::Always, ..missing.clone() };
    check(&[created(unbound)], &always, &refused(ExchangeRefusal::NoRedirectUri));
    let never = ExchangeCode { redirect_demand: RedirectDemand::Never, ..missing };
    check(&[created(approval())], &never, &good(approval()));
}

#[test]
fn a_code_without_a_redirect_uri_is_bound_to_the_default_one() {
    let unbound = Approval { redirect_uri: None, ..approval() };
    let command = ExchangeCode { default_redirect_uri: Some(CALLBACK.into()), ..exchange() };
    check(&[created(unbound.clone())], &command, &good(unbound.clone()));
    check(&[created(unbound)], &exchange(), &spent(ExchangeRefusal::OtherRedirectUri));
}

#[test]
fn a_wrong_or_missing_verifier_spends_the_code() {
    let wrong = ExchangeCode { verifier: verifier(&VERIFIER.replace('d', "e")), ..exchange() };
    check(&[created(approval())], &wrong, &spent(ExchangeRefusal::WrongVerifier));
    let missing = ExchangeCode { verifier: None, ..exchange() };
    check(&[created(approval())], &missing, &spent(ExchangeRefusal::WrongVerifier));
}

#[test]
fn a_verifier_without_a_challenge_is_refused() {
    let plain = Approval { code_challenge: None, ..approval() };
    check(&[created(plain.clone())], &exchange(), &spent(ExchangeRefusal::WrongVerifier));
    check(&[created(plain.clone())], &ExchangeCode { verifier: None, ..exchange() }, &good(plain));
}

#[test]
fn what_the_policy_forbids_leaves_the_code() {
    let denied = ExchangeCode { policy: Err(Denial::UserLocked), ..exchange() };
    check(&[created(approval())], &denied, &refused(ExchangeRefusal::Denied(Denial::UserLocked)));
}

#[test]
fn a_grant_is_revoked_once_and_only_by_its_own_client() {
    let command = Revoke { client: Some(OWNER), reason: EndReason::Api, now: at(5) };
    let state = fold::<Grant>(&redeemed());
    assert_eq!(revoke(&state, &command), Decision::accept((), [revoked(5, EndReason::Api)]));
    assert_eq!(revoke(&state, &Revoke { client: Some(OTHER), ..command }), Decision::refuse(NotLive, []));
    let mut ended = redeemed();
    ended.push(revoked(5, EndReason::Api));
    assert_eq!(revoke(&fold(&ended), &Revoke { client: None, ..command }), Decision::refuse(NotLive, []));
    assert_eq!(revoke(&Grant::Unknown, &command), Decision::refuse(NotLive, []));
}

#[test]
fn an_id_is_never_used_twice() {
    assert_eq!(issue_code(&fold(&redeemed()), approval()), Decision::refuse(AlreadyThere, []));
}

#[test]
fn a_grant_expires_when_all_it_gave_is_over() {
    let state = fold::<Grant>(&redeemed());
    assert_eq!(expire(&state, at(600), at(599)), Decision::refuse(NotOver, []));
    assert_eq!(expire(&state, at(600), at(600)), Decision::accept((), [GrantEvent::Expired { at: at(600) }]));
    let waiting = fold::<Grant>(&[created(approval())]);
    assert_eq!(expire(&waiting, at(9999), at(60)), Decision::accept((), [GrantEvent::Expired { at: at(60) }]));
}

#[test]
fn every_reason_reads_what_it_writes() {
    for reason in EndReason::ALL {
        assert_eq!(EndReason::parse(reason.as_str()), Some(reason));
    }
}
