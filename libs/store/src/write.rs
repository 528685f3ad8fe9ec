use grantor_eventsourcing::{AggregateType, Encoded, Meta, Position, Revision, Timestamp, Version};
use grantor_ids::{EventId, TenantId};
use uuid::Uuid;

use crate::{DeliveryChange, NewMessage};

/// All that one command changes, in one commit.
///
/// Applied in the order of the fields. The whole is refused when the stream is not at
/// `expected`, or a row that must be new is taken, or a row to be replaced has changed.
#[derive(Debug, Default)]
pub struct Write {
    /// The stream's events and new state.
    pub stream: Option<StreamWrite>,
    /// Keyed rows.
    pub rows: Vec<RowChange>,
    /// Facts.
    pub facts: Vec<NewFact>,
    /// Copies of other services' state.
    pub copies: Vec<CopyChange>,
    /// List rows.
    pub lists: Vec<ListChange>,
    /// Work to do after the commit.
    pub tasks: Vec<TaskChange>,
    /// What others are to be told. One that is there already stays as it is.
    pub messages: Vec<NewMessage>,
    /// To whom, and what came of it.
    pub deliveries: Vec<DeliveryChange>,
    /// Marks an event as handled; the whole write is dropped when it was handled before.
    pub inbox: Option<(&'static str, Uuid)>,
    /// Where a reader stands now.
    pub cursor: Option<CursorMove>,
    /// Values of the file itself.
    pub meta: Vec<(&'static str, Vec<u8>)>,
    /// An event its consumer could not handle: consumer, source, position, stream, reason.
    pub park: Option<(&'static str, String, Position, Uuid, String)>,
}

/// One stream's part of a write.
#[derive(Debug)]
pub struct StreamWrite {
    /// Whose.
    pub tenant: TenantId,
    /// The stream's type.
    pub kind: AggregateType,
    /// The stream's id.
    pub id: Uuid,
    /// The revision that was read; 0 when there was no row.
    pub expected: Revision,
    /// The version that was read.
    pub version: Version,
    /// What happened; may be empty when only operational state changes.
    pub events: Vec<NewEvent>,
    /// The state after it, JSON.
    pub state: Vec<u8>,
}

/// An event on its way in.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// Fresh.
    pub id: EventId,
    /// Type, schema version, payload.
    pub encoded: Encoded,
    /// By the tenant's clock.
    pub occurred_at: Timestamp,
    /// Who, why.
    pub meta: Meta,
}

/// A high-volume event that no aggregate replays.
#[derive(Debug, Clone)]
pub struct NewFact {
    /// Whose.
    pub tenant: TenantId,
    /// The stream it speaks of.
    pub kind: AggregateType,
    /// The stream it speaks of.
    pub aggregate: Uuid,
    /// The record itself.
    pub event: NewEvent,
}

/// Names a keyed row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowKey {
    /// Whose.
    pub tenant: TenantId,
    /// What kind of row.
    pub kind: &'static str,
    /// The key; a hash where the key is a secret or a personal datum.
    pub key: Vec<u8>,
}

impl RowKey {
    /// Names a row.
    pub fn new(tenant: TenantId, kind: &'static str, key: impl Into<Vec<u8>>) -> Self {
        Self { tenant, kind, key: key.into() }
    }
}

/// What to do when a row to insert is there already. An expired row never counts as there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnTaken {
    /// Refuse the whole write.
    Refuse,
    /// Replace it.
    Replace,
    /// Leave it.
    Keep,
}

