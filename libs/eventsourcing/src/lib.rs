//! The words of event sourcing: decisions, aggregates, versions, envelopes. Pure.
//!
//! A rule is `decide(&State, &Command) -> Decision`; a state is the fold of its events.
//! Time, randomness and whatever else a rule needs are in the command.

mod codec;
mod decision;
mod envelope;

pub use codec::{Codec, DecodeError, Encoded};
pub use decision::{Aggregate, Decision, fold};
pub use envelope::{Actor, Envelope, Meta, Position};

/// An instant of the tenant's clock, in UTC, kept to the millisecond.
pub type Timestamp = chrono::DateTime<chrono::Utc>;

/// Counts the events of one stream, from 1.
pub type Version = u32;

/// Counts the writes of one stream, from 1; 0 means "not there yet". Writes that carry no
/// event (operational state, such as a refresh generation) raise it too.
pub type Revision = u64;

/// The kind of a stream. The number is stored; it is never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[repr(i16)]
pub enum AggregateType {
    /// Registry: a tenant and its profile.
    Tenant = 1,
    /// Registry: a client.
    Client = 2,
    /// Directory: a user.
    User = 10,
    /// Directory: an account and who may act for it.
    Account = 11,
    /// Authorization: a browser session.
    Session = 20,
    /// Authorization: what a user agreed to for a client.
    Consent = 21,
    /// Authorization: one use of the widget.
    Flow = 22,
    /// Token: one approval with its code, refresh family and tokens.
    Grant = 30,
    /// Token: a signing key.
    SigningKey = 31,
    /// Webhooks: an endpoint that is told what happens.
    WebhookEndpoint = 40,
    /// Console: an operator.
    Operator = 50,
}

impl AggregateType {
    /// Every type, for enumerating tests.
    pub const ALL: [Self; 11] = [
        Self::Tenant,
        Self::Client,
        Self::User,
        Self::Account,
        Self::Session,
        Self::Consent,
        Self::Flow,
        Self::Grant,
        Self::SigningKey,
        Self::WebhookEndpoint,
        Self::Operator,
    ];

    /// The stored number.
    pub const fn code(self) -> i16 {
        self as i16
    }

    /// The type with this stored number.
    pub fn from_code(code: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}
