//! What may be sent next: a lane for each endpoint with something to come, turns among tenants and
//! among their lanes, and limits on what is on its way.

use std::collections::{HashMap, VecDeque};

use chrono::TimeDelta;
use grantor_eventsourcing::Timestamp;
use grantor_ids::{TenantId, WebhookId};
use grantor_store::{Delivered, Delivery};
use grantor_webhooks_domain::{Admission, Health, Rate};
use uuid::Uuid;

use super::{
    lane::{Call, Lane},
    pools::{Pool, Pools},
    timers::Timers,
};

/// A call that takes longer counts as slow, before it has ended.
const LONG: TimeDelta = TimeDelta::seconds(2);
/// Calls that there is room for, as long as nothing is known of an endpoint.
const FIRST_ROOM: u32 = 4;
/// Lanes that are kept though nothing is to come, as how they do need not be read again then.
const MOST_IDLE: usize = 10_000;

/// Rows that are to be read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Load {
    pub tenant: TenantId,
    pub endpoint: WebhookId,
    /// So many; none for 0, when only how fast it is called is to be known.
    pub limit: u32,
    /// Those that are not due, too.
    pub probe: bool,
    /// Those that were not tried since then, too.
    pub untried_since: Option<Timestamp>,
    /// And how the endpoint does.
    pub health: bool,
    /// How often endpoints have been changed.
    pub changes: u64,
}

/// What was read.
#[derive(Default)]
pub(super) struct Loaded {
    /// How the endpoint does, if that was asked.
    pub health: Option<Health>,
    /// How fast it is called.
    pub rate: Option<Rate>,
    /// Rows that were asked for.
    pub rows: Vec<Delivery>,
    /// When the next row is due.
    pub next_due: Option<Timestamp>,
    /// What has to be known to call it could not be read; not before this, then.
    pub not_before: Option<Timestamp>,
}

/// What to do next.
pub(super) enum Next {
    /// Read rows.
    Load(Load),
    /// Send this.
    Send(Box<Delivery>),
    /// Nothing before this instant.
    Nothing(Option<Timestamp>),
}

/// All lanes.
#[derive(Default)]
pub(super) struct Lanes {
    lanes: HashMap<WebhookId, Lane>,
    /// Nothing was read of these yet.
    unknown: VecDeque<WebhookId>,
    pools: Pools,
    timers: Timers,
    /// Of lanes that wait because of their limits.
    paced: Timers,
    /// How often endpoints have been changed.
    changes: u64,
    /// Calls by when they began, that were not slow then.
    begun: VecDeque<(Timestamp, WebhookId, Uuid)>,
}

impl Lanes {
    /// Something may be due for this endpoint.
    pub fn touch(&mut self, tenant: TenantId, endpoint: WebhookId) {
        self.lanes.entry(endpoint).or_insert_with(|| Lane::of(tenant)).more = true;
        self.list(endpoint);
    }

    /// A row that was written a moment ago.
    pub fn offer(&mut self, delivery: Delivery, now: Timestamp) {
        if delivery.state != Delivered::NotYet {
            return;
        }
        let endpoint = WebhookId::from_uuid(delivery.key.endpoint);
        let lane = self.lanes.entry(endpoint).or_insert_with(|| Lane::of(delivery.tenant));
        if delivery.due_at > now {
            self.set_timer(endpoint, delivery.due_at);
        } else {
            lane.offer(delivery, now);
        }
        self.list(endpoint);
    }

