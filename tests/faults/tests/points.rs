//! Processes that end at the points where it matters: before a write and in the middle of it, before
//! anybody is told that it is done, between the broker and the cursor, between effects and offset,
//! between a claim and what it is for.

use std::time::{Duration, Instant};

use grantor_tests_faults::{Fleet, Partner, Scout, Seed, Visitor};

use crate::{fall::Fault, fleets::is_long};

/// Each point, and the processes that pass it under load. A relay's is the one that has no second
/// process which leads meanwhile.
const POINTS: [(&str, &[&str]); 6] = [
    ("append", &["registry", "authorization", "token", "token-2"]),
    ("written", &["registry", "authorization", "token", "token-2"]),
    ("committed", &["registry", "authorization", "token", "token-2"]),
    ("produced", &["registry"]),
    ("acknowledged", &["registry"]),
    ("handled", &["authorization", "token", "token-2"]),
];

/// The short form ends one process at each point, the long one all of them several times.
pub fn deck(seed: &mut Seed) -> Vec<Fault> {
    let mut deck = Vec::new();
    for (point, names) in POINTS {
        if is_long() {
            for _ in 0..3 {
                deck.extend(names.iter().map(|name| Fault::At(name, point, 1 + seed.below(40))));
            }
        } else {
            deck.push(Fault::At(names[seed.below(names.len())], point, 1 + seed.below(6)));
        }
    }
    deck
}

/// The directory ends when it has claimed a mail that somebody waits for.
pub async fn a_task_that_was_claimed_and_not_done_is_done_later(fleet: &mut Fleet) {
    let mails = |fleet: &Fleet| fleet.sql("console", "SELECT count(*) FROM es_row WHERE kind = 'mail'")[0].clone();
    let before = mails(fleet);
    fleet.kill("directory");
    fleet.start_drilled("directory", "claimed:1");
    let gateway = fleet.gateway();
    let mut scout = Scout::new(fleet.demo(), &gateway);
    // Until the directory is there.
    while scout.round().await.is_err() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let username = fleet.demo()["user"]["username"].as_str().expect("a name").to_owned();
    let issuer = Partner::at(fleet.demo(), "openid", gateway.another()).issuer;
    let mut forgetful = Visitor::at(gateway, &username, "");
    let page = forgetful.open(&format!("{issuer}/reset")).await.expect("the page for who forgot their password");
    // Answered or not: the mail is written down.
    let _ = forgetful.press(&page, "reset", &[("email", &username)]).await;
    fleet.until_ended("directory").await;
    let waiting = "SELECT count(*) FROM es_task WHERE kind = 'mail' AND due_at > now()";
    assert_eq!(
        (fleet.sql("directory", waiting), mails(fleet)),
        (vec!["1".to_owned()], before.clone()),
        "claimed, not sent"
    );
    fleet.start_again("directory").await;
    // Nobody else gets it before the claim is over: here that is now.
    fleet.sql("directory", "UPDATE es_task SET due_at = now()");
    let started = Instant::now();
    while mails(fleet) == before {
        assert!(started.elapsed() < Duration::from_secs(60), "what was claimed is never done");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    println!(
        "a mail that was claimed and not sent is sent {} ms after its claim was over",
        started.elapsed().as_millis()
    );
}
