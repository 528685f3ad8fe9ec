//! A receiver that was away while thousands of events happened, and is back with room for 500
//! calls in a second. It is away for as long as the first probes take, not an hour: what waits
//! goes by the same rules, and the wait for the next probe is at most a minute in both.

use std::time::{Duration, Instant};

use super::{HEALTHY, PATIENCE, delays, percentile, shown};
use crate::{
    Failure,
    hooks::{
        Bench,
        receiver::{Receiver, Seen},
        wire::{Ask, Events, Tenants},
    },
};

/// So long it is away after everything is queued.
const AWAY: Duration = Duration::from_secs(5);

/// Prints how long until the first delivery, until all that waited has arrived, and how late new
/// events are meanwhile.
pub async fn recovery(bench: &Bench) -> Result<(), Failure> {
    let (away, new) = (bench.scale.away, bench.scale.away / 20);
    let seen = Seen::new(away + new);
    seen.is(true, 0);
    let receiver = Receiver::plain(seen.clone()).await?;
    let mut service = bench.service(None)?;
    let tenants = Tenants { first: HEALTHY, count: 1 };
    let urls = vec![format!("{}/back", receiver.url)];
    service.ask(&Ask::Endpoints { tenants, urls, each: 1, both: false }).await?;
    service.ask(&Ask::Start).await?;
    service.ask(&Ask::Write(Events { first: 0, count: away, tenants })).await?;
    tokio::time::sleep(AWAY).await;
    seen.is(false, 2);
    let back = Instant::now();
    seen.until(1, PATIENCE).await.ok_or("nothing arrives")?;
    let first = back.elapsed();
    let committed = service.paced(Events { first: away, count: new, tenants }, 50).await?;
    seen.until(away + new, PATIENCE).await.ok_or("not everything arrives")?;
    let all = back.elapsed();
    println!("\nrecovery: {away} events while it was away, 500 calls/s since it is back");
    println!("  first delivery {first:.1?} after it is back, everything {:.1?} after that", all.saturating_sub(first));
    let late = delays(&seen, away, &committed)?;
    println!("  new events meanwhile (50/s): {}", shown(&late));
    if percentile(&late, 99) > 1_000_000 {
        println!("  which is later than a second");
    }
    Ok(())
}
