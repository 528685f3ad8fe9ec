use std::fmt::Debug;

use serde::{Serialize, de::DeserializeOwned};

use crate::AggregateType;

/// What a rule says should happen: events to append, and an answer.
///
/// A refusal may carry events: a replayed code is refused *and* revokes the grant
/// (RFC 9700 4.2.4). The shell appends `events`, then answers `outcome`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Decision<E, A, R> {
    /// Facts to append, oldest first; may be empty.
    pub events: Vec<E>,
    /// The answer: accepted, or the reason of the refusal.
    pub outcome: Result<A, R>,
}

impl<E, A, R> Decision<E, A, R> {
    /// Yes, and this happened.
    pub fn accept(answer: A, events: impl IntoIterator<Item = E>) -> Self {
        Self { events: events.into_iter().collect(), outcome: Ok(answer) }
    }

    /// No; and this happened because of it.
    pub fn refuse(reason: R, events: impl IntoIterator<Item = E>) -> Self {
        Self { events: events.into_iter().collect(), outcome: Err(reason) }
    }
}

/// State that is the fold of its events. `Default` is the state before the first event.
///
/// A state may also hold *operational* fields that no event sets (last use, refresh
/// generation). [`Aggregate::without_operational`] clears them, and the fold test compares
/// what is left.
pub trait Aggregate:
    Default + Clone + PartialEq + Debug + Serialize + DeserializeOwned + Send + Sync + 'static
{
    /// What can happen to it.
    type Event: Clone + PartialEq + Debug + Send + Sync + 'static;

    /// Its stream type.
    const TYPE: AggregateType;

    /// The state after one more event. Total: an event that makes no sense in this state
    /// leaves it as it is.
    fn evolve(self, event: &Self::Event) -> Self;

    /// This state with its operational fields at their defaults.
    fn without_operational(self) -> Self {
        self
    }
}

/// The state after these events.
pub fn fold<'a, A: Aggregate>(events: impl IntoIterator<Item = &'a A::Event>) -> A {
    events.into_iter().fold(A::default(), A::evolve)
}
