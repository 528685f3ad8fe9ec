//! What a fleet's databases say, and what happens to them.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use grantor_ports::{OsEntropy, SystemClock};
use grantor_store::{PostgresOptions, Store};

use crate::{
    Fleet, broken_streams,
    files::{make_due, overdue},
    fleet::DATABASES,
    redeemed_twice,
};

/// How long a refused start of PostgreSQL is tried again.
const STARTS_WITHIN: Duration = Duration::from_secs(60);
/// How long relays may take for all that there is.
const SENT_WITHIN: Duration = Duration::from_secs(120);

/// Where a log ended at some time.
#[derive(Debug, Clone)]
pub struct LogEnd {
    service: &'static str,
    row: String,
}

impl Fleet {
    /// Ends every connection that services have to a database; how many there were.
    pub fn cut_connections(&self, service: &str) -> usize {
        let text = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'grantor_{service}' \
             AND pid <> pg_backend_pid()"
        );
        self.cluster().sql("postgres", &text).len()
    }

    /// SIGKILL to the database's first process; the others end by themselves.
    pub fn kill_database(&self) {
        self.cluster().kill();
    }

    /// Starts the database, as often as it takes: while the processes of the last one are there,
    /// starts are refused. Answers how often.
    ///
    /// # Panics
    /// When it does not come back.
    pub async fn start_database(&self) -> usize {
        let started = Instant::now();
        let mut refused = 0;
        while !self.cluster().try_start() {
            refused += 1;
            assert!(started.elapsed() < STARTS_WITHIN, "PostgreSQL does not start again");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        refused
    }

    /// Rows of a service's database.
    pub fn sql(&self, service: &str, text: &str) -> Vec<String> {
        self.cluster().sql(&format!("grantor_{service}"), text)
    }

    /// A service's database, as its processes open it.
    ///
    /// # Panics
    /// When it does not open.
    pub async fn store(&self, service: &str) -> Store {
        let mut url = self.cluster().url().clone();
        url.set_path(&format!("grantor_{service}"));
        let options = PostgresOptions { connections: 2, ..PostgresOptions::new(url) };
        Store::open_postgres(options, Arc::new(SystemClock), Arc::new(OsEntropy)).await.expect("a database")
    }

    /// The ends of all logs as they are now, for [`Fleet::is_sent`].
    pub fn ends(&self) -> Vec<LogEnd> {
        let ask = |service: &&'static str| {
            let end = |source: &str, table: &str| {
                format!(
                    "(SELECT '{source}', epoch, txid, seq FROM {table} ORDER BY epoch DESC, txid DESC, seq DESC LIMIT 1)"
                )
            };
            let facts = end(&format!("{service}.facts"), "es_fact_log");
            let rows = self.sql(service, &format!("{} UNION ALL {facts}", end(service, "es_event")));
            rows.into_iter().map(|row| LogEnd { service, row }).collect::<Vec<_>>()
        };
        DATABASES.iter().flat_map(ask).collect()
    }

    /// Whether the broker has acknowledged a log up to there.
    pub fn is_sent(&self, end: &LogEnd) -> bool {
        let [source, epoch, txid, seq] = end.row.split('|').collect::<Vec<_>>()[..] else { panic!("{end:?}") };
        let text = format!(
            "SELECT 1 FROM es_cursor WHERE reader = 'relay' AND source = '{source}' \
             AND (epoch, txid, seq) >= ({epoch}, {txid}, {seq})"
        );
        !self.sql(end.service, &text).is_empty()
    }

    /// Makes a service's tasks due now; one that was claimed is then nobody's.
    ///
    /// # Panics
    /// When the database cannot be written.
    pub fn make_tasks_due(&self, service: &str) {
        if self.is_on_files() {
            make_due(&self.data(), service);
        } else {
            self.sql(service, "UPDATE es_task SET due_at = now()");
        }
    }

    /// How many of a service's tasks are due.
    ///
    /// # Panics
    /// When the database cannot be read.
    pub fn tasks_due(&self, service: &str) -> usize {
        if self.is_on_files() {
            return overdue(&self.data(), service);
        }
        self.sql(service, "SELECT count(*) FROM es_task WHERE due_at <= now()")[0].parse().expect("a number")
    }

    /// What the log of each database says against the invariants: versions that are not 1..n
    /// (I3), codes that were redeemed twice (I2), events that were set aside.
    pub fn broken(&self) -> Vec<String> {
        if self.is_on_files() {
            let twice = redeemed_twice(&self.data()).into_iter().map(|grant| format!("I2: redeemed twice: {grant}"));
            let streams = broken_streams(&self.data()).into_iter().map(|stream| format!("I3: {stream}"));
            return twice.chain(streams).collect();
        }
        const STREAMS: &str = "
            SELECT 'I3: stream ' || coalesce(e.agg_id, s.agg_id) || ': ' || coalesce(e.n, 0) || ' events up to '
                || coalesce(e.last, 0) || ', state at ' || coalesce(s.version, -1)
            FROM (SELECT tenant_id, agg_id, count(*) AS n, min(version) AS first, max(version) AS last
                  FROM es_event GROUP BY tenant_id, agg_id) e
            FULL JOIN (SELECT tenant_id, agg_id, version FROM es_state WHERE version > 0) s
                ON s.tenant_id = e.tenant_id AND s.agg_id = e.agg_id
            WHERE e.n IS DISTINCT FROM e.last OR e.first IS DISTINCT FROM 1 OR e.last IS DISTINCT FROM s.version";
        const TWICE: &str = "
            SELECT 'I2: redeemed ' || count(*) || ' times: ' || agg_id FROM es_event
            WHERE event_type = 'oauth.authorization.redeemed' GROUP BY tenant_id, agg_id HAVING count(*) > 1";
        const PARKED: &str = "SELECT 'an event is parked by ' || consumer || ': ' || reason FROM es_parked";
        let ask = |service: &&str| {
            let found = self.sql(service, &[STREAMS, TWICE, PARKED].join(" UNION ALL "));
            found.into_iter().map(|line| format!("{service}: {line}")).collect::<Vec<_>>()
        };
        DATABASES.iter().flat_map(ask).collect()
    }

    /// Waits until the broker has acknowledged all logs up to there; how long that took, and which was
    /// the last.
    ///
    /// # Panics
    /// When that takes too long.
    pub async fn until_sent(&self, ends: &[LogEnd]) -> (Duration, String) {
        let started = Instant::now();
        let mut late: Vec<&LogEnd> = ends.iter().collect();
        let mut last = String::new();
        loop {
            late.retain(|end| !self.is_sent(end));
            let Some(end) = late.first() else { return (started.elapsed(), last) };
            last = end.row.split('|').next().unwrap_or_default().to_owned();
            assert!(started.elapsed() < SENT_WITHIN, "I16: events wait, and are not sent: {late:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Every committed event and fact is on its topic, in order (I7, I8); the figures are printed.
    ///
    /// # Panics
    /// When one is not.
    pub async fn everything_was_told(&self) {
        self.until_sent(&self.ends()).await;
        join_all(DATABASES.map(|service| async move {
            let told = self.bus().told(service, &self.store(service).await).await;
            println!("{service}: {}; {} facts, {} lost", told.events, told.facts, told.lost_facts);
            assert!(told.events.is_good() && told.lost_facts == 0, "I7, I8: {service}: {told:?}");
        }))
        .await;
    }
}
