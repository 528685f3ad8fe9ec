//! Whose turn it is, and how many calls may be on their way: three pools, so that those who answer
//! well never wait behind those who do not.

use std::collections::{HashMap, VecDeque};

use grantor_ids::{TenantId, WebhookId};

/// Calls on their way that are not slow, and calls that are.
pub(super) const MOST_QUICK: usize = 224;
pub(super) const MOST_SLOW: usize = 32;
/// Of the quick ones, to endpoints of which nothing good is known.
pub(super) const MOST_NEW: usize = MOST_QUICK / 2;
/// Calls that turn out to be slow stay on their way. With so many of them, nobody is called who may be
/// slow too.
const MOST_LATE: usize = 256;
/// A tenant's share of the quick ones while others wait.
pub(super) const SHARE: usize = (MOST_QUICK + MOST_SLOW) / 4;

/// How an endpoint does, as far as its turn is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pool {
    /// It answered well, and soon.
    Well = 0,
    /// Nothing is known of it, or it failed the last time.
    New = 1,
    /// It takes long.
    Slow = 2,
}

impl Pool {
    /// In the order of their turns.
    pub const ALL: [Self; 3] = [Self::Well, Self::New, Self::Slow];
}

/// Turns among tenants, and among the endpoints of each.
#[derive(Default)]
struct Rotation {
    turns: VecDeque<TenantId>,
    ready: HashMap<TenantId, VecDeque<WebhookId>>,
}

impl Rotation {
    fn list(&mut self, tenant: TenantId, endpoint: WebhookId) {
        let lanes = self.ready.entry(tenant).or_default();
        if lanes.is_empty() {
            self.turns.push_back(tenant);
        }
        lanes.push_back(endpoint);
    }

    /// The next of the first tenant that this holds for; the tenant has its next turn after the others'.
    fn next(&mut self, may: impl Fn(TenantId, bool) -> bool) -> Option<WebhookId> {
        for _ in 0..self.turns.len() {
            let tenant = self.turns.pop_front()?;
            if !may(tenant, !self.turns.is_empty()) {
                self.turns.push_back(tenant);
                continue;
            }
            let lanes = self.ready.get_mut(&tenant)?;
            let lane = lanes.pop_front();
            if lanes.is_empty() {
                self.ready.remove(&tenant);
            } else {
                self.turns.push_back(tenant);
            }
            return lane;
        }
        None
    }
}

/// All three.
#[derive(Default)]
pub(super) struct Pools {
    rotations: [Rotation; 3],
    calls: [usize; 3],
    /// Quick ones by tenant.
    calls_of: HashMap<TenantId, usize>,
}

impl Pools {
    /// An endpoint wants a turn.
    pub fn list(&mut self, pool: Pool, tenant: TenantId, endpoint: WebhookId) {
        self.rotations[pool as usize].list(tenant, endpoint);
    }

    /// Whose turn it is, if one may be called.
    pub fn next(&mut self, pool: Pool) -> Option<WebhookId> {
        if !self.has_room(pool) {
            return None;
        }
        let calls_of = &self.calls_of;
        let has_share = |tenant: TenantId, others: bool| {
            pool == Pool::Slow || !others || calls_of.get(&tenant).is_none_or(|calls| *calls < SHARE)
        };
        self.rotations[pool as usize].next(has_share)
    }

    fn has_room(&self, pool: Pool) -> bool {
        let [well, new, slow] = self.calls;
        let quick = well + new < MOST_QUICK;
        match pool {
            Pool::Well => quick,
            Pool::New => quick && new < MOST_NEW && slow < MOST_LATE,
            Pool::Slow => slow < MOST_SLOW,
        }
    }

    /// A call begins.
    pub fn begins(&mut self, pool: Pool, tenant: TenantId) {
        self.calls[pool as usize] += 1;
        if pool != Pool::Slow {
            *self.calls_of.entry(tenant).or_default() += 1;
        }
    }

    /// A call has ended.
    pub fn ends(&mut self, pool: Pool, tenant: TenantId) {
        self.calls[pool as usize] = self.calls[pool as usize].saturating_sub(1);
        if pool != Pool::Slow
            && let Some(calls) = self.calls_of.get_mut(&tenant)
        {
            *calls = calls.saturating_sub(1);
            if *calls == 0 {
                self.calls_of.remove(&tenant);
            }
        }
    }

    /// Calls on their way: quick and slow ones.
    pub fn calls(&self) -> (usize, usize) {
        let [well, new, slow] = self.calls;
        (well + new, slow)
    }
}
