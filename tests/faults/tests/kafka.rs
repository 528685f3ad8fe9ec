//! The same with Apache Kafka between the services: nobody who asks notices that the broker is
//! away, and afterwards it has everything, in order (I7, I8), whoever was killed meanwhile.

use std::time::Duration;

use grantor_tests_faults::{Fleet, Seed};

use crate::{
    fall::{Fault, survive},
    fleets::{is_long, place},
    points,
};

/// The broker goes away for a while and is killed; processes end at the points that they pass, and
/// in the long form anywhere.
fn deck(fleet: &Fleet, seed: &mut Seed) -> Vec<Fault> {
    let mut deck = points::deck(fleet, seed);
    deck.extend([Fault::StopBroker(Duration::from_secs(if is_long() { 60 } else { 4 })), Fault::KillBroker]);
    if is_long() {
        let names: Vec<&'static str> = fleet.names().collect();
        for _ in 0..5 {
            deck.extend(names.iter().map(|name| Fault::Kill(name)));
        }
        deck.extend(names.iter().map(|name| Fault::Stop(name, Duration::from_secs(60))));
        deck.extend([Fault::KillDatabase, Fault::KillBroker, Fault::KillBroker]);
    }
    seed.shuffle(&mut deck);
    deck
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_notices_that_the_broker_is_away_and_nothing_is_lost_wherever_a_process_ends() {
    let _place = place().await;
    let mut seed = Seed::new();
    let mut fleet = Fleet::with_kafka(is_long()).await;
    points::the_list_is_what_processes_pass(&mut fleet).await;
    let deck = deck(&fleet, &mut seed);
    survive(&mut fleet, &mut seed, deck).await;
    fleet.everything_was_told().await;
    points::a_task_that_was_claimed_and_not_done_is_done_later(&mut fleet).await;
}
