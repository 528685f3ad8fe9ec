//! Each service in a process of its own, on PostgreSQL: processes that are killed or stopped,
//! connections and the database that go away (I1 to I6, I15), and everybody is back without a
//! hand's help (I16).

use std::time::Duration;

use grantor_tests_faults::{Fleet, Seed};

use crate::{
    calls::who_calls_partners_is_killed_at_a_high_rate_and_nothing_is_lost,
    fall::{Fault, survive},
    fleets::{is_long, place},
};

/// Every kind of fault at every service, in any order; the short form stops fewer of them.
fn deck(fleet: &Fleet, seed: &mut Seed) -> Vec<Fault> {
    let names: Vec<&'static str> = fleet.names().collect();
    let mut deck = Vec::new();
    if is_long() {
        for _ in 0..3 {
            deck.extend(names.iter().map(|name| Fault::Kill(name)));
            deck.extend(["registry", "directory", "authorization", "token"].map(Fault::Cut));
            deck.push(Fault::KillDatabase);
        }
        deck.extend(names.iter().map(|name| Fault::Stop(name, Duration::from_secs(60))));
    } else {
        deck.extend(names.iter().map(|name| Fault::Kill(name)));
        deck.push(Fault::Stop(["token", "token-2", "authorization"][seed.below(3)], Duration::from_secs(3)));
        deck.push(Fault::Stop(["directory", "registry"][seed.below(2)], Duration::from_secs(3)));
        deck.push(Fault::Cut(["registry", "directory", "authorization", "token"][seed.below(4)]));
        deck.push(Fault::Cut("token"));
        deck.push(Fault::KillDatabase);
    }
    seed.shuffle(&mut deck);
    deck
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_when_processes_and_the_database_go_away() {
    let _place = place().await;
    let mut seed = Seed::new();
    let mut fleet = Fleet::start(is_long()).await;
    let deck = deck(&fleet, &mut seed);
    survive(&mut fleet, &mut seed, deck).await;
    who_calls_partners_is_killed_at_a_high_rate_and_nothing_is_lost(&mut fleet, &mut seed).await;
}
