use bytes::Bytes;
use grantor_ids::{ClientKey, EventId, OperatorId, TenantId, UserId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{AggregateType, Timestamp, Version};

/// Who caused an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Actor {
    /// An operator, over the admin API or the CLI.
    Operator(OperatorId),
    /// A user, in the browser.
    User(UserId),
    /// A client, authenticated at the token endpoint.
    Client(ClientKey),
    /// Somebody who has not said who they are, such as a visitor who signs up.
    Anonymous,
    /// Grantor itself: a timer, a consumer, a rule.
    System,
}

/// The circumstances of an event. No secret and no personal datum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// Who did it.
    pub actor: Actor,
    /// The event that this one answers, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<EventId>,
    /// Joins all that one request set off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation: Option<Uuid>,
    /// W3C `traceparent` of the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
}

impl Meta {
    /// Nothing but an actor.
    pub const fn by(actor: Actor) -> Self {
        Self { actor, cause: None, correlation: None, trace: None }
    }
}

/// A place in one service's log. Ordered by epoch, then transaction, then number.
///
/// Where a log has one writer (SQLite), the number alone is the place. Where many transactions
/// write at once (PostgreSQL), a record is read once every older transaction has ended, and the
/// order is that of the transactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Position {
    /// Counts the restorations of the database: transaction ids start again then.
    pub epoch: i16,
    /// The transaction that wrote it.
    pub txid: i64,
    /// Its number; unique in the log.
    pub seq: i64,
}

impl Position {
    /// Before the first record.
    pub const START: Self = Self::row(0);

    /// The place with this number in a log with one writer.
    pub const fn row(seq: i64) -> Self {
        Self { epoch: 0, txid: 0, seq }
    }

    /// Roughly how many records are between here and `head`; 0 only when there are none.
    pub fn behind(self, head: Self) -> u64 {
        if self >= head {
            return 0;
        }
        // Numbers are given out before transactions end, so a later place may have a lower one.
        u64::try_from(head.seq - self.seq).unwrap_or_default().max(1)
    }
}

/// One record of a log as it is stored, relayed and consumed.
#[derive(Debug, Clone, PartialEq)]
pub struct Envelope {
    /// Where it stands in the log of the service that owns it.
    pub position: Position,
    /// Unique for ever; a version 7 UUID.
    pub event_id: EventId,
    /// `domain.aggregate.past_tense`, as in `proto/CATALOGUE.md`.
    pub event_type: String,
    /// Version of the payload's schema.
    pub schema_version: u16,
    /// Whose it is.
    pub tenant: TenantId,
    /// The stream's type.
    pub aggregate_type: AggregateType,
    /// The stream's id.
    pub aggregate_id: Uuid,
    /// The event's place in its stream, from 1; 0 for a fact, which belongs to no stream.
    pub version: Version,
    /// By the tenant's clock, from the command.
    pub occurred_at: Timestamp,
    /// By the real clock, when it was written.
    pub recorded_at: Timestamp,
    /// Who, why, within what.
    pub meta: Meta,
    /// Protobuf, as `proto/` says for this type and schema version.
    pub payload: Bytes,
}
