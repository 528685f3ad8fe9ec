//! How late retries begin: endpoints that fail once, each with a delivery or two.

use std::time::Duration;

use super::{HEALTHY, PATIENCE, percentile};
use crate::{
    Failure,
    hooks::{
        Bench, EACH,
        receiver::{Receiver, Seen},
        wire::{Ask, Events, Tenants, Told},
    },
};

/// Prints how long after they were due second attempts began.
pub async fn retries(bench: &Bench) -> Result<(), Failure> {
    let seen = Seen::new(0);
    seen.is(true, 0);
    let receiver = Receiver::plain(seen.clone()).await?;
    let mut service = bench.service(None)?;
    let tenants = Tenants { first: HEALTHY, count: bench.scale.retries };
    let urls = vec![format!("{}/once", receiver.url)];
    service.ask(&Ask::Endpoints { tenants, urls, each: EACH, both: false }).await?;
    service.ask(&Ask::Start).await?;
    service.ask(&Ask::Write(Events { first: 0, count: tenants.count, tenants })).await?;
    // All first attempts fail within moments, and the first second one comes after four seconds.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let Told::Count(due) = service.ask(&Ask::Dues).await? else { return Err("nothing is due".into()) };
    seen.is(false, 0);
    seen.until(tenants.count * EACH, PATIENCE).await.ok_or("not everything arrives")?;
    service.settled().await?;
    let Told::Late(mut late) = service.ask(&Ask::Retries).await? else { return Err("nothing was late".into()) };
    late.sort_unstable();
    println!("\nretries: {due} deliveries that failed once");
    let [least, middle, most] = [0, 50, 99].map(|of| percentile(&late, of));
    println!("  began after they were due: least {least} ms, p50 {middle} ms, p99 {most} ms ({} of them)", late.len());
    Ok(())
}
