//! From the commit of an event to its arrival, at 200 events in a second.

use super::{HEALTHY, PATIENCE, count, delays, shown};
use crate::{
    Failure,
    hooks::{
        Bench,
        receiver::{Receiver, Seen},
        wire::{Ask, Events, Tenants},
    },
};

/// Prints percentiles.
pub async fn delay(bench: &Bench) -> Result<(), Failure> {
    let events = bench.scale.paced;
    let seen = Seen::new(events);
    let receiver = Receiver::plain(seen.clone()).await?;
    let mut service = bench.service(None)?;
    let tenants = Tenants { first: HEALTHY, count: 4 };
    let urls = vec![format!("{}/ok", receiver.url)];
    service.ask(&Ask::Endpoints { tenants, urls, each: 1, both: false }).await?;
    service.ask(&Ask::Start).await?;
    let before = service.used().await?;
    let committed = service.paced(Events { first: 0, count: events, tenants }, 200).await?;
    seen.until(events, PATIENCE).await.ok_or("not everything arrives")?;
    let after = service.used().await?;
    println!("\ncommit to arrival at 200 events/s: {}", shown(&delays(&seen, 0, &committed)?));
    if bench.postgres {
        println!("  {:.2} statements each", count(after.statements - before.statements) / count(events));
    }
    Ok(())
}
