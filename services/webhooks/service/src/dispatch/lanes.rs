//! What may be sent next: a lane for each endpoint with something to come, turns among tenants and
//! among their lanes, and limits on what is on its way.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

use grantor_eventsourcing::Timestamp;
use grantor_ids::{TenantId, WebhookId};
use grantor_store::Delivery;
use grantor_webhooks_domain::{Admission, Health};
use uuid::Uuid;

/// Deliveries of one endpoint that are in memory; the rest stays in the database.
pub(super) const MOST_LOADED: u32 = 64;
/// Calls on their way, in all and to endpoints that are slow.
const MOST_CALLS: usize = 256;
const MOST_SLOW: usize = 32;
/// A tenant's share of them while others wait, as one part of so many.
const SHARE: usize = 4;

/// One endpoint.
pub(super) struct Lane {
    pub tenant: TenantId,
    pub health: Health,
    /// Whether `health` was read.
    known: bool,
    queue: VecDeque<Delivery>,
    on_their_way: HashSet<Uuid>,
    /// There may be rows that are due and not in `queue`.
    more: bool,
    /// It is not to be called; whoever changes that changes its stream.
    pub stopped: bool,
    listed: bool,
    timer: Option<Timestamp>,
}

/// What to do next.
pub(super) enum Next {
    /// Read rows of this endpoint: so many, and for a probe also those that are not due.
    Load { tenant: TenantId, endpoint: WebhookId, limit: u32, probe: bool, health: bool },
    /// Send this; whether it counts as a call to a slow endpoint.
    Send(Box<Delivery>, bool),
    /// Nothing before this instant.
    Nothing(Option<Timestamp>),
}

#[derive(Default)]
struct Rotation {
    turns: VecDeque<TenantId>,
    ready: HashMap<TenantId, VecDeque<WebhookId>>,
    calls: usize,
}

impl Rotation {
    fn list(&mut self, tenant: TenantId, endpoint: WebhookId) {
        let lanes = self.ready.entry(tenant).or_default();
        if lanes.is_empty() {
            self.turns.push_back(tenant);
        }
        lanes.push_back(endpoint);
    }

    /// The next lane of this tenant; the tenant has its next turn after the others'.
    fn lane(&mut self, tenant: TenantId) -> Option<WebhookId> {
        let lanes = self.ready.get_mut(&tenant)?;
        let lane = lanes.pop_front();
        if lanes.is_empty() {
            self.ready.remove(&tenant);
        } else {
            self.turns.push_back(tenant);
        }
        lane
    }
}

/// All lanes.
#[derive(Default)]
pub(super) struct Lanes {
    lanes: HashMap<WebhookId, Lane>,
    fast: Rotation,
    slow: Rotation,
    calls_of: HashMap<TenantId, usize>,
    timers: BTreeSet<(Timestamp, WebhookId)>,
}

impl Lanes {
    /// Something may be due for this endpoint.
    pub fn touch(&mut self, tenant: TenantId, endpoint: WebhookId) {
        let lane = self.lanes.entry(endpoint).or_insert_with(|| Lane {
            tenant,
            health: Health::default(),
            known: false,
            queue: VecDeque::new(),
            on_their_way: HashSet::new(),
            more: false,
            stopped: false,
            listed: false,
            timer: None,
        });
        lane.more = true;
        self.list(endpoint);
    }

    /// Somebody changed endpoints: those that were stopped are looked at again.
    pub fn look_again(&mut self) {
        let stopped: Vec<_> = self.lanes.iter().filter(|(_, lane)| lane.stopped).map(|(id, _)| *id).collect();
        for endpoint in stopped {
            if let Some(lane) = self.lanes.get_mut(&endpoint) {
                (lane.stopped, lane.known, lane.more) = (false, false, true);
            }
            self.list(endpoint);
        }
    }

    pub fn get_mut(&mut self, endpoint: WebhookId) -> Option<&mut Lane> {
        self.lanes.get_mut(&endpoint)
    }

    /// Calls to fast and to slow endpoints that are on their way; lanes that are open and closed.
    pub fn counts(&self) -> (usize, usize, usize, usize) {
        let closed = self.lanes.values().filter(|lane| lane.health.lane != grantor_webhooks_domain::Lane::Open).count();
        (self.fast.calls, self.slow.calls, self.lanes.len() - closed, closed)
    }

    /// What was read for an endpoint, and when its next row is due.
    pub fn loaded(
        &mut self,
        endpoint: WebhookId,
        health: Option<Health>,
        rows: Vec<Delivery>,
        limit: u32,
        next_due: Option<Timestamp>,
    ) {
        let Some(lane) = self.lanes.get_mut(&endpoint) else { return };
        if let Some(health) = health {
            (lane.health, lane.known) = (health, true);
        }
        lane.more = rows.len() >= limit as usize;
        lane.queue = rows.into_iter().filter(|row| !lane.on_their_way.contains(&row.key.message)).collect();
        // All that was read is on its way: a call that ends asks again.
        lane.more &= !lane.queue.is_empty();
        if let Some(due) = next_due {
            self.set_timer(endpoint, due);
        }
        self.list(endpoint);
    }

