//! What is told to others: messages, one delivery of each to each who hears it, every attempt.
//!
//! The rows are the truth; whoever makes the deliveries keeps no more than a cache of them. One
//! process makes them at a time, by its lead ([`crate::Store::try_lead`]): its writes carry the
//! lead, so that one who has lost it changes nothing.

use async_trait::async_trait;
use bytes::Bytes;
use grantor_eventsourcing::Timestamp;
use grantor_ids::TenantId;
use tokio::sync::watch;
use uuid::Uuid;

use crate::{Store, StoreError};

/// A message in one form, as it is sent: byte for byte, as often as it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// Its id; the same event has the same for ever.
    pub id: Uuid,
    /// In which form; one message may have several.
    pub form: &'static str,
    /// Whose.
    pub tenant: TenantId,
    /// What it tells of.
    pub event_type: String,
    /// W3C trace context of what made it.
    pub trace: Option<String>,
    /// The bytes.
    pub body: Vec<u8>,
    /// Gone after this instant of real time.
    pub expires_at: Timestamp,
}

/// How far a delivery is. The number is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivered {
    /// It is to be made.
    NotYet = 0,
    /// It has arrived.
    Arrived = 1,
    /// It was given up.
    GivenUp = 2,
}

impl Delivered {
    pub(crate) const fn code(self) -> i16 {
        self as i16
    }

    pub(crate) const fn of_code(code: i16) -> Self {
        match code {
            0 => Self::NotYet,
            1 => Self::Arrived,
            _ => Self::GivenUp,
        }
    }
}

/// Names a delivery: one message to one endpoint, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeliveryKey {
    /// To whom.
    pub endpoint: Uuid,
    /// What.
    pub message: Uuid,
}

/// A delivery to be. One that is there already stays as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDelivery {
    /// Which.
    pub key: DeliveryKey,
    /// Whose.
    pub tenant: TenantId,
    /// In which form the message is sent.
    pub form: &'static str,
    /// What it tells of.
    pub event_type: String,
    /// When that happened.
    pub occurred_at: Timestamp,
    /// Whether it goes before others.
    pub urgent: bool,
    /// How far it is.
    pub state: Delivered,
    /// Why it is made, such as `schedule`.
    pub why: &'static str,
    /// Not before this instant of real time.
    pub due_at: Timestamp,
}

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempted {
    /// Of which delivery.
    pub key: DeliveryKey,
    /// How far it is now.
    pub state: Delivered,
    /// When it is due again, if it is not yet made.
    pub due_at: Timestamp,
    /// How many steps of its schedule are behind it; an attempt need not be one.
    pub tries: u32,
    /// Why it was made, such as `schedule`.
    pub why: String,
    /// When it began, by real time.
    pub started_at: Timestamp,
    /// How long it took.
    pub duration_ms: u32,
    /// Status of the answer.
    pub status: Option<u16>,
    /// What was wrong, as a word.
    pub error: Option<&'static str>,
    /// More of it, JSON.
    pub details: Vec<u8>,
}

/// Whether one of these is a delivery more.
pub(crate) fn adds(changes: &[DeliveryChange]) -> bool {
    changes.iter().any(|change| matches!(change, DeliveryChange::Add(_)))
}

/// A change of deliveries. Never refused.
#[derive(Debug, Clone)]
pub enum DeliveryChange {
    /// One more.
    Add(NewDelivery),
    /// One was tried. No effect when it is not there any more.
    Attempted(Box<Attempted>),
    /// One is to be made again, whatever became of it; its schedule begins anew.
    Again {
        /// Which.
        key: DeliveryKey,
        /// Why, such as `resend`.
        why: &'static str,
        /// Not before this instant of real time.
        due_at: Timestamp,
    },
    /// One is not to be made after all, without an attempt.
    GiveUp {
        /// Which.
        key: DeliveryKey,
        /// Why, as a word.
        error: &'static str,
    },
}

/// A delivery as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Counts deliveries, newest last.
    pub seq: i64,
    /// Which.
    pub key: DeliveryKey,
    /// Whose.
    pub tenant: TenantId,
    /// In which form the message is sent.
    pub form: String,
    /// What it tells of.
    pub event_type: String,
    /// When that happened.
    pub occurred_at: Timestamp,
    /// When it became known here, by real time.
    pub created_at: Timestamp,
    /// Whether it goes before others.
    pub urgent: bool,
    /// How far it is.
    pub state: Delivered,
    /// Why it is made.
    pub why: String,
    /// How often it was tried.
    pub attempts: u32,
    /// How many steps of its schedule are behind it.
    pub tries: u32,
    /// Not before this instant of real time.
    pub due_at: Timestamp,
    /// When it was tried last.
    pub last_at: Option<Timestamp>,
    /// Status of the last answer.
    pub last_status: Option<u16>,
    /// What was wrong with the last attempt.
    pub last_error: Option<String>,
}

/// A message in one form, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its id.
    pub id: Uuid,
    /// Its form.
    pub form: String,
    /// W3C trace context of what made it.
    pub trace: Option<String>,
    /// The bytes.
    pub body: Bytes,
}

