//! One endpoint: what is in memory of what it is to be told.

use std::collections::{HashMap, VecDeque};

use grantor_eventsourcing::Timestamp;
use grantor_ids::TenantId;
use grantor_store::Delivery;
use grantor_webhooks_domain::{Admission, Bucket, Health, Rate};
use uuid::Uuid;

use super::pools::Pool;

/// Deliveries in memory: of those that were read, and of those that came a moment ago; the rest stays in
/// the database.
pub(super) const MOST_READ: u32 = 32;
pub(super) const MOST_FRESH: usize = 32;
/// Of so many calls one is for what has waited, while there is something new as well.
const ONE_OF: u8 = 5;

/// A call on its way.
pub(super) struct Call {
    pub pool: Pool,
    pub since: Timestamp,
    /// It was not slow when it began.
    pub late: bool,
}

/// One endpoint.
pub(super) struct Lane {
    pub tenant: TenantId,
    pub health: Health,
    /// Whether `health` was read.
    pub known: bool,
    /// Read from the database, in its order.
    read: VecDeque<Delivery>,
    /// Written a moment ago.
    fresh: VecDeque<Delivery>,
    pub on_their_way: HashMap<Uuid, Call>,
    /// Of these, those that take long.
    pub late: usize,
    /// There may be rows that are due and not in memory.
    pub more: bool,
    /// It is not to be called; whoever changes that changes its stream.
    pub stopped: bool,
    pub listed: bool,
    pub timer: Option<Timestamp>,
    /// When it may be called again, as far as its limit is concerned.
    pub paced: Option<Timestamp>,
    /// How fast it is called, and how often endpoints had been changed when that was asked.
    pub rate: Option<Rate>,
    pub asked: Option<u64>,
    bucket: Option<Bucket>,
    taken: u8,
}

impl Lane {
    pub fn of(tenant: TenantId) -> Self {
        Self {
            tenant,
            health: Health::default(),
            known: false,
            read: VecDeque::new(),
            fresh: VecDeque::new(),
            on_their_way: HashMap::new(),
            late: 0,
            more: true,
            stopped: false,
            listed: false,
            timer: None,
            paced: None,
            rate: None,
            asked: None,
            bucket: None,
            taken: 0,
        }
    }

    pub fn pool(&self) -> Pool {
        if self.late > 0 || self.health.is_slow() {
            Pool::Slow
        } else if self.health.is_well() {
            Pool::Well
        } else {
            Pool::New
        }
    }

    /// Nothing is to come that anybody knows of.
    pub fn is_idle(&self) -> bool {
        let empty = self.read.is_empty() && self.fresh.is_empty() && self.on_their_way.is_empty();
        empty && !self.more && !self.stopped && !self.listed && self.timer.is_none()
    }

    /// A row that was written a moment ago and is due. Without room for it, it stays in the database.
    pub fn offer(&mut self, delivery: Delivery, now: Timestamp) {
        let open = self.known && !self.stopped && matches!(self.health.admits(now), Admission::UpTo(_));
        if !open || self.fresh.len() >= MOST_FRESH {
            self.more = true;
        } else if !self.has(delivery.key.message) {
            let behind_urgent = || self.fresh.iter().position(|other| !other.urgent);
            let at = if delivery.urgent { behind_urgent() } else { None };
            self.fresh.insert(at.unwrap_or(self.fresh.len()), delivery);
        }
    }

    /// Rows that were read; there may be more when there were as many as were wanted.
    pub fn loaded(&mut self, rows: Vec<Delivery>, limit: u32) {
        self.more = rows.len() >= limit as usize;
        self.read = VecDeque::new();
        self.read = rows.into_iter().filter(|row| !self.has(row.key.message)).collect();
    }

    /// How many rows are to be read so that some are not in memory already, if any are to be.
    pub fn wants(&self, room: u32, probe: bool) -> Option<u32> {
        if self.known && !(self.more && self.read.is_empty()) {
            return None;
        }
        let in_memory = u32::try_from(self.on_their_way.len() + self.fresh.len()).unwrap_or(u32::MAX);
        Some(if probe { 1 } else { (2 * room).min(MOST_READ) }.saturating_add(in_memory))
    }

    fn has(&self, message: Uuid) -> bool {
        let waits = |queue: &VecDeque<Delivery>| queue.iter().any(|waiting| waiting.key.message == message);
        self.on_their_way.contains_key(&message) || waits(&self.fresh) || waits(&self.read)
    }

    /// The next: urgent ones first. New ones are not to wait until all that has waited is gone, and that
    /// is not to wait for ever: four of five calls are for the new.
    pub fn take(&mut self) -> Option<Delivery> {
        let fresh = match (self.fresh.front(), self.read.front()) {
            (None, _) => false,
            (_, None) => true,
            (Some(fresh), Some(read)) if fresh.urgent != read.urgent => fresh.urgent,
            _ => {
                self.taken = (self.taken + 1) % ONE_OF;
                self.taken != 0
            }
        };
        let queue = if fresh { &mut self.fresh } else { &mut self.read };
        let next = queue.pop_front();
        // There are many lanes, and most are empty most of the time: those hold no memory.
        if queue.is_empty() {
            *queue = VecDeque::new();
        }
        next
    }

    /// When the next call may be made, if there is one to be made and its limit forbids it now.
    pub fn not_before(&mut self, now: Timestamp) -> Option<Timestamp> {
        let rate = self.rate.filter(|_| !(self.read.is_empty() && self.fresh.is_empty()))?;
        let next = self.bucket.get_or_insert_with(|| Bucket::fresh(now)).next_at(rate, now);
        (next > now).then_some(next)
    }

    /// A call is made.
    pub fn begins(&mut self, message: Uuid, call: Call) {
        if let (Some(rate), Some(bucket)) = (self.rate, self.bucket.as_mut()) {
            bucket.take(rate, call.since);
        }
        self.on_their_way.insert(message, call);
    }

    /// What is in memory stays in the database, for later.
    pub fn let_go(&mut self) {
        (self.read, self.fresh, self.more) = (VecDeque::new(), VecDeque::new(), true);
    }

    /// How much is in memory.
    #[cfg(test)]
    pub fn in_memory(&self) -> usize {
        self.read.len() + self.fresh.len()
    }
}