    /// A call has ended, and what came of it is written; `due` is when it is to be made again.
    pub fn returned(&mut self, endpoint: WebhookId, message: Uuid, was_slow: bool, due: Option<Timestamp>) {
        let Some(lane) = self.lanes.get_mut(&endpoint) else { return };
        lane.on_their_way.remove(&message);
        let tenant = lane.tenant;
        lane.more = true;
        let rotation = if was_slow { &mut self.slow } else { &mut self.fast };
        rotation.calls = rotation.calls.saturating_sub(1);
        if let Some(calls) = self.calls_of.get_mut(&tenant) {
            *calls = calls.saturating_sub(1);
            if *calls == 0 {
                self.calls_of.remove(&tenant);
            }
        }
        if let Some(due) = due {
            self.set_timer(endpoint, due);
        }
        self.list(endpoint);
    }

    /// An endpoint is not to be called.
    pub fn stop(&mut self, endpoint: WebhookId) {
        if let Some(lane) = self.lanes.get_mut(&endpoint) {
            lane.stopped = true;
            lane.queue.clear();
        }
    }

    /// What to do next. A delivery that is handed out counts as on its way.
    pub fn next(&mut self, now: Timestamp) -> Next {
        while let Some((at, endpoint)) = self.timers.first().copied().filter(|(at, _)| *at <= now) {
            self.timers.remove(&(at, endpoint));
            if let Some(lane) = self.lanes.get_mut(&endpoint) {
                (lane.timer, lane.more) = (None, true);
            }
            self.list(endpoint);
        }
        for slow in [false, true] {
            if let Some(next) = self.next_of(slow, now) {
                return next;
            }
        }
        Next::Nothing(self.timers.first().map(|(at, _)| *at))
    }

    fn next_of(&mut self, slow: bool, now: Timestamp) -> Option<Next> {
        let mut passed = 0;
        loop {
            let (rotation, most) =
                if slow { (&mut self.slow, MOST_SLOW) } else { (&mut self.fast, MOST_CALLS - MOST_SLOW) };
            if rotation.calls >= most || passed > rotation.turns.len() {
                return None;
            }
            let tenant = rotation.turns.pop_front()?;
            if self.calls_of.get(&tenant).is_some_and(|calls| *calls >= MOST_CALLS / SHARE)
                && !rotation.turns.is_empty()
            {
                rotation.turns.push_back(tenant);
                passed += 1;
                continue;
            }
            let Some(endpoint) = rotation.lane(tenant) else { continue };
            if let Some(lane) = self.lanes.get_mut(&endpoint) {
                lane.listed = false;
            }
            if let Some(next) = self.of_lane(endpoint, slow, now) {
                return Some(next);
            }
        }
    }

    /// What an endpoint whose turn it is wants.
    fn of_lane(&mut self, endpoint: WebhookId, slow: bool, now: Timestamp) -> Option<Next> {
        let lane = self.lanes.get_mut(&endpoint)?;
        if lane.stopped {
            return None;
        }
        let (room, probe) = match lane.health.admits(now) {
            Admission::NotBefore(at) => {
                lane.queue.clear();
                self.set_timer(endpoint, at);
                return None;
            }
            Admission::Probe => (1, true),
            Admission::UpTo(limit) => (limit, false),
        };
        let busy = u32::try_from(lane.on_their_way.len()).unwrap_or(u32::MAX);
        if busy >= room {
            return None;
        }
        if !lane.known || (lane.queue.is_empty() && lane.more) {
            let limit = if probe { 1 } else { (2 * room).min(MOST_LOADED) } + busy;
            let (tenant, health) = (lane.tenant, !lane.known);
            return Some(Next::Load { tenant, endpoint, limit, probe, health });
        }
        let Some(delivery) = lane.queue.pop_front() else {
            if lane.on_their_way.is_empty() && lane.timer.is_none() {
                self.lanes.remove(&endpoint);
            }
            return None;
        };
        lane.on_their_way.insert(delivery.key.message);
        *self.calls_of.entry(lane.tenant).or_default() += 1;
        let rotation = if slow { &mut self.slow } else { &mut self.fast };
        rotation.calls += 1;
        self.list(endpoint);
        Some(Next::Send(Box::new(delivery), slow))
    }

    fn list(&mut self, endpoint: WebhookId) {
        let Some(lane) = self.lanes.get_mut(&endpoint).filter(|lane| !lane.listed && !lane.stopped) else { return };
        lane.listed = true;
        let rotation = if lane.health.is_slow() { &mut self.slow } else { &mut self.fast };
        rotation.list(lane.tenant, endpoint);
    }

    /// The earlier one counts.
    fn set_timer(&mut self, endpoint: WebhookId, at: Timestamp) {
        let Some(lane) = self.lanes.get_mut(&endpoint) else { return };
        if lane.timer.is_some_and(|known| known <= at) {
            return;
        }
        if let Some(known) = lane.timer.replace(at) {
            self.timers.remove(&(known, endpoint));
        }
        self.timers.insert((at, endpoint));
    }
}

#[cfg(test)]
#[path = "lanes_tests.rs"]
mod tests;