/// An attempt as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Which of its delivery, from 1.
    pub number: u32,
    /// Why it was made.
    pub why: String,
    /// When it began, by real time.
    pub started_at: Timestamp,
    /// How long it took.
    pub duration_ms: u32,
    /// Status of the answer.
    pub status: Option<u16>,
    /// What was wrong, as a word.
    pub error: Option<String>,
    /// More of it, JSON.
    pub details: Vec<u8>,
}

/// Which deliveries of an endpoint, newest first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DeliveryQuery {
    /// Only those that are so far.
    pub state: Option<Delivered>,
    /// Only those of what happened then or later.
    pub since: Option<Timestamp>,
    /// Only those of what happened before that.
    pub until: Option<Timestamp>,
    /// Only those older than this [`Delivery::seq`].
    pub before: Option<i64>,
    /// So many at most.
    pub limit: u32,
}

/// What an engine answers about deliveries.
#[async_trait]
pub(crate) trait Deliveries: Send + Sync + 'static {
    fn follow_deliveries(&self) -> watch::Receiver<u64>;
    async fn newest_delivery(&self) -> Result<i64, StoreError>;
    async fn newer_deliveries(&self, after: i64, limit: u32) -> Result<Vec<Delivery>, StoreError>;
    async fn waiting_endpoints(&self, after: Uuid, limit: u32) -> Result<Vec<(TenantId, Uuid)>, StoreError>;
    async fn due_deliveries(
        &self,
        endpoint: Uuid,
        now: Timestamp,
        untried_since: Option<Timestamp>,
        limit: u32,
    ) -> Result<(Vec<Delivery>, Option<Timestamp>), StoreError>;
    async fn messages(&self, keys: Vec<(Uuid, String)>) -> Result<Vec<Message>, StoreError>;
    async fn deliveries(&self, endpoint: Uuid, wanted: DeliveryQuery) -> Result<Vec<Delivery>, StoreError>;
    async fn delivery(&self, key: DeliveryKey) -> Result<Option<Delivery>, StoreError>;
    async fn attempts(&self, key: DeliveryKey) -> Result<Vec<Attempt>, StoreError>;
    async fn count_waiting(&self, endpoint: Uuid, most: u32) -> Result<u64, StoreError>;
}

impl Store {
    /// Says "changed" whenever deliveries were added here.
    pub fn follow_deliveries(&self) -> watch::Receiver<u64> {
        self.backend.follow_deliveries()
    }

    /// The number of the newest delivery; 0 without any.
    pub async fn newest_delivery(&self) -> Result<i64, StoreError> {
        self.backend.newest_delivery().await
    }

    /// Deliveries after a number, oldest first, however far they are. On PostgreSQL one whose transaction
    /// was slow may come up behind: [`Store::waiting_endpoints`] finds it.
    pub async fn newer_deliveries(&self, after: i64, limit: u32) -> Result<Vec<Delivery>, StoreError> {
        self.backend.newer_deliveries(after, limit).await
    }

    /// Endpoints after this one that have deliveries to be made; as fast however many each has.
    pub async fn waiting_endpoints(&self, after: Uuid, limit: u32) -> Result<Vec<(TenantId, Uuid)>, StoreError> {
        self.backend.waiting_endpoints(after, limit).await
    }

    /// An endpoint's deliveries that are due, urgent ones first, then by when they are due; and when the
    /// next is that is not due yet. With `untried_since` those count as due, too, that have been there and
    /// were not tried since then.
    pub async fn due_deliveries(
        &self,
        endpoint: Uuid,
        now: Timestamp,
        untried_since: Option<Timestamp>,
        limit: u32,
    ) -> Result<(Vec<Delivery>, Option<Timestamp>), StoreError> {
        self.backend.due_deliveries(endpoint, now, untried_since, limit).await
    }

    /// Messages by id and form; those that are gone are left out.
    pub async fn messages(&self, keys: Vec<(Uuid, String)>) -> Result<Vec<Message>, StoreError> {
        self.backend.messages(keys).await
    }

    /// An endpoint's deliveries, newest first.
    pub async fn deliveries(&self, endpoint: Uuid, wanted: DeliveryQuery) -> Result<Vec<Delivery>, StoreError> {
        self.backend.deliveries(endpoint, wanted).await
    }

    /// One delivery.
    pub async fn delivery(&self, key: DeliveryKey) -> Result<Option<Delivery>, StoreError> {
        self.backend.delivery(key).await
    }

    /// The attempts of a delivery, oldest first.
    pub async fn attempts(&self, key: DeliveryKey) -> Result<Vec<Attempt>, StoreError> {
        self.backend.attempts(key).await
    }

    /// How many deliveries an endpoint waits for; counts no further than `most`.
    pub async fn count_waiting(&self, endpoint: Uuid, most: u32) -> Result<u64, StoreError> {
        self.backend.count_waiting(endpoint, most).await
    }
}
