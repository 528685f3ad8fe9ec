use async_trait::async_trait;
use grantor_eventsourcing::{Envelope, Timestamp};
use grantor_store::Write;

/// Why an event was not handled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HandleError {
    /// It failed, and may not the next time: it is tried three times while the database answers.
    #[error("{0}")]
    Again(String),
    /// Somebody else who is needed does not answer, which is no event's fault: it is tried until
    /// they do, and what comes after it waits.
    #[error("{0}")]
    Away(String),
    /// It can never be handled: park its stream and go on. No payload in the text.
    #[error("{0}")]
    Poison(String),
}

/// Something that follows events.
///
/// Idempotent: the same event may come twice, and old ones may come again. Copies and lists
/// are so by their version; other effects put the event into the inbox
/// ([`Write::inbox`]).
#[async_trait]
pub trait Consumer: Send + Sync + 'static {
    /// Names its cursor; never changes.
    fn name(&self) -> &'static str;

    /// Whether it cares for events of this type.
    fn wants(&self, event_type: &str) -> bool;

    /// Shown the events of a batch, all of which it wants, before they are handled one by one: what
    /// they need can be looked up together. What is looked up here is no older than they are.
    async fn prepare(&self, _events: &[&Envelope]) {}

    /// What the event means here. The returned write is committed with the cursor.
    async fn handle(&self, event: &Envelope) -> Result<Write, HandleError>;

    /// Whether rows that it keeps or replaces may be written a little later, together with those of
    /// other events, as copies and lists are: it remembers by itself what it has returned.
    fn remembers_its_rows(&self) -> bool {
        false
    }

    /// Called whenever everything that the source had at an instant of real time has been handled.
    fn caught_up(&self, _source: &str, _at: Timestamp) {}
}