/// A change of one keyed row.
#[derive(Debug)]
pub enum RowChange {
    /// A row.
    Insert {
        /// Which.
        key: RowKey,
        /// The stream it leads to.
        aggregate: Option<Uuid>,
        /// What belongs to this key; never a secret in clear.
        data: Vec<u8>,
        /// Gone after this instant of real time.
        expires_at: Option<Timestamp>,
        /// If it is there.
        on_taken: OnTaken,
    },
    /// New data for a row that is still there and at the revision that was read.
    Update {
        /// Which.
        key: RowKey,
        /// The revision that was read.
        expected: Revision,
        /// The new data.
        data: Vec<u8>,
        /// A new end, if it changes.
        expires_at: Option<Timestamp>,
    },
    /// New data for a row that is there, at whatever revision; no effect without one. So what is kept of
    /// a thing never outlives it.
    Overwrite {
        /// Which.
        key: RowKey,
        /// The new data.
        data: Vec<u8>,
    },
    /// Away with a row that is still at the revision that was read (any, when `None`).
    Delete {
        /// Which.
        key: RowKey,
        /// The revision that was read.
        expected: Option<Revision>,
    },
    /// Counts: the revision goes up by one; from one again once it has expired. The new
    /// count is in [`Committed::counts`].
    Count {
        /// Which.
        key: RowKey,
        /// When a count that starts now ends.
        expires_at: Timestamp,
    },
    /// Takes one count back.
    Uncount {
        /// Which.
        key: RowKey,
    },
}

impl RowChange {
    /// Which row it changes.
    pub(crate) const fn key(&self) -> &RowKey {
        match self {
            Self::Insert { key, .. }
            | Self::Update { key, .. }
            | Self::Overwrite { key, .. }
            | Self::Delete { key, .. }
            | Self::Count { key, .. }
            | Self::Uncount { key } => key,
        }
    }
}

/// A copy of another service's state; kept when the one there is newer.
#[derive(Debug)]
pub struct CopyChange {
    /// Whose.
    pub tenant: TenantId,
    /// What it is a copy of.
    pub kind: &'static str,
    /// Its key there.
    pub key: String,
    /// The source's version.
    pub version: Version,
    /// The copy, JSON; `None` when the source is gone.
    pub data: Option<Vec<u8>>,
}

/// A change of a list row; kept when the one there is newer.
#[derive(Debug)]
pub enum ListChange {
    /// Insert or replace.
    Put {
        /// Whose.
        tenant: TenantId,
        /// Which list.
        list: &'static str,
        /// Whose list within the tenant; empty when it has no owner.
        owner: String,
        /// Sorted by this, ascending.
        sort: String,
        /// Unique within the list.
        id: String,
        /// The source's version.
        version: Version,
        /// The item, JSON.
        data: Vec<u8>,
    },
    /// Remove.
    Remove {
        /// Whose.
        tenant: TenantId,
        /// Which list.
        list: &'static str,
        /// Unique within the list.
        id: String,
    },
}

/// Work to do after a commit, at least once.
#[derive(Debug)]
pub struct NewTask {
    /// Fresh.
    pub id: Uuid,
    /// Whose.
    pub tenant: TenantId,
    /// Who does it.
    pub kind: &'static str,
    /// What to do; sealed where it holds a secret or a personal datum.
    pub data: Vec<u8>,
    /// Not before this instant of real time.
    pub due_at: Timestamp,
}

/// A change of the work to do.
#[derive(Debug)]
pub enum TaskChange {
    /// More.
    Add(NewTask),
    /// Done, or given up.
    Done(Uuid),
    /// Failed: again at this instant of real time.
    Later(Uuid, Timestamp),
    /// Whatever waits of this kind at this tenant is due at this instant, unless it is already:
    /// the tenant's clock was moved.
    AllDue {
        /// Whose.
        tenant: TenantId,
        /// Which work.
        kind: &'static str,
        /// The instant of real time.
        due_at: Timestamp,
    },
}

/// Where a reader stands.
#[derive(Debug, Clone)]
pub struct CursorMove {
    /// Which reader.
    pub reader: &'static str,
    /// Of whose log.
    pub source: String,
    /// Up to and including this record.
    pub position: Position,
    /// Only while this lead lasts; the whole write is refused ([`crate::CommitError::Conflict`])
    /// once another process leads.
    pub leader: Option<Leader>,
}

/// Proof of a lead, for writes that only a leader may make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leader {
    /// What is led.
    pub name: &'static str,
    /// Which lead it is; every new one has a higher number.
    pub epoch: i64,
}

/// A write that is durable.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Committed {
    /// Position of its last event, or else of the log's last event.
    pub position: Position,
    /// The new counts of its [`RowChange::Count`]s, in order.
    pub counts: Vec<u64>,
}
