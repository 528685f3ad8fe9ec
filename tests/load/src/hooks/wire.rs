//! What the run tells the service's process, and what that answers: a line of JSON each.

use serde::{Deserialize, Serialize};

/// Which tenants, by number: `count` of them from `first` on.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Tenants {
    /// The first.
    pub first: u64,
    /// How many.
    pub count: u64,
}

/// Which events, by number: they go round the tenants.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Events {
    /// The first.
    pub first: u64,
    /// How many.
    pub count: u64,
    /// Whose.
    pub tenants: Tenants,
}

/// How the service's process begins.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Opening {
    /// Authorities that are trusted beside those that browsers trust, PEM.
    pub authorities: Option<String>,
}

/// What is wanted.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Ask {
    /// Endpoints at these tenants, going round the URLs; so many for each tenant.
    Endpoints {
        /// Whose.
        tenants: Tenants,
        /// Where.
        urls: Vec<String>,
        /// How many for each.
        each: u64,
        /// Whether calls carry `v1a` beside `v1`.
        both: bool,
    },
    /// A person has given something to so many clients of the first tenant, each with twenty endpoints at
    /// this URL that hear of the person.
    Audience {
        /// How many.
        clients: u64,
        /// Where.
        url: String,
    },
    /// The person is unlocked, so often.
    Unlock(u64),
    /// Commits events as fast as it goes.
    Write(Events),
    /// Commits events at a rate; answers when each was committed.
    Paced {
        /// Which.
        events: Events,
        /// So many in a second.
        per_second: u64,
    },
    /// Consumers and the dispatcher begin.
    Start,
    /// Posts a body of the same size with the same client library, and does nothing else.
    Bare {
        /// Where to.
        url: String,
        /// How many.
        count: u64,
        /// So many at a time.
        at_once: u64,
    },
    /// How many deliveries there are, made or not.
    Rows,
    /// Nothing waits any more.
    Settled,
    /// When what has failed once is due again; answers how many.
    Dues,
    /// How late those began.
    Retries,
    /// What was used until now.
    Used,
}

/// What the service's process has used so far.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Used {
    /// Processor time in seconds, of all its threads.
    pub cpu: f64,
    /// Memory that it has now, and had at most, in MiB.
    pub memory: f64,
    /// At most.
    pub most: f64,
    /// Commits of the service's database.
    pub commits: u64,
    /// Statements sent to it; on PostgreSQL only.
    pub statements: u64,
}

/// What is answered.
#[derive(Debug, Serialize, Deserialize)]
pub enum Told {
    /// It is done.
    Done,
    /// When each event was committed, in microseconds since 1970.
    Committed(Vec<i64>),
    /// Seconds.
    Took(f64),
    /// So many.
    Count(usize),
    /// Whether nothing waits.
    Settled(bool),
    /// Milliseconds after they were due that second attempts began.
    Late(Vec<i64>),
    /// What was used.
    Used(Used),
}
