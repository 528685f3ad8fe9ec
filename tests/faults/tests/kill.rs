//! `kill -9` at random under load (I1, I2, I3), and ready again within two seconds.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use grantor_tests_clients::Running;
use grantor_tests_faults::{Load, Outcome, Seed, broken_streams, judge, redeemed_twice};

/// Kills in `make test`; `make faults` sets `FAULT_KILLS=50`.
const KILLS: usize = 8;
const READY_WITHIN: Duration = Duration::from_secs(2);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_when_the_process_is_killed_at_random() {
    let kills = std::env::var("FAULT_KILLS").map_or(KILLS, |text| text.parse().expect("FAULT_KILLS is a number"));
    let mut seed = Seed::new();
    let mut server = Running::start();
    let mut load = Load::new(server.demo()).await;
    let mut ready = Vec::new();
    for kill in 1..=kills {
        let from = load.history().len();
        let after = 1 + seed.below(150);
        server = kill_under_load(server, &mut load, &mut seed, after).await;
        let (again, took) = blocking(server, |server| server.start_again()).await;
        server = again;
        ready.push(took);

        let fresh = load.history().since(from);
        let cut = fresh.iter().filter(|operation| operation.outcome.is_unknown()).count();
        load.ask_after(&fresh, &mut seed).await;
        let earlier = seed.below(from.max(1));
        let sample: Vec<_> = load.history().since(0).into_iter().skip(earlier).take(200).collect();
        load.ask_after(&sample, &mut seed).await;
        check(&server, &load, kill);
        println!("kill {kill}: after {after} answers, {cut} cut off, ready again in {} ms", took.as_millis());
    }
    load.ask_after(&load.history().since(0), &mut seed).await;
    check(&server, &load, kills);
    report(&load, ready);
}

/// Lets everybody work and kills the server when so many more answers have arrived.
async fn kill_under_load(server: Running, load: &mut Load, seed: &mut Seed, after: usize) -> Running {
    let killed = Arc::new(AtomicBool::new(false));
    let mut acknowledged = load.history().acknowledged();
    let until = *acknowledged.borrow() + after;
    let flag = Arc::clone(&killed);
    let killing = tokio::spawn(async move {
        acknowledged.wait_for(|count| *count >= until).await.expect("the history is there");
        let (server, ()) = blocking(server, Running::kill).await;
        flag.store(true, Ordering::SeqCst);
        server
    });
    load.run(seed, killed).await;
    killing.await.expect("the kill")
}

/// Runs what waits on a thread where it may.
async fn blocking<T: Send + 'static>(
    mut server: Running,
    work: impl FnOnce(&mut Running) -> T + Send + 'static,
) -> (Running, T) {
    let work = tokio::task::spawn_blocking(move || {
        let answer = work(&mut server);
        (server, answer)
    });
    work.await.expect("the work ends")
}

fn check(server: &Running, load: &Load, kill: usize) {
    let mut problems = judge(&load.history().since(0));
    problems.extend(redeemed_twice(&server.data()).into_iter().map(|grant| format!("I2: redeemed twice: {grant}")));
    problems.extend(broken_streams(&server.data()).into_iter().map(|stream| format!("I3: {stream}")));
    assert!(problems.is_empty(), "after kill {kill}:\n{}", problems.join("\n"));
}

fn report(load: &Load, mut ready: Vec<Duration>) {
    let operations = load.history().since(0);
    let count = |wanted: fn(&Outcome) -> bool| operations.iter().filter(|operation| wanted(&operation.outcome)).count();
    ready.sort_unstable();
    let (median, longest) = (ready[ready.len() / 2], ready[ready.len() - 1]);
    println!(
        "{} kills, {} operations: {} acknowledged, {} refused, {} cut off; ready again in {} ms (median), {} ms (longest)",
        ready.len(),
        operations.len(),
        count(|outcome| matches!(outcome, Outcome::Acknowledged(_))),
        count(|outcome| matches!(outcome, Outcome::Refused(_))),
        count(Outcome::is_unknown),
        median.as_millis(),
        longest.as_millis(),
    );
    assert!(longest <= READY_WITHIN, "ready again only after {longest:?}");
}
