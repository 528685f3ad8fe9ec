use std::{
    collections::{HashMap, HashSet},
    fmt,
};

use grantor_eventsourcing::Envelope;

/// What became of the events of a log.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Events in the log.
    pub sent: usize,
    /// Events that never arrived.
    pub lost: usize,
    /// Events that arrived and are not in the log.
    pub invented: usize,
    /// Arrivals of an event that had arrived before.
    pub duplicated: usize,
    /// Arrivals, past the version filter, of an event that is not the next one of its stream.
    pub reordered: usize,
}

impl Verdict {
    /// Compares a log with what arrived, in the order of arrival.
    pub fn of(log: &[Envelope], arrived: &[Envelope]) -> Self {
        let known: HashSet<_> = log.iter().map(|event| event.event_id.uuid()).collect();
        let mut verdict = Self { sent: log.len(), ..Self::default() };
        let mut seen = HashSet::new();
        let mut versions = HashMap::new();
        for event in arrived {
            let id = event.event_id.uuid();
            verdict.invented += usize::from(!known.contains(&id));
            verdict.duplicated += usize::from(!seen.insert(id));
            // The filter: what is not newer is not looked at.
            let version = versions.entry(event.aggregate_id).or_insert(0);
            if event.version > *version {
                verdict.reordered += usize::from(event.version != *version + 1);
                *version = event.version;
            }
        }
        verdict.lost = known.difference(&seen).count();
        verdict
    }

    /// Nothing lost, invented or out of order.
    pub fn is_good(&self) -> bool {
        (self.lost, self.invented, self.reordered) == (0, 0, 0)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sent, lost, invented, duplicated, reordered } = self;
        write!(f, "{sent} sent, {lost} lost, {invented} invented, {reordered} reordered, {duplicated} duplicated")
    }
}
