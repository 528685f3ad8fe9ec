use chrono::DateTime;
use grantor_eventsourcing::{Actor, Aggregate, fold};
use grantor_ids::OperatorId;
use proptest::prelude::*;
use uuid::Uuid;

use crate::*;

const OPERATOR: OperatorId = OperatorId::from_uuid(Uuid::from_u128(1));
const ANOTHER: OperatorId = OperatorId::from_uuid(Uuid::from_u128(2));

fn create(name: &str) -> CreateOperator {
    CreateOperator { name: name.to_owned(), now: DateTime::UNIX_EPOCH }
}

fn created() -> Event {
    Event::Created { name: "desk".to_owned(), at: DateTime::UNIX_EPOCH }
}

fn disable(by: Actor) -> DisableOperator {
    DisableOperator { operator: OPERATOR, by }
}

/// Given these events, the command's verdict is this one.
fn check<C>(given: &[Event], decide: fn(&Operator, &C) -> Verdict, command: &C, expected: &Verdict) {
    assert_eq!(decide(&fold(given), command), *expected);
}

#[test]
fn an_operator_is_created_once() {
    check(&[], CreateOperator::decide, &create("desk"), &changed(created()));
    check(&[created()], CreateOperator::decide, &create("desk"), &refuse(Refusal::Exists));
}

#[test]
fn a_name_can_be_shown() {
    let long = "n".repeat(81);
    for (name, refusal) in [
        ("", NameRefusal::Empty),
        ("  ", NameRefusal::Empty),
        ("a\nb", NameRefusal::Control),
        (&long, NameRefusal::TooLong),
    ] {
        check(&[], CreateOperator::decide, &create(name), &refuse(refusal.into()));
    }
}

#[test]
fn a_token_is_rotated_while_the_operator_may_act() {
    check(&[], RotateToken::decide, &RotateToken, &refuse(Refusal::Unknown));
    check(&[created()], RotateToken::decide, &RotateToken, &changed(Event::TokenRotated));
    check(&[created(), Event::Disabled], RotateToken::decide, &RotateToken, &refuse(Refusal::Disabled));
}

#[test]
fn another_operator_disables_once() {
    let command = disable(Actor::Operator(ANOTHER));
    check(&[], DisableOperator::decide, &command, &refuse(Refusal::Unknown));
    check(&[created()], DisableOperator::decide, &command, &changed(Event::Disabled));
    check(&[created(), Event::Disabled], DisableOperator::decide, &command, &already());
}

#[test]
fn nobody_disables_themselves() {
    check(&[created()], DisableOperator::decide, &disable(Actor::Operator(OPERATOR)), &refuse(Refusal::Oneself));
}

proptest! {
    /// Whatever is commanded, a disabled operator stays disabled and the state survives JSON.
    #[test]
    fn disabled_is_for_good(commands in proptest::collection::vec(0_u8..3, 0..12)) {
        let mut state = Operator::default();
        let mut disabled = false;
        for command in commands {
            let verdict = match command {
                0 => CreateOperator::decide(&state, &create("desk")),
                1 => RotateToken::decide(&state, &RotateToken),
                _ => DisableOperator::decide(&state, &disable(Actor::System)),
            };
            state = verdict.events.iter().fold(state, Operator::evolve);
            disabled |= verdict.events.contains(&Event::Disabled);
            prop_assert_eq!(disabled, matches!(state, Operator::Disabled(_)));
            let stored = serde_json::to_string(&state).expect("a state has a JSON form");
            prop_assert_eq!(serde_json::from_str::<Operator>(&stored).expect("its own form"), state.clone());
        }
    }
}
