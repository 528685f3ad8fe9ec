//! Codes and families that are bound to a key (RFC 9449).

use grantor_eventsourcing::{Decision, fold};

use super::*;

fn bound() -> Approval {
    Approval { key: key('a'), ..approval() }
}

fn family(with: Option<Thumbprint>) -> Grant {
    fold(&[created(approval()), GrantEvent::CodeRedeemed { at: at(1), refresh: true, key: with }])
}

#[test]
fn the_key_that_was_proved_goes_into_the_event() {
    for named in [approval(), bound()] {
        let event = GrantEvent::CodeRedeemed { at: at(1), refresh: true, key: key('a') };
        let command = ExchangeCode { key: key('a'), ..exchange() };
        let expected = Decision::accept(Exchanged { approval: Box::new(named.clone()) }, [event]);
        assert_eq!(exchange_code(&fold(&[created(named)]), &command), expected);
    }
}

#[test]
fn a_thief_without_the_key_of_a_code_spends_it() {
    for proved in [key('b'), None] {
        let command = ExchangeCode { key: proved, ..exchange() };
        let spent = GrantEvent::revoked(&bound(), at(1), EndReason::CodeMisused);
        let expected = Decision::refuse(ExchangeRefusal::OtherKey, [spent]);
        assert_eq!(exchange_code(&fold(&[created(bound())]), &command), expected);
    }
}

#[test]
fn who_has_no_secret_goes_on_with_the_same_key_only() {
    let ask = |bound: Option<Thumbprint>, proved: Option<Thumbprint>, public: bool| {
        let command = RotateRefresh { key: proved, public, ..refresh(0, at(10)) };
        rotate_refresh(&family(bound), &command).outcome.map(|refreshed| refreshed.generation)
    };
    assert_eq!(ask(key('a'), key('a'), true), Ok(1));
    assert_eq!(ask(key('a'), key('b'), true), Err(RefreshRefusal::OtherKey));
    assert_eq!(ask(key('a'), key('b'), false), Ok(1));
    for public in [true, false] {
        assert_eq!(ask(key('a'), None, public), Err(RefreshRefusal::OtherKey), "down to a bearer token");
        assert_eq!(ask(None, key('a'), public), Ok(1), "up from one");
        assert_eq!(ask(None, None, public), Ok(1));
    }
}

#[test]
fn a_thief_without_the_key_kills_no_family() {
    let mut moved_on = family(key('a'));
    moved_on.refreshed(1, at(10));
    moved_on.refreshed(2, at(20));
    let theft = RotateRefresh { key: key('b'), public: true, ..refresh(0, at(30)) };
    assert_eq!(rotate_refresh(&moved_on, &theft), Decision::refuse(RefreshRefusal::OtherKey, []));
    let own = RotateRefresh { key: key('a'), public: true, ..refresh(0, at(30)) };
    assert_eq!(rotate_refresh(&moved_on, &own).outcome, Err(RefreshRefusal::Reused));
}
