//! Tenants that nobody asks for cost nothing: a start reads as many rows with many as with few,
//! and (long form, which measures) takes as long and as much memory, and answers as fast.

use std::{
    fs,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use grantor_tests_faults::{Fleet, Partner};
use serde_json::json;

use crate::fleets::{is_long, place};

/// Tenants, in the short form and the long one.
const MANY: [usize; 2] = [60, 10_000];
/// With so many it is compared: two are the demo's.
const FEW: usize = 5;
/// Made at once.
const MAKERS: usize = 6;

/// What all processes needed together.
struct Start {
    /// Rows read until all were ready, the fewest of the starts: one may have to hear of what happened
    /// before it.
    rows: u64,
    /// Until all were ready, the quickest of the starts: others may use the machine in the meantime.
    took: Duration,
    /// Resident memory then.
    kilobytes: u64,
    /// Of a token request, the median of several times a thousand.
    p99: Duration,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_costs_the_same_with_many_tenants() {
    let _place = place().await;
    let mut fleet = Fleet::start(false).await;
    let many = MANY[usize::from(is_long())];
    let partner = Partner::at(fleet.demo(), "openid", fleet.gateway());
    make(&partner, 2..FEW).await;
    let before = measure(&mut fleet, &partner).await;
    let counted = rows(&fleet);
    make(&partner, FEW..many).await;
    let after = measure(&mut fleet, &partner).await;
    assert!(rows(&fleet) > counted, "rows that requests read are not counted");
    let ratio = |before: f64, after: f64| after / before;
    let took = ratio(before.took.as_secs_f64(), after.took.as_secs_f64());
    let memory = ratio(before.kilobytes as f64, after.kilobytes as f64);
    let p99 = ratio(before.p99.as_secs_f64(), after.p99.as_secs_f64());
    println!(
        "{FEW} tenants, then {many}: {} and {} rows read at the start; start {took:.3}, memory {memory:.3}, \
         p99 of a token request {p99:.3} times as much ({} ms, {} kB, {} us with {FEW})",
        before.rows,
        after.rows,
        before.took.as_millis(),
        before.kilobytes,
        before.p99.as_micros(),
    );
    // Were every tenant looked at, there would be a row more for each at least.
    let more = after.rows.saturating_sub(before.rows);
    assert!(more < (many - FEW) as u64 / 2, "a start reads {more} rows more with {many} tenants than with {FEW}");
    if is_long() {
        assert!(took <= 1.1, "a start takes {took:.3} times as long");
        assert!(memory <= 1.1, "a start takes {memory:.3} times as much memory");
        assert!(p99 <= 1.2, "p99 of a token request is {p99:.3} times as much");
    }
}

/// Makes tenants with these numbers.
async fn make(partner: &Partner, numbers: std::ops::Range<usize>) {
    let maker = |first: usize| {
        let numbers = numbers.clone().skip(first).step_by(MAKERS);
        async move {
            for number in numbers {
                let slug = format!("tenant-{number}");
                let wanted = json!({
                    "slug": slug, "name": format!("Tenant {number}"), "kind": "development", "preset": "openid",
                    "issuer": format!("http://127.0.0.1:1/t/{slug}"), "authorities": [],
                    "terms": { "version": "1", "text": "Be kind." }
                });
                let (status, body) =
                    partner.admin("POST", "/admin/v1/tenants", Some(&wanted)).await.expect("an answer");
                assert!(status < 300, "{status}: {body}");
            }
        }
    };
    join_all((0..MAKERS).map(maker)).await;
}

/// Starts everybody several times, and once more for good.
async fn measure(fleet: &mut Fleet, partner: &Partner) -> Start {
    let (mut took, mut read) = (Vec::new(), Vec::new());
    // What it cost to write the tenants down is over.
    fleet.sql("registry", "CHECKPOINT");
    for _ in 0..if is_long() { 9 } else { 3 } {
        kill_all(fleet).await;
        let before = rows(fleet);
        took.push(start_all(fleet).await);
        kill_all(fleet).await;
        read.push(rows(fleet) - before);
    }
    start_all(fleet).await;
    let kilobytes = fleet.names().map(|name| memory(fleet.pid(name))).sum();
    let rows = read.into_iter().min().expect("several starts");
    let took = took.into_iter().min().expect("several starts");
    let mut slowest = Vec::new();
    // The first ones fill caches and open connections.
    p99(partner, 100).await;
    for _ in 0..if is_long() { 5 } else { 1 } {
        slowest.push(p99(partner, if is_long() { 1000 } else { 20 }).await);
    }
    slowest.sort_unstable();
    Start { rows, took, kilobytes, p99: slowest[slowest.len() / 2] }
}

async fn start_all(fleet: &mut Fleet) -> Duration {
    let mut took = Duration::ZERO;
    for name in fleet.names().collect::<Vec<_>>() {
        took += fleet.start_again(name).await;
    }
    took
}

/// Ends everybody, and waits until the database has seen that: only then it has counted all that
/// they read.
async fn kill_all(fleet: &mut Fleet) {
    for name in fleet.names().collect::<Vec<_>>() {
        fleet.kill(name);
    }
    let started = Instant::now();
    let open = "SELECT count(*) FROM pg_stat_activity WHERE datname LIKE 'grantor%' AND application_name = 'grantor'";
    while fleet.sql("token", open) != ["0"] {
        assert!(started.elapsed() < Duration::from_secs(30), "the dead have connections");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Rows read so far, from the tables that hold what a tenant has. Logs are not among them: their
/// ends are looked at every few milliseconds, in every partition that holds something.
fn rows(fleet: &Fleet) -> u64 {
    let text = "SELECT coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0)::bigint FROM pg_stat_user_tables \
                WHERE relname ~ '^es_(state|row|copy|list|task)'";
    let one = |service: &str| fleet.sql(service, text)[0].parse::<u64>().expect("a number");
    ["registry", "directory", "authorization", "token", "console"].into_iter().map(one).sum()
}

/// Resident memory of a process in kB.
fn memory(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("a process of this test");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("its memory");
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("kB")
}

/// The slowest but one in a hundred of so many requests of a client for a token of its own.
async fn p99(partner: &Partner, requests: usize) -> Duration {
    let mut took = Vec::new();
    for _ in 0..requests {
        let started = Instant::now();
        let (status, body) =
            partner.form("/oauth/token", &[("grant_type", "client_credentials")]).await.expect("an answer");
        assert_eq!(status, 200, "{body}");
        took.push(started.elapsed());
    }
    took.sort_unstable();
    took[(took.len() * 99).div_ceil(100) - 1]
}
