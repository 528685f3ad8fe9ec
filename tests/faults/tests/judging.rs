//! The judge catches what it is there to catch.

use std::time::Duration;

use grantor_tests_faults::{Answer, Operation, Outcome, What, judge};

const YES: Outcome = Outcome::Acknowledged(Answer::Done);
const NO: Outcome = Outcome::Refused(400);

/// Operations one after the other, a second each.
fn history(steps: &[(What, Outcome)]) -> Vec<Operation> {
    let second = |n: usize| Duration::from_secs(n as u64);
    let operation = |(n, (what, outcome)): (usize, &(What, Outcome))| Operation {
        subject: "code".into(),
        what: what.clone(),
        start: second(2 * n),
        end: second(2 * n + 1),
        outcome: outcome.clone(),
    };
    steps.iter().enumerate().map(operation).collect()
}

fn unknown() -> Outcome {
    Outcome::Unknown("the line is dead".into())
}

fn tokens() -> Outcome {
    Outcome::Acknowledged(Answer::Tokens { access: "access".into(), refresh: Some("refresh".into()) })
}

fn active(active: bool) -> (What, Outcome) {
    (What::Introspect("access".into()), Outcome::Acknowledged(Answer::Active(active)))
}

fn state(state: &str) -> Outcome {
    Outcome::Acknowledged(Answer::State(state.into()))
}

fn holds(steps: &[(What, Outcome)]) {
    let found = judge(&history(steps));
    assert!(found.is_empty(), "{found:?}");
}

fn breaks(invariant: &str, steps: &[(What, Outcome)]) {
    let found = judge(&history(steps));
    assert!(found.iter().any(|problem| problem.contains(invariant)), "{invariant} not in {found:?}");
}

#[test]
fn a_code_is_redeemed_once() {
    let (issued, exchanged) = ((What::Authorize, YES), (What::Exchange, tokens()));
    holds(&[issued.clone(), exchanged.clone(), (What::Exchange, NO)]);
    breaks("I2", &[issued.clone(), exchanged.clone(), exchanged.clone()]);
    breaks("I1", &[issued.clone(), (What::Exchange, NO)]);
    holds(&[issued.clone(), (What::Exchange, unknown()), (What::Exchange, NO)]);
    holds(&[issued, (What::Exchange, unknown()), exchanged]);
}

#[test]
fn a_token_is_active_until_something_ends_it() {
    let exchanged = (What::Exchange, tokens());
    let revoke = |outcome| (What::Revoke("refresh".into()), outcome);
    holds(&[exchanged.clone(), active(true), revoke(YES), active(false)]);
    breaks("I1", &[exchanged.clone(), active(false)]);
    breaks("I5", &[exchanged.clone(), revoke(YES), active(true)]);
    holds(&[exchanged.clone(), revoke(unknown()), active(true)]);
    holds(&[exchanged.clone(), revoke(unknown()), active(false)]);
    breaks("I5", &[exchanged, (What::Exchange, NO), active(true)]);
}

#[test]
fn the_current_refresh_token_works() {
    let exchanged = (What::Exchange, tokens());
    let refresh = |outcome| (What::Refresh("refresh".into()), outcome);
    breaks("I4", &[exchanged.clone(), refresh(NO)]);
    holds(&[exchanged.clone(), refresh(unknown()), refresh(NO)]);
    breaks("I5", &[exchanged, (What::Revoke("refresh".into()), YES), refresh(tokens())]);
}

#[test]
fn a_registered_client_is_there_and_an_approved_one_is_approved() {
    let registered = (What::Register, state("pending"));
    holds(&[registered.clone(), (What::Look, state("pending"))]);
    breaks("I1", &[registered.clone(), (What::Look, Outcome::Refused(404))]);
    breaks("I1", &[registered.clone(), (What::Approve, YES), (What::Look, state("pending"))]);
    breaks("I1", &[registered.clone(), (What::Look, state("approved"))]);
    holds(&[registered, (What::Approve, unknown()), (What::Look, state("approved"))]);
    holds(&[(What::Register, state("approved")), (What::Look, state("approved"))]);
}

#[test]
fn a_server_that_breaks_is_told_on() {
    breaks("I15", &[(What::Exchange, Outcome::Broken(500))]);
}
