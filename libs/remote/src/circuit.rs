use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// Failures in a row after which nobody is made to wait any more.
const FAILURES: u32 = 5;
/// How long; then one call tries again.
const PAUSE: Duration = Duration::from_secs(1);
/// What a call adds to the budget of retries, in hundredths of a retry: one for ten calls.
const EARNED: u32 = 10;
/// The most that can be saved up: ten retries.
const SAVED: u32 = 1000;
const RETRY: u32 = 100;

/// Whether a peer is worth calling. Fails fast while it is away, and keeps retries from
/// becoming a storm.
pub(crate) struct Circuit(Mutex<State>);

struct State {
    failures: u32,
    closed_until: Option<Instant>,
    budget: u32,
}

impl Circuit {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(State { failures: 0, closed_until: None, budget: SAVED }))
    }

    /// Whether a call may be made now.
    pub(crate) fn admits(&self, now: Instant) -> bool {
        let mut state = self.0.lock();
        state.budget = (state.budget + EARNED).min(SAVED);
        match state.closed_until {
            Some(until) if now < until => false,
            Some(_) => {
                // This one tries; others wait for what it finds.
                state.closed_until = Some(now + PAUSE);
                true
            }
            None => true,
        }
    }

    /// Whether one retry may be made.
    pub(crate) fn spends_retry(&self) -> bool {
        let mut state = self.0.lock();
        let may = state.budget >= RETRY && state.closed_until.is_none();
        state.budget -= if may { RETRY } else { 0 };
        may
    }

    pub(crate) fn answered(&self) {
        let mut state = self.0.lock();
        state.failures = 0;
        state.closed_until = None;
    }

    pub(crate) fn failed(&self, now: Instant) {
        let mut state = self.0.lock();
        state.failures = state.failures.saturating_add(1);
        if state.failures >= FAILURES {
            state.closed_until = Some(now + PAUSE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_that_does_not_answer_is_asked_once_a_second() {
        let (circuit, start) = (Circuit::new(), Instant::now());
        for _ in 0..FAILURES {
            assert!(circuit.admits(start));
            circuit.failed(start);
        }
        assert!(!circuit.admits(start));
        let later = start + PAUSE;
        assert!(circuit.admits(later), "one tries");
        assert!(!circuit.admits(later), "the others wait for it");
        circuit.answered();
        assert!(circuit.admits(later));
    }

    #[test]
    fn retries_are_a_tenth_of_the_calls() {
        let (circuit, now) = (Circuit::new(), Instant::now());
        let saved = (0..100).filter(|_| circuit.spends_retry()).count();
        assert_eq!(saved, 10);
        let retried = (0..1000).filter(|_| circuit.admits(now) && circuit.spends_retry()).count();
        assert_eq!(retried, 100);
    }
}
