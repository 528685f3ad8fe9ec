//! What is revoked at one process is dead at the other at once, and no event is needed for that
//! (I5); a user who is locked is locked everywhere within a second (I9).

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use grantor_tests_faults::{Answer, Fleet, Outcome, Partner, Seed, Visitor};
use serde_json::json;

use crate::fleets::{is_long, place};

/// Revoked tokens, in the short form and the long one.
const PAIRS: [usize; 2] = [300, 10_000];
/// Times that a user is locked.
const TRIALS: [usize; 2] = [50, 1000];
/// Users that are made at once.
const USERS: usize = 5;
/// Pairs at once.
const WORKERS: usize = 6;
/// Codes live for a minute: so many are redeemed before anything is stopped.
const FAMILIES: usize = 12;

fn wanted(of: [usize; 2]) -> usize {
    of[usize::from(is_long())]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_ends_at_one_process_ends_at_the_other() {
    let _place = place().await;
    let fleet = Fleet::start(false).await;
    a_locked_user_has_no_live_token_anywhere_within_a_second(&fleet, "told over HTTP").await;
    what_is_revoked_at_one_process_is_dead_at_the_other_with_no_event_about(&fleet).await;
}

async fn what_is_revoked_at_one_process_is_dead_at_the_other_with_no_event_about(fleet: &Fleet) {
    let mut seed = Seed::new();
    let processes = ["token", "token-2"].map(|name| Partner::at(fleet.demo(), "openid", fleet.gateway_by(name)));
    let families = families(fleet, &processes[0]).await;
    // From now on no event comes to anybody: those who have them do nothing.
    for owner in ["registry", "directory"] {
        fleet.stop(owner);
    }
    let mut stale = 0;
    for (access, refresh) in &families {
        let [here, there] = turned(&processes, &mut seed);
        assert!(is_active(there, access).await, "a token that nobody revoked is dead");
        // The one who gives the refresh token back ends all that hangs from it.
        revoke(here, refresh).await;
        for partner in [there, here] {
            stale += usize::from(is_active(partner, access).await) + usize::from(is_active(partner, refresh).await);
        }
    }
    let started = Instant::now();
    let workers = (0..WORKERS).map(|_| pairs(&processes, seed.fork(), wanted(PAIRS).div_ceil(WORKERS)));
    let found = join_all(workers).await;
    stale += found.iter().map(|(_, stale)| stale).sum::<usize>();
    let pairs = found.iter().map(|(pairs, _)| pairs).sum::<usize>();
    println!(
        "{pairs} tokens and {} families revoked at one process, asked of the other: {stale} stale answers ({} s)",
        families.len(),
        started.elapsed().as_secs()
    );
    assert_eq!(stale, 0, "I5: answers that were stale");
    assert!(pairs >= wanted(PAIRS));
}

/// Grants of the demo's user: access and refresh token each.
async fn families(fleet: &Fleet, partner: &Partner) -> Vec<(String, String)> {
    let mut visitor = person(fleet);
    let mut made = Vec::new();
    for _ in 0..FAMILIES {
        let code = visitor.code_in_time(&partner.authorize_url("openid offline_access")).await;
        let outcome = partner.exchange(&code).await.expect("an answer");
        let Outcome::Acknowledged(Answer::Tokens { access, refresh: Some(refresh) }) = outcome else {
            panic!("{outcome:?}")
        };
        made.push((access, refresh));
    }
    made
}

fn person(fleet: &Fleet) -> Visitor {
    let text = |name: &str| fleet.demo()["user"][name].as_str().expect("a credential");
    Visitor::at(fleet.gateway(), text("username"), text("password"))
}

/// The two processes, in an order that is chosen each time.
fn turned<'a>(processes: &'a [Partner; 2], seed: &mut Seed) -> [&'a Partner; 2] {
    let [one, two] = processes;
    if seed.percent(50) { [one, two] } else { [two, one] }
}

