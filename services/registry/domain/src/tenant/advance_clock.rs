use super::{Event, Kind, Refusal, Tenant, Verdict, changed, refuse};
use crate::Problem;

/// A sandbox is never further ahead: ten years, in milliseconds.
const FURTHEST: i64 = 10 * 366 * 86_400_000;

/// Moves a sandbox's clock forward. There is no command that moves one back: what has ended
/// would live again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AdvanceClock {
    /// By how many seconds.
    pub seconds: u64,
}

impl AdvanceClock {
    /// Decides.
    pub fn decide(state: &Tenant, command: &Self) -> Verdict {
        let Some(record) = state.record() else { return refuse(Refusal::Unknown) };
        if record.identity.kind != Kind::Sandbox {
            return refuse(Refusal::RealClock);
        }
        let by_ms = i64::try_from(command.seconds).ok().and_then(|seconds| seconds.checked_mul(1000));
        match by_ms.and_then(|by| Some((by, by.checked_add(record.clock_ahead_ms)?))) {
            Some((by_ms, ahead_ms)) if by_ms > 0 && ahead_ms <= FURTHEST => {
                changed(Event::ClockAdvanced { by_ms, ahead_ms })
            }
            _ => {
                let detail = "must be 1 or more, and the clock at most ten years ahead";
                refuse(Refusal::Invalid(vec![Problem::at("/seconds", detail)]))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenant::testing::{check, created, record};

    fn sandbox() -> Event {
        let mut record = record();
        record.identity.kind = Kind::Sandbox;
        Event::Created(Box::new(record))
    }

    fn by(seconds: u64) -> AdvanceClock {
        AdvanceClock { seconds }
    }

    #[test]
    fn advances_add_up() {
        let first = Event::ClockAdvanced { by_ms: 60_000, ahead_ms: 60_000 };
        check(&[sandbox()], AdvanceClock::decide, &by(60), &changed(first.clone()));
        let second = Event::ClockAdvanced { by_ms: 1000, ahead_ms: 61_000 };
        check(&[sandbox(), first], AdvanceClock::decide, &by(1), &changed(second));
    }

    #[test]
    fn other_tenants_have_no_such_switch() {
        check(&[created()], AdvanceClock::decide, &by(60), &refuse(Refusal::RealClock));
        check(&[], AdvanceClock::decide, &by(60), &refuse(Refusal::Unknown));
    }

    #[test]
    fn a_step_is_forward_and_bounded() {
        for seconds in [0, 10 * 366 * 86_400 + 1, u64::MAX] {
            let verdict = AdvanceClock::decide(&grantor_eventsourcing::fold(&[sandbox()]), &by(seconds));
            assert!(matches!(verdict.outcome, Err(Refusal::Invalid(_))), "{seconds}");
        }
    }
}
