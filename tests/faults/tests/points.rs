//! Processes that end at the points where it matters: before a write and in the middle of it, before
//! anybody is told that it is done, between the broker and the cursor, between effects and offset,
//! between a claim and what it is for.

use std::{
    collections::BTreeSet,
    fs,
    time::{Duration, Instant},
};

use grantor_ports::Point;
use grantor_tests_faults::{Errands, Fleet, Partner, Scout, Seed, Visitor};
use tempfile::TempDir;

use crate::{
    fall::{Fault, survive},
    fleets::{is_long, place},
};

const ALL: &[&str] = &["registry", "directory", "authorization", "token", "console", "webhooks"];
const NOBODY: &[&str] = &[];

/// Each point, who passes it where the databases are files, and who on PostgreSQL with Apache Kafka.
/// (A service on files follows logs and has no relay; its cursor moves with its effects.)
const PASSES: &[(Point, &[&str], &[&str])] = &[
    (Point::Append, ALL, ALL),
    (Point::Written, ALL, ALL),
    (Point::Committed, ALL, ALL),
    (Point::Produced, NOBODY, ALL),
    (Point::Acknowledged, NOBODY, ALL),
    (Point::Handled, NOBODY, &["directory", "authorization", "token", "webhooks"]),
    (Point::Claimed, &["directory", "token", "webhooks"], &["directory", "token", "webhooks"]),
    (Point::Answered, &["webhooks"], &["webhooks"]),
];

fn passes(fleet: &Fleet) -> impl Iterator<Item = (Point, &'static [&'static str])> {
    let on_files = fleet.is_on_files();
    PASSES.iter().map(move |(point, files, servers)| (*point, if on_files { *files } else { *servers }))
}

/// The short form ends one process at each point, the long one every one that passes it, several
/// times.
pub fn deck(fleet: &Fleet, seed: &mut Seed) -> Vec<Fault> {
    let mut deck = Vec::new();
    // Claims are rare.
    let nth = |seed: &mut Seed, point, most| if point == Point::Claimed { 1 } else { 1 + seed.below(most) };
    for (point, names) in passes(fleet).filter(|(_, names)| !names.is_empty()) {
        if is_long() {
            for _ in 0..3 {
                deck.extend(names.iter().map(|name| Fault::At(name, point, nth(seed, point, 20))));
            }
        } else {
            let name = names[seed.below(names.len())];
            deck.push(Fault::At(name, point, nth(seed, point, 6)));
        }
    }
    seed.shuffle(&mut deck);
    deck
}

#[test]
fn every_point_is_in_the_list_of_those_where_processes_end() {
    for point in Point::ALL {
        let listed = PASSES.iter().filter(|(listed, _, servers)| *listed == point && !servers.is_empty()).count();
        assert_eq!(listed, 1, "{} is to be listed once, with who passes it", point.name());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_wherever_a_process_on_files_ends() {
    let _place = place().await;
    let mut seed = Seed::new();
    let mut fleet = Fleet::on_files().await;
    the_list_is_what_processes_pass(&mut fleet).await;
    let deck = deck(&fleet, &mut seed);
    survive(&mut fleet, &mut seed, deck).await;
}

/// Everybody does all there is to do, and says which points they pass: no more and no fewer than the
/// list says, so that a service that begins to pass one is ended there too.
pub async fn the_list_is_what_processes_pass(fleet: &mut Fleet) {
    let folder = TempDir::new().expect("a folder");
    leave_a_code(fleet).await;
    fleet.fill_log().await;
    let names: Vec<_> = fleet.names().filter(|name| *name != "token-2").collect();
    // Who leads the other would have nothing to send.
    let two = fleet.names().any(|name| name == "token-2");
    if two {
        fleet.kill("token-2");
    }
    for name in &names {
        fleet.kill(name);
        if ALL.contains(name) {
            fleet.make_tasks_due(name);
        }
    }
    fleet.start_telling(&names, folder.path()).await;
    if two {
        fleet.start_again("token-2").await;
    }
    let listed: BTreeSet<_> = passes(fleet)
        .flat_map(|(point, names)| names.iter().map(move |name| (*name, point.name().to_owned())))
        .collect();
    let told = || {
        let of = |name: &&'static str| {
            let text = fs::read_to_string(folder.path().join(name)).unwrap_or_default();
            text.lines().map(|point| (*name, point.to_owned())).collect::<Vec<_>>()
        };
        names.iter().flat_map(of).collect::<BTreeSet<_>>()
    };
    let gateway = fleet.gateway();
    let (mut errands, mut scout) = (Errands::at(fleet), Scout::new(fleet.demo(), &gateway));
    let started = Instant::now();
    while !told().is_superset(&listed) {
        assert!(
            started.elapsed() < Duration::from_secs(120),
            "listed, and not passed: {:?}",
            listed.difference(&told()).collect::<Vec<_>>()
        );
        // What is not answered while everybody starts is tried again.
        let _ = (errands.round().await, scout.round().await);
    }
    let more: Vec<_> = told().difference(&listed).cloned().collect();
    assert!(more.is_empty(), "passed, and nobody is ended there: {more:?}");
    println!("{} services pass {} points", names.len(), listed.len());
}

/// A code that nobody redeems: its end is a task.
async fn leave_a_code(fleet: &Fleet) {
    let partner = Partner::at(fleet.demo(), "openid", fleet.gateway());
    let text = |name: &str| fleet.demo()["user"][name].as_str().expect("a credential");
    let mut visitor = Visitor::at(fleet.gateway(), text("username"), text("password"));
    visitor.code_in_time(&partner.authorize_url("openid")).await;
}

/// A mail that somebody had claimed who was ended, or that could not be sent while the console was
/// away, waits for its time; all of those go out first.
async fn nobody_waits_for_a_mail(fleet: &mut Fleet) {
    fleet.kill("directory");
    fleet.make_tasks_due("directory");
    fleet.start_again("directory").await;
    let started = Instant::now();
    while fleet.sql("directory", "SELECT count(*) FROM es_task WHERE kind = 'mail'")[0] != "0" {
        assert!(started.elapsed() < Duration::from_secs(60), "there are mails that are never sent");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The directory ends when it has claimed a mail that somebody waits for.
pub async fn a_task_that_was_claimed_and_not_done_is_done_later(fleet: &mut Fleet) {
    // The mailbox holds so many and no more: a new one is told by its key.
    let all = "SELECT encode(key, 'hex') FROM es_row WHERE kind = 'mail' ORDER BY 1";
    let mails = |fleet: &Fleet| fleet.sql("console", all);
    nobody_waits_for_a_mail(fleet).await;
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
    fleet.make_tasks_due("directory");
    fleet.start_again("directory").await;
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
