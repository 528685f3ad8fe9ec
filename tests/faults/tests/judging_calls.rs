//! The judge of what partners were told catches what it is there to catch.

use std::{slice::from_ref, time::Duration};

use grantor_tests_faults::{Answer, Arrival, Calls, Due, Operation, Outcome, What, Whose, trace_of};
use uuid::Uuid;

const REVOKED: &str = "oauth.authorization.revoked";
const APPROVED: &str = "oauth.client.approved";
const CODE: &str = "code";
const DONE: Outcome = Outcome::Acknowledged(Answer::Done);

fn due(id: &str, event: &str) -> Due {
    Due { to: Whose::Client, id: id.to_owned(), event: event.to_owned() }
}

/// A call because of a request about this.
fn call(id: &str, event: &str, about: &str) -> Arrival {
    Arrival {
        to: Whose::Client,
        id: id.to_owned(),
        event: event.to_owned(),
        about: about.to_owned(),
        trace: trace_of(about),
        body: Uuid::new_v5(&Uuid::NAMESPACE_OID, id.as_bytes()),
        signed: true,
    }
}

fn told(due: &[Due], arrived: &[Arrival]) -> Calls {
    Calls { due: due.to_vec(), happened: due.to_vec(), arrived: arrived.to_vec() }
}

/// Operations one after the other, a second each.
fn history(subject: &str, steps: &[(What, Outcome)]) -> Vec<Operation> {
    let at = |second: usize| Duration::from_secs(second as u64);
    let operation = |(n, (what, outcome)): (usize, &(What, Outcome))| Operation {
        subject: subject.to_owned(),
        what: what.clone(),
        start: at(2 * n),
        end: at(2 * n + 1),
        outcome: outcome.clone(),
    };
    steps.iter().enumerate().map(operation).collect()
}

fn issued_and_exchanged() -> [(What, Outcome); 2] {
    let tokens = Answer::Tokens { access: "access".into(), refresh: Some("refresh".into()) };
    [(What::Authorize, DONE), (What::Exchange, Outcome::Acknowledged(tokens))]
}

fn holds(calls: &Calls, operations: &[Operation]) {
    let found = calls.judge(operations);
    assert!(found.is_empty(), "{found:?}");
}

fn breaks(says: &str, calls: &Calls, operations: &[Operation]) {
    let found = calls.judge(operations);
    assert!(found.len() == 1 && found[0].contains(says), "not one that says {says}: {found:?}");
}

#[test]
fn a_call_that_is_lost_invented_unsigned_or_another_is_told_on() {
    let (one, two) = (due("1", REVOKED), due("2", REVOKED));
    let arrived = call("1", REVOKED, "");
    holds(&told(from_ref(&one), from_ref(&arrived)), &[]);
    breaks("not arrived", &told(&[one.clone(), two], from_ref(&arrived)), &[]);
    breaks("not happened", &told(from_ref(&one), &[arrived.clone(), call("2", REVOKED, "")]), &[]);
    breaks(
        "not happened",
        &told(&[one.clone(), due("2", APPROVED)], &[arrived.clone(), call("2", APPROVED, ""), call("2", REVOKED, "")]),
        &[],
    );
    breaks("not signed", &told(from_ref(&one), &[Arrival { signed: false, ..arrived.clone() }]), &[]);
    let other = Arrival { body: Uuid::nil(), ..arrived.clone() };
    breaks("another body", &told(from_ref(&one), &[arrived.clone(), other]), &[]);
    let elsewhere = Arrival { to: Whose::Tenant, ..arrived.clone() };
    breaks("not happened", &told(from_ref(&one), &[arrived, elsewhere]), &[]);
}

#[test]
fn what_comes_again_is_counted_and_what_happens_meanwhile_is_not_lost() {
    let (one, two) = (due("1", REVOKED), due("2", REVOKED));
    let (first, second) = (call("1", REVOKED, ""), call("2", REVOKED, ""));
    let again = told(&[one.clone(), two.clone()], &[first.clone(), second.clone(), first.clone(), first.clone()]);
    holds(&again, &[]);
    assert_eq!(again.repeated(), 2);
    let happened = vec![one.clone(), two];
    holds(&Calls { due: vec![one.clone()], happened: happened.clone(), arrived: vec![first.clone(), second] }, &[]);
    holds(&Calls { due: vec![one], happened, arrived: vec![first] }, &[]);
}

#[test]
fn the_end_of_a_grant_that_was_acknowledged_is_told_whoever_ended_it() {
    let revoke = |outcome| (What::Revoke("refresh".into()), outcome);
    let ended = |more: &[(What, Outcome)]| history(CODE, &[&issued_and_exchanged()[..], more].concat());
    let (nobody, somebody) = (told(&[], &[]), |about: &str| told(&[due("1", REVOKED)], &[call("1", REVOKED, about)]));
    breaks("nobody was told", &nobody, &ended(&[revoke(DONE)]));
    breaks("nobody was told", &somebody("of another"), &ended(&[revoke(DONE)]));
    holds(&somebody("refresh"), &ended(&[revoke(DONE)]));
    let refused = (What::Exchange, Outcome::Refused(400));
    breaks("nobody was told", &nobody, &ended(from_ref(&refused)));
    holds(&somebody(CODE), &ended(from_ref(&refused)));
    // Who was first is not known: either is right.
    for first in ["refresh", CODE] {
        holds(&somebody(first), &ended(&[revoke(DONE), refused.clone()]));
    }
    holds(&nobody, &ended(&[revoke(Outcome::Unknown("the line is dead".into()))]));
    let of_one_token = (What::Revoke("access".into()), DONE);
    holds(&nobody, &ended(&[of_one_token]));
    holds(&nobody, &history(CODE, &[(What::Authorize, DONE), (What::Exchange, Outcome::Refused(400))]));
}

#[test]
fn an_approval_that_was_acknowledged_is_told() {
    let approved = history("app_1", &[(What::Approve, DONE)]);
    breaks("app_1 is approved", &told(&[], &[]), &approved);
    breaks("app_1 is approved", &told(&[due("1", APPROVED)], &[call("1", APPROVED, "app_2")]), &approved);
    holds(&told(&[due("1", APPROVED)], &[call("1", APPROVED, "app_1")]), &approved);
    holds(&told(&[], &[]), &history("app_1", &[(What::Approve, Outcome::Unknown("503".into()))]));
}
