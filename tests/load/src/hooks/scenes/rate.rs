//! Events with one delivery each, at tenants with an endpoint each: as many as it can.

use std::time::Instant;

use super::{HEALTHY, PATIENCE, count};
use crate::{
    Failure,
    hooks::{
        Bench,
        receiver::{Receiver, Seen},
        wire::{Ask, Events, Tenants, Told},
    },
};

/// Tenants, each with an endpoint.
const TENANTS: u64 = 16;
/// Bare calls at a time.
const AT_ONCE: u64 = 64;

/// Prints how many in a second, what each costs, and the ratio to the bare loop.
pub async fn rate(bench: &Bench, secure: bool) -> Result<(), Failure> {
    let events = if secure { bench.scale.events.min(60_000) } else { bench.scale.events };
    let seen = Seen::new(events);
    let receiver = if secure { Receiver::secure(seen.clone()).await? } else { Receiver::plain(seen.clone()).await? };
    let url = format!("{}/ok", receiver.url);
    let mut service = bench.service(receiver.authority.clone())?;
    let tenants = Tenants { first: HEALTHY, count: TENANTS };
    service.ask(&Ask::Endpoints { tenants, urls: vec![url.clone()], each: 1, both: secure }).await?;
    service.ask(&Ask::Write(Events { first: 0, count: events, tenants })).await?;
    let (before, started) = (service.used().await?, Instant::now());
    service.ask(&Ask::Start).await?;
    let arrived = seen.until(events, PATIENCE).await.ok_or("not everything arrives")?;
    service.settled().await?;
    let (seconds, after) = (started.elapsed().as_secs_f64(), service.used().await?);
    let again = seen.calls() - events;
    let bare = Ask::Bare { url, count: events.min(50_000), at_once: AT_ONCE };
    let Told::Took(bare_seconds) = service.ask(&bare).await? else { return Err("the bare loop says nothing".into()) };
    let (rate, bare) = (count(events) / seconds, count(events.min(50_000)) / bare_seconds);
    let what = if secure { "1:1 over TLS, v1 and v1a" } else { "1:1" };
    println!("\n{what}: {events} events, {TENANTS} endpoints");
    println!("  {rate:.0} deliveries/s until all was written ({again} twice), the last arrived after {arrived:.1?}");
    println!("  bare loop {bare:.0}/s: ratio {:.3}", rate / bare);
    let each = |used: u64, of: u64| count(used - of) / count(events);
    let micros = (after.cpu - before.cpu) * 1e6 / count(events);
    println!("  {micros:.0} µs of the service's processor time each, {:.4} commits each", {
        each(after.commits, before.commits)
    });
    if bench.postgres {
        println!("  {:.3} statements each", each(after.statements, before.statements));
    }
    Ok(())
}
