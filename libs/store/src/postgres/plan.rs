//! What a batch does, decided in memory once its rows are locked: each command upon what the
//! ones before it left, so that a refused one leaves nothing and neighbours do not notice.

use std::collections::{BTreeMap, BTreeSet};

use chrono::SubsecRound;
use grantor_eventsourcing::Timestamp;
use uuid::Uuid;

use super::rows::{LockedRow, RowSlot};
use crate::{CommitError, RowKey, StreamWrite, Write};

pub(super) type StreamId = (Uuid, i16, Uuid);
pub(super) type RowId<'w> = (Uuid, &'static str, &'w [u8]);
pub(super) type InboxId = (&'static str, Uuid);

/// What a batch looks at; each in the order in which it is locked.
#[derive(Default)]
pub(super) struct Wanted<'w> {
    pub streams: BTreeSet<StreamId>,
    pub rows: BTreeSet<RowId<'w>>,
    pub inbox: BTreeSet<InboxId>,
    pub leaders: BTreeSet<&'static str>,
}

impl<'w> Wanted<'w> {
    pub fn of(writes: &[&'w Write]) -> Self {
        let mut wanted = Self::default();
        for write in writes {
            wanted.streams.extend(write.stream.as_ref().map(stream_id));
            wanted.rows.extend(write.rows.iter().map(|change| row_id(change.key())));
            wanted.inbox.extend(write.inbox);
            wanted.leaders.extend(write.cursor.as_ref().and_then(|cursor| cursor.leader).map(|leader| leader.name));
        }
        wanted
    }
}

pub(super) fn stream_id(stream: &StreamWrite) -> StreamId {
    (stream.tenant.uuid(), stream.kind.code(), stream.id)
}

pub(super) fn row_id(key: &RowKey) -> RowId<'_> {
    (key.tenant.uuid(), key.kind, &key.key)
}

/// What was there, locked until the transaction ends.
#[derive(Default)]
pub(super) struct Locked<'w> {
    /// Revisions.
    pub streams: BTreeMap<StreamId, u64>,
    pub rows: BTreeMap<RowId<'w>, LockedRow>,
    pub inbox: BTreeSet<InboxId>,
    /// Who leads, by number.
    pub leaders: BTreeMap<&'static str, i64>,
}

/// A stream's row before and after the batch.
pub(super) struct StreamSlot<'w> {
    pub before: Option<u64>,
    pub after: Option<StreamAfter<'w>>,
}

pub(super) struct StreamAfter<'w> {
    pub revision: u64,
    pub version: u32,
    pub state: &'w [u8],
}

/// The outcome of every command, and what to write for those that succeed.
pub(super) struct Plan<'w> {
    /// Counts of a command that succeeds, by command.
    pub outcomes: Vec<Result<Vec<u64>, CommitError>>,
    pub streams: BTreeMap<StreamId, StreamSlot<'w>>,
    pub rows: BTreeMap<RowId<'w>, RowSlot<'w>>,
    pub inbox: BTreeSet<InboxId>,
    known: BTreeSet<InboxId>,
    leaders: BTreeMap<&'static str, i64>,
    now: Timestamp,
}

impl<'w> Plan<'w> {
    pub fn new(writes: &[&'w Write], locked: Locked<'w>, now: Timestamp) -> Self {
        let before = |(id, revision)| (id, StreamSlot { before: Some(revision), after: None });
        let mut plan = Self {
            outcomes: Vec::with_capacity(writes.len()),
            streams: locked.streams.into_iter().map(before).collect(),
            rows: locked.rows.into_iter().map(|(id, row)| (id, RowSlot::there(row))).collect(),
            inbox: BTreeSet::new(),
            known: locked.inbox,
            leaders: locked.leaders,
            now: millis(now),
        };
        for write in writes {
            let outcome = plan.command(write);
            plan.outcomes.push(outcome);
        }
        plan
    }

    /// The commands that succeed.
    pub fn accepted<'p>(&'p self, writes: &'p [&'w Write]) -> impl Iterator<Item = &'w Write> + 'p {
        writes.iter().zip(&self.outcomes).filter(|(_, outcome)| outcome.is_ok()).map(|(write, _)| *write)
    }

    fn command(&mut self, write: &'w Write) -> Result<Vec<u64>, CommitError> {
        let leader = write.cursor.as_ref().and_then(|cursor| cursor.leader);
        if leader.is_some_and(|leader| self.leaders.get(leader.name) != Some(&leader.epoch)) {
            return Err(CommitError::Conflict);
        }
        if let Some(stream) = &write.stream
            && self.revision(stream_id(stream)) != stream.expected
        {
            return Err(CommitError::Conflict);
        }
        if let Some(event) = &write.inbox
            && (self.known.contains(event) || self.inbox.contains(event))
        {
            return Err(CommitError::Taken("event"));
        }
        // The last guards: what they have changed already is taken back when one refuses.
        let counts = self.change_rows(write)?;
        if let Some(stream) = &write.stream {
            let version = stream.version + u32::try_from(stream.events.len()).unwrap_or(u32::MAX);
            let after = StreamAfter { revision: stream.expected + 1, version, state: &stream.state };
            self.streams.entry(stream_id(stream)).or_insert(StreamSlot { before: None, after: None }).after =
                Some(after);
        }
        self.inbox.extend(write.inbox);
        Ok(counts)
    }

    fn revision(&self, id: StreamId) -> u64 {
        let Some(slot) = self.streams.get(&id) else { return 0 };
        slot.after.as_ref().map(|after| after.revision).or(slot.before).unwrap_or(0)
    }

    fn change_rows(&mut self, write: &'w Write) -> Result<Vec<u64>, CommitError> {
        let (mut counts, mut undo) = (Vec::new(), Vec::new());
        for change in &write.rows {
            let id = row_id(change.key());
            let slot = self.rows.entry(id).or_default();
            undo.push((id, slot.after.clone()));
            if let Err(refusal) = slot.change(change, self.now, &mut counts) {
                for (id, after) in undo.into_iter().rev() {
                    self.rows.entry(id).or_default().after = after;
                }
                return Err(refusal);
            }
        }
        Ok(counts)
    }
}

/// Instants are kept to the millisecond.
pub(super) fn millis(at: Timestamp) -> Timestamp {
    at.trunc_subsecs(3)
}
