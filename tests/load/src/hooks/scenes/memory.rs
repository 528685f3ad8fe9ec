//! Memory: idle, and with many endpoints that are away and many deliveries that wait for them.

use std::time::Duration;

use tokio::net::TcpListener;

use super::DEAD;
use crate::{
    Failure,
    hooks::{
        Bench, EACH,
        wire::{Ask, Events, Tenants, Told},
    },
};

/// Events of each tenant.
const EVENTS: u64 = 10;

/// Prints what the service's process has in memory.
pub async fn memory(bench: &Bench) -> Result<(), Failure> {
    let tenants = Tenants { first: DEAD, count: bench.scale.crowd };
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        listener.local_addr()?
    };
    let mut service = bench.service(None)?;
    service.ask(&Ask::Start).await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let idle = service.used().await?;
    let urls = vec![format!("http://{closed}/")];
    service.ask(&Ask::Endpoints { tenants, urls, each: EACH, both: false }).await?;
    service.ask(&Ask::Write(Events { first: 0, count: EVENTS * tenants.count, tenants })).await?;
    service.rows(EVENTS * tenants.count * EACH).await?;
    let mut before = service.used().await?.commits;
    // Probes go on for ever: a minute is enough.
    for _ in 0..30 {
        // Until the first failures of all have been settled.
        tokio::time::sleep(Duration::from_secs(2)).await;
        let now = service.used().await?.commits;
        if now.saturating_sub(before) < 40 {
            break;
        }
        before = now;
    }
    let full = service.used().await?;
    let Told::Settled(false) = service.ask(&Ask::Settled).await? else { return Err("nothing waits".into()) };
    let (endpoints, waiting) = (tenants.count * EACH, tenants.count * EACH * EVENTS);
    println!("\nmemory: idle {:.0} MiB", idle.memory);
    println!("  {endpoints} endpoints, {waiting} deliveries: {:.0} MiB now, at most {:.0} MiB", full.memory, full.most);
    Ok(())
}