/// Makes tokens at one process, shows them to the other, revokes them at the first, and asks the
/// other again: how many, and how often it said active.
async fn pairs(processes: &[Partner; 2], mut seed: Seed, count: usize) -> (usize, usize) {
    let mut stale = 0;
    for _ in 0..count {
        let [here, there] = turned(processes, &mut seed);
        let (status, body) =
            here.form("/oauth/token", &[("grant_type", "client_credentials")]).await.expect("an answer");
        let token = body["access_token"].as_str().unwrap_or_else(|| panic!("{status}: {body}"));
        assert!(is_active(there, token).await, "a new token is dead");
        revoke(here, token).await;
        stale += usize::from(is_active(there, token).await);
    }
    (count, stale)
}

async fn is_active(partner: &Partner, token: &str) -> bool {
    match partner.introspect(token).await.expect("an answer") {
        Outcome::Acknowledged(Answer::Active(active)) => active,
        other => panic!("{other:?}"),
    }
}

async fn revoke(partner: &Partner, token: &str) {
    let outcome = partner.revoke(token).await.expect("an answer");
    assert_eq!(outcome, Outcome::Acknowledged(Answer::Done));
}

/// Locks users who have tokens, one after another.
pub async fn a_locked_user_has_no_live_token_anywhere_within_a_second(fleet: &Fleet, how: &str) {
    let processes = ["token", "token-2"].map(|name| Partner::at(fleet.demo(), "openid", fleet.gateway_by(name)));
    let mut took = Vec::new();
    while took.len() < wanted(TRIALS) {
        // Whoever was locked has to log in again: each trial has a user of its own.
        let made = (0..USERS).map(|number| user_with_token(fleet, &processes[0], took.len() + number));
        for (id, access) in join_all(made).await {
            for partner in &processes {
                assert!(is_active(partner, &access).await, "a new token is dead");
            }
            // What is measured starts at the answer: from then on the operator counts on it.
            command(&processes[0], &id, "lock").await;
            let locked = Instant::now();
            for partner in &processes {
                until_dead(partner, &access).await;
            }
            took.push(locked.elapsed());
        }
    }
    took.sort_unstable();
    let p99 = took[(took.len() * 99).div_ceil(100) - 1];
    println!(
        "a user locked, {how}, {} times: dead at both processes after {} ms (median), {} ms (p99), {} ms (longest)",
        took.len(),
        took[took.len() / 2].as_millis(),
        p99.as_millis(),
        took[took.len() - 1].as_millis()
    );
    assert!(p99 <= Duration::from_secs(1), "I9: p99 is {p99:?}");
    assert!(took[took.len() - 1] <= Duration::from_secs(5), "I9: one took {:?}", took[took.len() - 1]);
}

/// A new user who has logged in: the id, and an access token.
async fn user_with_token(fleet: &Fleet, partner: &Partner, number: usize) -> (String, String) {
    let (email, password) = (format!("locked-{number}@example.com"), "correct horse battery staple 7");
    let wanted = json!({ "email": email, "email_verified": true, "password": password });
    let made = partner.admin("POST", "/admin/v1/tenants/openid/users", Some(&wanted)).await.expect("an answer");
    let id = made.1["id"].as_str().unwrap_or_else(|| panic!("{made:?}")).to_owned();
    let mut visitor = Visitor::at(fleet.gateway(), &email, password);
    let code = visitor.code_in_time(&partner.authorize_url("openid")).await;
    let outcome = partner.exchange(&code).await.expect("an answer");
    let Outcome::Acknowledged(Answer::Tokens { access, .. }) = outcome else { panic!("{outcome:?}") };
    (id, access)
}

async fn command(partner: &Partner, user: &str, command: &str) {
    let path = format!("/admin/v1/tenants/openid/users/{user}/{command}");
    let (status, answer) = partner.admin("POST", &path, None).await.expect("an answer");
    assert_eq!(status, 200, "{answer}");
}

async fn until_dead(partner: &Partner, token: &str) {
    let started = Instant::now();
    while is_active(partner, token).await {
        assert!(started.elapsed() < Duration::from_secs(30), "I9: it never dies");
    }
}
