//! Streams that wait for somebody to look at them.

use std::collections::HashMap;

use grantor_eventsourcing::Position;
use grantor_store::ParkedEvent;
use uuid::Uuid;

/// What to do with a record of a stream.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Handle it.
    Free,
    /// It is parked already.
    Known,
    /// It comes after one that is parked.
    Behind,
}

/// The streams that one consumer has parked, each with the place of its first parked record.
#[derive(Debug, Default)]
pub(super) struct Parked(HashMap<Uuid, (String, Position)>);

impl Parked {
    pub(super) fn of(events: Vec<ParkedEvent>) -> Self {
        let mut parked = Self::default();
        for event in events {
            parked.add(event.aggregate, event.source, event.position);
        }
        parked
    }

    pub(super) fn add(&mut self, stream: Uuid, place: String, position: Position) {
        // Records of no stream block nobody.
        if stream.is_nil() {
            return;
        }
        let first = self.0.entry(stream).or_insert_with(|| (place.clone(), position));
        if first.0 == place && position < first.1 {
            first.1 = position;
        }
    }

    pub(super) fn verdict(&self, stream: Uuid, place: &str, position: Position) -> Verdict {
        match self.0.get(&stream) {
            // What came before the first parked one was handled, and is only repeated.
            Some((at, first)) if at == place && position < *first => Verdict::Free,
            Some((at, first)) if at == place && position == *first => Verdict::Known,
            Some(_) => Verdict::Behind,
            None => Verdict::Free,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repetition_is_told_from_what_comes_after() {
        let stream = Uuid::from_u128(1);
        let mut parked = Parked::default();
        parked.add(stream, "topic/3".into(), Position::row(8));
        parked.add(stream, "topic/3".into(), Position::row(7));
        let verdict = |stream, place, row| parked.verdict(stream, place, Position::row(row));
        assert_eq!(verdict(stream, "topic/3", 6), Verdict::Free);
        assert_eq!(verdict(stream, "topic/3", 7), Verdict::Known);
        assert_eq!(verdict(stream, "topic/3", 8), Verdict::Behind);
        assert_eq!(verdict(stream, "topic/4", 1), Verdict::Behind);
        assert_eq!(verdict(Uuid::from_u128(2), "topic/3", 8), Verdict::Free);
    }

    #[test]
    fn what_belongs_to_no_stream_blocks_nobody() {
        let mut parked = Parked::default();
        parked.add(Uuid::nil(), "topic/3".into(), Position::row(7));
        assert_eq!(parked.verdict(Uuid::nil(), "topic/3", Position::row(9)), Verdict::Free);
    }
}
