use grantor_authorization_domain::{
    Consent, ConsentEvent, GiveConsent, NothingToWithdraw, Terms, WithdrawConsent, consent_id, give_consent,
    withdraw_consent,
};
use grantor_eventsourcing::{Decision, fold};
use grantor_oauth::ScopeSet;

use crate::{CLIENT, OTHER, USER, at, scopes};

const DAY: i64 = 86_400;

fn terms(names: &str, end: Option<i64>) -> Terms {
    Terms {
        user: USER,
        client: CLIENT,
        client_id: "partner".into(),
        scopes: scopes(names),
        text_version: "v1".into(),
        expires_at: end.map(|days| at(days * DAY)),
    }
}

fn give(names: &str, day: i64, days: Option<u16>) -> GiveConsent {
    GiveConsent {
        user: USER,
        client: CLIENT,
        client_id: "partner".into(),
        scopes: scopes(names),
        left_out: ScopeSet::empty(),
        text_version: "v1".into(),
        expires_days: days,
        now: at(day * DAY),
    }
}

fn withdrawn() -> ConsentEvent {
    ConsentEvent::Withdrawn { user: USER, client: CLIENT, client_id: "partner".into() }
}

fn check(given: &[ConsentEvent], command: &GiveConsent, expected: Option<ConsentEvent>) {
    assert_eq!(give_consent(&fold(given), command), Decision::accept((), expected));
}

#[test]
fn the_first_consent_is_granted() {
    check(&[], &give("openid", 0, Some(180)), Some(ConsentEvent::Granted(terms("openid", Some(180)))));
    check(&[], &give("openid", 0, None), Some(ConsentEvent::Granted(terms("openid", None))));
}

#[test]
fn agreeing_again_prolongs_it() {
    let given = [ConsentEvent::Granted(terms("openid", Some(180)))];
    check(&given, &give("openid", 10, Some(180)), Some(ConsentEvent::Changed(terms("openid", Some(190)))));
}

#[test]
fn agreeing_to_the_same_without_an_end_is_no_event() {
    check(&[ConsentEvent::Granted(terms("openid", None))], &give("openid", 10, None), None);
}

#[test]
fn what_is_unticked_is_agreed_to_no_more() {
    let given = [ConsentEvent::Granted(terms("openid plan", Some(180)))];
    let command = GiveConsent { left_out: scopes("plan"), ..give("openid", 10, Some(180)) };
    check(&given, &command, Some(ConsentEvent::Changed(terms("openid", Some(190)))));
}

#[test]
fn more_scopes_are_added() {
    let given = [ConsentEvent::Granted(terms("openid", Some(180)))];
    let both = terms("openid plan", Some(190));
    check(&given, &give("openid plan", 10, Some(180)), Some(ConsentEvent::Changed(both)));
}

#[test]
fn what_was_not_shown_is_not_prolonged() {
    let given = [ConsentEvent::Granted(terms("openid profile", Some(180)))];
    let union = terms("openid profile plan", Some(180));
    check(&given, &give("openid plan", 10, Some(180)), Some(ConsentEvent::Changed(union)));
}

#[test]
fn an_expired_consent_is_replaced() {
    let given = [ConsentEvent::Granted(terms("openid profile", Some(5)))];
    check(&given, &give("openid", 5, Some(180)), Some(ConsentEvent::Changed(terms("openid", Some(185)))));
}

#[test]
fn after_withdrawal_it_begins_anew() {
    let given = [ConsentEvent::Granted(terms("openid profile", None)), withdrawn()];
    check(&given, &give("openid", 1, None), Some(ConsentEvent::Granted(terms("openid", None))));
}

#[test]
fn withdrawing_twice_is_one_event() {
    let given = [ConsentEvent::Granted(terms("openid", None))];
    assert_eq!(withdraw_consent(&fold(&given), &WithdrawConsent), Decision::accept((), [withdrawn()]));
    let given = [ConsentEvent::Granted(terms("openid", None)), withdrawn()];
    assert_eq!(withdraw_consent(&fold(&given), &WithdrawConsent), Decision::refuse(NothingToWithdraw, []));
    assert_eq!(withdraw_consent(&Consent::None, &WithdrawConsent), Decision::refuse(NothingToWithdraw, []));
}

#[test]
fn a_consent_covers_what_was_agreed_to_until_it_ends() {
    let consent: Consent = fold(&[ConsentEvent::Granted(terms("openid profile", Some(1)))]);
    assert!(consent.covers(&scopes("profile"), at(DAY - 1)));
    assert!(!consent.covers(&scopes("profile"), at(DAY)));
    assert!(!consent.covers(&scopes("profile plan"), at(0)));
    assert!(!Consent::None.covers(&scopes("openid"), at(0)));
}

#[test]
fn each_pair_has_one_consent() {
    assert_eq!(consent_id(USER, CLIENT), consent_id(USER, CLIENT));
    assert_ne!(consent_id(USER, CLIENT), consent_id(OTHER, CLIENT));
}
