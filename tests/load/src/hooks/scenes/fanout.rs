//! One event that a thousand endpoints hear of, and then many of them.

use std::time::Instant;

use super::{PATIENCE, count};
use crate::{
    Failure,
    hooks::{
        Bench, EACH,
        receiver::{Receiver, Seen},
        wire::Ask,
    },
};

/// Prints how long one takes, cold and warm, and how many deliveries in a second many make.
pub async fn fanout(bench: &Bench) -> Result<(), Failure> {
    let (clients, events) = bench.scale.fanout;
    let (endpoints, seen) = (clients * EACH, Seen::new(0));
    let receiver = Receiver::plain(seen.clone()).await?;
    let mut service = bench.service(None)?;
    let url = format!("{}/ok", receiver.url);
    service.ask(&Ask::Audience { clients, url }).await?;
    service.ask(&Ask::Start).await?;
    println!("\n1:{endpoints}");
    for (event, what) in [(0, "the first event"), (1, "the next")] {
        let started = Instant::now();
        service.ask(&Ask::Unlock(1)).await?;
        seen.until((event + 1) * endpoints, PATIENCE).await.ok_or("not everything arrives")?;
        println!("  {what}: all have it {:.0?} after its commit began", started.elapsed());
    }
    let (before, started) = (service.used().await?, Instant::now());
    service.ask(&Ask::Unlock(events)).await?;
    seen.until((events + 2) * endpoints, PATIENCE).await.ok_or("not everything arrives")?;
    let (seconds, after) = (started.elapsed().as_secs_f64(), service.used().await?);
    let deliveries = events * endpoints;
    println!("  {events} events: {:.0} deliveries/s", count(deliveries) / seconds);
    println!("  {:.0} µs of the service's processor time each", (after.cpu - before.cpu) * 1e6 / count(deliveries));
    if bench.postgres {
        println!("  {:.3} statements each", count(after.statements - before.statements) / count(deliveries));
    }
    Ok(())
}