    /// Somebody changed endpoints: those that were stopped are looked at again, and limits are asked for.
    pub fn look_again(&mut self) {
        self.changes += 1;
        self.paced.lanes().into_iter().for_each(|endpoint| self.list(endpoint));
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

    /// Calls to quick and to slow endpoints that are on their way; lanes with something to come that are
    /// open, and closed ones. Looks at all of them.
    pub fn counts(&self) -> (usize, usize, usize, usize) {
        let waiting = self.lanes.values().filter(|lane| !lane.is_idle());
        let (mut open, mut closed) = (0, 0);
        waiting.for_each(|lane| match lane.health.lane {
            grantor_webhooks_domain::Lane::Open => open += 1,
            grantor_webhooks_domain::Lane::Closed { .. } => closed += 1,
        });
        let (quick, slow) = self.pools.calls();
        (quick, slow, open, closed)
    }

    /// With many lanes, those go for which nothing is to come.
    pub fn forget_idle(&mut self) {
        if self.lanes.len() > MOST_IDLE {
            self.lanes.retain(|_, lane| !lane.is_idle());
        }
    }

    /// What was read for an endpoint.
    pub fn loaded(&mut self, load: Load, read: Loaded) {
        let Some(lane) = self.lanes.get_mut(&load.endpoint) else { return };
        if let Some(health) = read.health {
            (lane.health, lane.known) = (health, true);
        }
        (lane.rate, lane.asked) = (read.rate, read.not_before.is_none().then_some(load.changes));
        lane.health.paused_until = lane.health.paused_until.max(read.not_before);
        if load.limit > 0 {
            if !load.probe && read.rows.len() < load.limit as usize {
                lane.health.caught_up();
            }
            lane.loaded(read.rows, load.limit);
        }
        if let Some(due) = read.next_due {
            self.set_timer(load.endpoint, due);
        }
        self.list(load.endpoint);
    }

    /// A call has ended, and what came of it is written; `due` is when it is to be made again.
    pub fn returned(&mut self, endpoint: WebhookId, message: Uuid, due: Option<Timestamp>) {
        let Some(lane) = self.lanes.get_mut(&endpoint) else { return };
        if let Some(call) = lane.on_their_way.remove(&message) {
            self.pools.ends(call.pool, lane.tenant);
            lane.late -= usize::from(call.late);
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
            lane.let_go();
        }
    }

    /// What to do next. A delivery that is handed out counts as on its way.
    pub fn next(&mut self, now: Timestamp) -> Next {
        while let Some(endpoint) = self.timers.due(now) {
            if let Some(lane) = self.lanes.get_mut(&endpoint) {
                (lane.timer, lane.more) = (None, true);
            }
            self.list(endpoint);
        }
        while let Some(endpoint) = self.paced.due(now) {
            if let Some(lane) = self.lanes.get_mut(&endpoint) {
                lane.paced = None;
            }
            self.list(endpoint);
        }
        self.find_late(now);
        while let Some(endpoint) = self.unknown.pop_front() {
            let Some(lane) = self.lanes.get_mut(&endpoint) else { continue };
            lane.listed = false;
            if let (false, Some(limit)) = (lane.stopped, lane.wants(FIRST_ROOM, false)) {
                let (tenant, changes) = (lane.tenant, self.changes);
                return Next::Load(Load {
                    tenant,
                    endpoint,
                    limit,
                    probe: false,
                    untried_since: None,
                    health: true,
                    changes,
                });
            }
        }
        for pool in Pool::ALL {
            while let Some(endpoint) = self.pools.next(pool) {
                if let Some(next) = self.of_lane(endpoint, pool, now) {
                    return next;
                }
            }
        }
        Next::Nothing(self.timers.first().into_iter().chain(self.paced.first()).min())
    }

    /// Calls that have been on their way for long take nothing from others any more.
    fn find_late(&mut self, now: Timestamp) {
        while let Some((_, endpoint, message)) = self.begun.front().copied().filter(|(at, ..)| *at + LONG <= now) {
            self.begun.pop_front();
            let Some(lane) = self.lanes.get_mut(&endpoint) else { continue };
            let Some(call) = lane.on_their_way.get_mut(&message).filter(|call| call.since + LONG <= now) else {
                continue;
            };
            if call.pool != Pool::Slow {
                self.pools.ends(call.pool, lane.tenant);
                self.pools.begins(Pool::Slow, lane.tenant);
                (call.pool, call.late) = (Pool::Slow, true);
                lane.late += 1;
            }
        }
    }

    /// What an endpoint whose turn it is wants.
    fn of_lane(&mut self, endpoint: WebhookId, pool: Pool, now: Timestamp) -> Option<Next> {
        let lane = self.lanes.get_mut(&endpoint)?;
        lane.listed = false;
        if lane.stopped {
            return None;
        }
        if !lane.known || lane.pool() != pool {
            self.list(endpoint);
            return None;
        }
        let (room, probe) = match lane.health.admits(now) {
            Admission::NotBefore(at) => {
                lane.let_go();
                self.set_timer(endpoint, at);
                return None;
            }
            Admission::Probe => (1, true),
            Admission::UpTo(limit) => (limit, false),
        };
        if lane.on_their_way.len() >= room as usize {
            return None;
        }
        let (limit, changes) = (lane.wants(room, probe), self.changes);
        if limit.is_some() || lane.asked != Some(changes) {
            let (tenant, untried_since, limit) = (lane.tenant, lane.health.untried_since(), limit.unwrap_or(0));
            return Some(Next::Load(Load { tenant, endpoint, limit, probe, untried_since, health: false, changes }));
        }
        if let Some(at) = lane.not_before(now) {
            self.paced.set(endpoint, &mut lane.paced, at);
            return None;
        }
        let delivery = lane.take()?;
        let message = delivery.key.message;
        lane.begins(message, Call { pool, since: now, late: false });
        self.pools.begins(pool, lane.tenant);
        if pool != Pool::Slow {
            self.begun.push_back((now, endpoint, message));
        }
        self.list(endpoint);
        Some(Next::Send(Box::new(delivery)))
    }

    fn list(&mut self, endpoint: WebhookId) {
        let Some(lane) = self.lanes.get_mut(&endpoint).filter(|lane| !lane.listed && !lane.stopped) else { return };
        lane.listed = true;
        if lane.known {
            self.pools.list(lane.pool(), lane.tenant, endpoint);
        } else {
            self.unknown.push_back(endpoint);
        }
    }

    fn set_timer(&mut self, endpoint: WebhookId, at: Timestamp) {
        if let Some(lane) = self.lanes.get_mut(&endpoint) {
            self.timers.set(endpoint, &mut lane.timer, at);
        }
    }
}

#[cfg(test)]
#[path = "lanes_tests.rs"]
mod tests;
