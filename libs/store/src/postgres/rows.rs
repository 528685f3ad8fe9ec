//! What a change means for a keyed row: the same as on SQLite, where each is a statement.

use grantor_eventsourcing::Timestamp;
use uuid::Uuid;

use super::plan::millis;
use crate::{CommitError, OnTaken, RowChange};

/// A row as it was when it was locked; one that has expired is still there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LockedRow {
    pub aggregate: Option<Uuid>,
    pub revision: u64,
    pub expires_at: Option<Timestamp>,
}

/// A row as the batch leaves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RowAfter<'w> {
    pub row: LockedRow,
    /// `None` leaves the data as they are.
    pub data: Option<&'w [u8]>,
}

/// A row before and after the batch.
#[derive(Debug, Default)]
pub(super) struct RowSlot<'w> {
    pub before: Option<LockedRow>,
    pub after: Option<RowAfter<'w>>,
}

/// What a batch does to a row in the end.
pub(super) enum NetChange<'s, 'w> {
    Insert(&'s RowAfter<'w>),
    Update(&'s RowAfter<'w>),
    Delete,
}

impl<'w> RowSlot<'w> {
    pub fn there(row: LockedRow) -> Self {
        Self { before: Some(row.clone()), after: Some(RowAfter { row, data: None }) }
    }

    /// All changes of the batch taken together; `None` when nothing changes.
    pub fn net(&self) -> Option<NetChange<'_, 'w>> {
        match (&self.before, &self.after) {
            (None, None) => None,
            (None, Some(after)) => Some(NetChange::Insert(after)),
            (Some(_), None) => Some(NetChange::Delete),
            (Some(before), Some(after)) if after.data.is_none() && *before == after.row => None,
            (Some(_), Some(after)) => Some(NetChange::Update(after)),
        }
    }

    pub fn change(&mut self, change: &'w RowChange, now: Timestamp, counts: &mut Vec<u64>) -> Result<(), CommitError> {
        match change {
            RowChange::Insert { key, aggregate, data, expires_at, on_taken } => {
                let gives_way = |row: &LockedRow| *on_taken == OnTaken::Replace || row.has_expired(now);
                let revision = match &self.after {
                    None => 1,
                    Some(there) if gives_way(&there.row) => there.row.revision + 1,
                    Some(_) if *on_taken == OnTaken::Refuse => return Err(CommitError::Taken(key.kind)),
                    Some(_) => return Ok(()),
                };
                let row = LockedRow { aggregate: *aggregate, revision, expires_at: expires_at.map(millis) };
                self.after = Some(RowAfter { row, data: Some(data) });
            }
            RowChange::Update { expected, data, expires_at, .. } => {
                let there = self.after.as_mut().filter(|there| there.row.revision == *expected);
                let there = there.filter(|there| !there.row.has_expired(now)).ok_or(CommitError::Conflict)?;
                there.row.revision += 1;
                there.row.expires_at = expires_at.map(millis).or(there.row.expires_at);
                there.data = Some(data);
            }
            RowChange::Overwrite { data, .. } => {
                if let Some(there) = self.after.as_mut().filter(|there| !there.row.has_expired(now)) {
                    there.row.revision += 1;
                    there.data = Some(data);
                }
            }
            RowChange::Delete { expected, .. } => {
                let revision = self.after.as_ref().map(|there| there.row.revision);
                if expected.is_some() && revision != *expected {
                    return Err(CommitError::Conflict);
                }
                self.after = None;
            }
            RowChange::Count { expires_at, .. } => {
                let ends = Some(millis(*expires_at));
                match &mut self.after {
                    Some(there) if there.row.has_expired(now) => {
                        there.row.revision = 1;
                        there.row.expires_at = ends;
                    }
                    Some(there) => there.row.revision += 1,
                    None => {
                        let row = LockedRow { aggregate: None, revision: 1, expires_at: ends };
                        self.after = Some(RowAfter { row, data: Some(&[]) });
                    }
                }
                counts.extend(self.after.as_ref().map(|there| there.row.revision));
            }
            RowChange::Uncount { .. } => {
                if let Some(there) = &mut self.after {
                    there.row.revision = there.row.revision.saturating_sub(1);
                }
            }
        }
        Ok(())
    }
}

impl LockedRow {
    fn has_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}
