//! A tenant that is well, beside a thousand endpoints that are dead: a quarter never answers, a
//! quarter answers a byte in a second, a quarter refuses connections, a quarter answers 500.

use std::time::Duration;

use tokio::net::TcpListener;

use super::{DEAD, HEALTHY, PATIENCE, delays, percentile, shown};
use crate::{
    Failure,
    hooks::{
        Bench, EACH,
        receiver::{Receiver, Seen},
        wire::{Ask, Events, Tenants},
    },
};

/// Prints what the tenant that is well sees, alone and beside them.
pub async fn isolation(bench: &Bench) -> Result<(), Failure> {
    let ((dead, waiting), paced) = (bench.scale.dead, bench.scale.paced);
    let (seen, of_dead) = (Seen::new(2 * paced), Seen::new(0));
    let (receiver, unwell) = (Receiver::plain(seen.clone()).await?, Receiver::plain(of_dead).await?);
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        listener.local_addr()?
    };
    let mut service = bench.service(None)?;
    let tenants = Tenants { first: HEALTHY, count: 1 };
    let urls = vec![format!("{}/ok", receiver.url)];
    service.ask(&Ask::Endpoints { tenants, urls, each: 1, both: false }).await?;
    service.ask(&Ask::Start).await?;
    let committed = service.paced(Events { first: 0, count: paced, tenants }, 200).await?;
    seen.until(paced, PATIENCE).await.ok_or("not everything arrives")?;
    let alone = delays(&seen, 0, &committed)?;
    let others = Tenants { first: DEAD, count: dead };
    let urls = vec![
        format!("{}/hang", unwell.url),
        format!("{}/drip", unwell.url),
        format!("http://{closed}/"),
        format!("{}/ill", unwell.url),
    ];
    service.ask(&Ask::Endpoints { tenants: others, urls, each: EACH, both: false }).await?;
    service.ask(&Ask::Write(Events { first: 2 * paced, count: dead * waiting, tenants: others })).await?;
    service.rows(paced + dead * EACH * waiting).await?;
    let committed = service.paced(Events { first: paced, count: paced, tenants }, 200).await?;
    seen.until(2 * paced, Duration::from_secs(60)).await.ok_or("the tenant that is well is not told everything")?;
    let beside = delays(&seen, paced, &committed)?;
    println!("\nisolation: {} dead endpoints of {dead} tenants with {waiting} deliveries each", dead * EACH);
    println!("  alone:  {}", shown(&alone));
    println!("  beside: {}", shown(&beside));
    let ratio = |of: &[i64]| {
        #[expect(clippy::cast_precision_loss, reason = "times of one run")]
        let at = percentile(of, 99).max(1) as f64;
        at
    };
    println!("  ratio of p99 {:.1}", ratio(&beside) / ratio(&alone));
    let used = service.used().await?;
    println!("  memory now {:.0} MiB, at most {:.0} MiB", used.memory, used.most);
    Ok(())
}
