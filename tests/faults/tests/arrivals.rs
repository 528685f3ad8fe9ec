//! What arrives from the topics twice, late, broken, or all over again (I8, I11); that a locked user
//! is locked everywhere within a second (I9); and a relay that is stuck while it leads (I19).

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use grantor_tests_faults::{Answer, Fleet, Outcome, Partner, Visitor};
use grantor_tests_servers::{Raw, followed, forget_group, read, until_read, write};
use serde_json::json;

use crate::{fleets::place, revocation::a_locked_user_has_no_live_token_anywhere_within_a_second};

const USERS: &str = "identity.user.state.v1";
const CLIENTS: &str = "oauth.client.state.v1";
const TENANTS: &str = "platform.tenant.state.v1";
/// Those who have copies.
const COPIES: [&str; 2] = ["token", "authorization"];
/// Who follows which topics, as their groups say it. Whoever begins to follow one has to be judged by
/// what stands here, and by [`EFFECTS`].
const FOLLOWED: [(&str, &[&str]); 4] = [
    ("authorization", &[USERS, "oauth.authorization.v1", CLIENTS, "platform.signing_key.v1", TENANTS]),
    ("directory", &["oauth.authorization.v1", "platform.signing_key.v1"]),
    ("token", &[USERS, CLIENTS, TENANTS]),
    (
        "webhooks",
        &[
            "identity.account.v1",
            "identity.user.v1",
            "oauth.authorization.v1",
            "oauth.client.v1",
            CLIENTS,
            "platform.signing_key.v1",
            TENANTS,
            "platform.tenant.v1",
        ],
    ),
];
/// Nothing here leads to an account.
const SILENT: &str = "identity.account.v1";
/// All that a follower has because of what it was told; how fresh that is goes on by itself, and so do
/// the ends of what only waits.
const EFFECTS: [&str; 10] = [
    "SELECT tenant_id, kind, encode(key, 'hex'), md5(data) FROM es_row WHERE kind <> 'heard' ORDER BY 1, 2, 3",
    "SELECT consumer, event_id FROM es_inbox ORDER BY 1, 2",
    "SELECT tenant_id, kind, id, md5(data) FROM es_task ORDER BY 1, 2, 3",
    "SELECT tenant_id, kind, encode(key, 'hex'), version, md5(data) FROM es_copy ORDER BY 1, 2, 3",
    "SELECT tenant_id, agg_type, agg_id, version, revision, md5(state) FROM es_state ORDER BY 1, 2, 3",
    "SELECT tenant_id, list, id, version, md5(data) FROM es_list ORDER BY 1, 2, 3",
    "SELECT consumer, source, seq, agg_id, reason FROM es_parked ORDER BY 1, 2, 3",
    "SELECT endpoint, message, form, state, attempts FROM wh_delivery ORDER BY 1, 2",
    "SELECT endpoint, message, number, status FROM wh_attempt ORDER BY 1, 2, 3",
    "SELECT id, form, md5(body) FROM wh_message ORDER BY 1, 2",
];

/// Everything that this file has to show, at one fleet: to start one takes longer than the rest.
struct World {
    fleet: Fleet,
    partners: [Partner; 2],
    users: usize,
}

/// Somebody with a live access token.
struct User {
    id: String,
    access: String,
}

impl World {
    async fn user(&mut self) -> User {
        self.users += 1;
        let (email, password) = (format!("user-{}@example.com", self.users), "correct horse battery staple 7");
        let wanted = json!({ "email": email, "email_verified": true, "password": password });
        let partner = &self.partners[0];
        let made = partner.admin("POST", "/admin/v1/tenants/openid/users", Some(&wanted)).await.expect("an answer");
        let id = made.1["id"].as_str().unwrap_or_else(|| panic!("{made:?}")).to_owned();
        User { id, access: self.grant(&email, password).await }
    }

    async fn grant(&self, email: &str, password: &str) -> String {
        let partner = &self.partners[0];
        let mut visitor = Visitor::at(self.fleet.gateway_by("token"), email, password);
        let code = visitor.code_in_time(&partner.authorize_url("openid")).await;
        let outcome = partner.exchange(&code).await.expect("an answer");
        let Outcome::Acknowledged(Answer::Tokens { access, .. }) = outcome else { panic!("{outcome:?}") };
        access
    }

    /// A grant that ends, and a key that is made.
    async fn something_of_everything(&mut self) {
        let user = self.user().await;
        let partner = &self.partners[0];
        let outcome = partner.revoke(&user.access).await.expect("an answer");
        assert_eq!(outcome, Outcome::Acknowledged(Answer::Done));
        let rotated = partner.admin("POST", "/admin/v1/tenants/openid/keys", Some(&json!({ "alg": "ES256" }))).await;
        let (status, answer) = rotated.expect("an answer");
        assert!(status < 300, "{answer}");
        self.fleet.until_sent(&self.fleet.ends()).await;
    }

    async fn lock(&self, user: &User) -> Duration {
        let path = format!("/admin/v1/tenants/openid/users/{}/lock", user.id);
        let (status, answer) = self.partners[0].admin("POST", &path, None).await.expect("an answer");
        assert_eq!(status, 200, "{answer}");
        let locked = Instant::now();
        while self.is_active(user).await != [false; 2] {
            assert!(locked.elapsed() < Duration::from_secs(30), "I9: it never dies");
        }
        locked.elapsed()
    }

    /// At both processes.
    async fn is_active(&self, user: &User) -> [bool; 2] {
        let mut active = [false; 2];
        for (active, partner) in active.iter_mut().zip(&self.partners) {
            let outcome = partner.introspect(&user.access).await.expect("an answer");
            let Outcome::Acknowledged(Answer::Active(is_active)) = outcome else { panic!("{outcome:?}") };
            *active = is_active;
        }
        active
    }

    async fn topic(&self, name: &str) -> (String, Vec<Raw>) {
        let kafka = self.fleet.bus().kafka();
        let topic = kafka.named(name);
        let records = read(kafka, &topic, usize::from(name != SILENT)).await;
        (topic, records)
    }

    /// Until everybody who follows it has.
    async fn until_read(&self, topic: &str, records: &[Raw]) {
        let kafka = self.fleet.bus().kafka();
        for (service, topics) in FOLLOWED {
            if topics.iter().any(|name| kafka.named(name) == topic) {
                until_read(kafka, &kafka.named(service), topic, records).await;
            }
        }
    }

    /// Until partners have been told of everything, and that is written down.
    async fn until_told(&mut self) {
        let (calls, took) = self.fleet.told().await;
        let problems = calls.judge(&[]);
        assert!(problems.is_empty(), "after {} ms:\n{}", took.as_millis(), problems.join("\n"));
        assert_eq!(calls.repeated(), 0, "I12: a call came again, though nobody has died");
        let started = Instant::now();
        while self.fleet.sql("webhooks", "SELECT 1 FROM wh_delivery WHERE state = 0 LIMIT 1") != [""; 0] {
            assert!(started.elapsed() < Duration::from_secs(60), "results of calls are not written");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Says what is not as it was.
    fn are_still(&self, before: &[String]) {
        let now = self.effects();
        let gone: Vec<_> = before.iter().filter(|line| !now.contains(line)).collect();
        let new: Vec<_> = now.iter().filter(|line| !before.contains(line)).collect();
        assert!(gone.is_empty() && new.is_empty(), "I11: {gone:#?} became {new:#?}");
    }

    fn effects(&self) -> Vec<String> {
        let ask = |service: &str, text: &str| {
            self.fleet.sql(service, text).into_iter().map(|row| format!("{service}: {row}")).collect::<Vec<_>>()
        };
        FOLLOWED.iter().flat_map(|(service, _)| EFFECTS.iter().flat_map(|text| ask(service, text))).collect()
    }
}

fn is_event(record: &Raw) -> bool {
    record.header("ce_type") != "platform.bus.heartbeat"
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_arrives_however_often_changes_nothing_and_a_stuck_relay_writes_nothing() {
    let _place = place().await;
    let fleet = Fleet::with_kafka(false).await;
    let partners = ["token", "token-2"].map(|name| Partner::at(fleet.demo(), "openid", fleet.gateway_by(name)));
    let mut world = World { fleet, partners, users: 0 };
    what_comes_again_in_the_wrong_order_changes_nothing(&mut world).await;
    what_nobody_can_read_stops_its_own_key_alone(&mut world).await;
    all_topics_read_again_from_their_beginning_change_nothing(&mut world).await;
    a_locked_user_has_no_live_token_anywhere_within_a_second(&world.fleet, "told by Kafka").await;
    a_relay_that_is_stuck_is_replaced_and_writes_nothing_afterwards(&mut world).await;
}

async fn what_comes_again_in_the_wrong_order_changes_nothing(world: &mut World) {
    let user = world.user().await;
    println!("locked, and dead at both processes after {} ms", world.lock(&user).await.as_millis());
    let mut all = Vec::new();
    for name in [USERS, CLIENTS, TENANTS] {
        let (topic, records) = world.topic(name).await;
        world.until_read(&topic, &records).await;
        all.push((topic, records));
    }
    world.until_told().await;
    let before = world.effects();
    let mut repeated = 0;
    for (topic, mut records) in all {
        records.retain(is_event);
        // The newest first, each twice.
        records.sort_by_key(|record| std::cmp::Reverse(record.offset));
        let twice: Vec<Raw> = records.iter().flat_map(|record| [record.clone(), record.clone()]).collect();
        let written = write(world.fleet.bus().kafka(), &topic, &twice).await;
        world.until_read(&topic, &written).await;
        repeated += written.len();
    }
    world.are_still(&before);
    assert_eq!(world.is_active(&user).await, [false; 2], "an old record has unlocked a user");
    println!("{repeated} records written again in the wrong order: nothing changed");
}

async fn what_nobody_can_read_stops_its_own_key_alone(world: &mut World) {
    let (stuck, free) = (world.user().await, world.user().await);
    let (topic, records) = world.topic(USERS).await;
    let is_of = |record: &&Raw| record.value.windows(stuck.id.len()).any(|part| part == stuck.id.as_bytes());
    let own = records.iter().find(is_of).expect("a record of this user");
    let poison = Raw { value: b"this is no envelope".to_vec(), ..own.clone() };
    let written = write(world.fleet.bus().kafka(), &topic, &[poison]).await;
    world.until_read(&topic, &written).await;
    println!("behind what nobody can read, a user is locked after {} ms", world.lock(&free).await.as_millis());
    for service in COPIES {
        let parked = world.fleet.sql(service, "SELECT DISTINCT consumer, agg_id FROM es_parked");
        assert_eq!(parked, [format!("copies|{}", own.key)], "{service} has parked that key, and nothing else");
        let letters = read(world.fleet.bus().kafka(), &world.fleet.bus().kafka().dead_letters(service), 1).await;
        assert!(letters.iter().all(|letter| letter.key == own.key && !letter.header("grantor_reason").is_empty()));
    }
}

async fn all_topics_read_again_from_their_beginning_change_nothing(world: &mut World) {
    let kafka = world.fleet.bus().kafka().clone();
    everybody_who_follows_is_known(&world.fleet).await;
    let processes: Vec<_> =
        world.fleet.names().filter(|name| FOLLOWED.iter().any(|(it, _)| name.starts_with(it))).collect();
    world.something_of_everything().await;
    let topics: BTreeSet<_> = FOLLOWED.iter().flat_map(|(_, topics)| topics.iter().copied()).collect();
    let mut all = Vec::new();
    for name in topics {
        let (topic, records) = world.topic(name).await;
        assert!(records.iter().any(is_event) || name == SILENT, "nothing has happened that {name} tells of");
        world.until_read(&topic, &records).await;
        all.push((topic, records));
    }
    world.until_told().await;
    processes.iter().for_each(|name| world.fleet.kill(name));
    let before = world.effects();
    for (service, _) in FOLLOWED {
        forget_group(&kafka, &kafka.named(service)).await;
    }
    for name in processes {
        world.fleet.start_again(name).await;
    }
    for (topic, records) in &all {
        world.until_read(topic, records).await;
    }
    world.are_still(&before);
    world.until_told().await;
    let records: usize = all.iter().map(|(_, records)| records.len()).sum();
    println!("{records} records of {} topics read again from the first on: nothing changed", all.len());
    let user = world.user().await;
    world.lock(&user).await;
}

/// What the groups at the broker follow is what the list says, no more and no less.
async fn everybody_who_follows_is_known(fleet: &Fleet) {
    let kafka = fleet.bus().kafka();
    for service in fleet.names().filter(|name| *name != "token-2") {
        let listed: BTreeSet<_> = FOLLOWED
            .iter()
            .filter(|(it, _)| *it == service)
            .flat_map(|(_, topics)| topics.iter().map(|name| kafka.named(name)))
            .collect();
        let started = Instant::now();
        loop {
            let told = followed(kafka, &kafka.named(service)).await;
            if told == listed {
                break;
            }
            assert!(started.elapsed() < Duration::from_secs(60), "{service} follows {told:?}, not {listed:?}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

/// Its process is stopped while it leads; the other one takes over, and the first finds that out.
async fn a_relay_that_is_stuck_is_replaced_and_writes_nothing_afterwards(world: &mut World) {
    let leads =
        |world: &World| world.fleet.sql("token", "SELECT leader_epoch FROM es_cursor WHERE source = ''")[0].clone();
    // The others know one address of the token service: that process is to go on.
    let (leader, other) = ("token-2", "token");
    world.fleet.kill(other);
    while !is_sending(&world.fleet, leader).await {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    world.fleet.start_again(other).await;
    let partner = Partner::at(world.fleet.demo(), "openid", world.fleet.gateway_by(other));
    world.fleet.until_sent(&world.fleet.ends()).await;
    let lead = leads(world);
    world.fleet.stop(leader);
    let stopped = Instant::now();
    grants(world, &partner, other, 5).await;
    world.fleet.until_sent(&world.fleet.ends()).await;
    println!(
        "{leader} was stuck while it led; the events of others were sent after {} ms",
        stopped.elapsed().as_millis()
    );
    let taken = leads(world);
    assert_ne!(taken, lead, "nobody else has led");
    world.fleet.go_on(leader);
    grants(world, &partner, other, 5).await;
    assert!(!is_sending(&world.fleet, leader).await && is_sending(&world.fleet, other).await);
    assert_eq!(leads(world), taken, "who was stuck leads again, though somebody else does");
    world.fleet.until_sent(&world.fleet.ends()).await;
    let told = world.fleet.bus().told("token", &world.fleet.store("token").await).await;
    println!("token: {}; {} facts, {} lost", told.events, told.facts, told.lost_facts);
    assert!(told.events.is_good() && told.lost_facts == 0, "I7, I8: {told:?}");
    assert_eq!(told.events.duplicated, 0, "I19: somebody wrote what the other had written");
}

/// Codes exchanged by one process, which are events.
async fn grants(world: &World, partner: &Partner, at: &str, count: usize) {
    let text = |name: &str| world.fleet.demo()["user"][name].as_str().expect("a credential");
    let mut visitor = Visitor::at(world.fleet.gateway_by(at), text("username"), text("password"));
    for _ in 0..count {
        let code = visitor.code(&partner.authorize_url("openid")).await.expect("a code");
        let outcome = partner.exchange(&code).await;
        assert!(matches!(outcome, Ok(Outcome::Acknowledged(_))), "{outcome:?}");
    }
}

/// Whether the token service's relay in this process has a way to the broker.
async fn is_sending(fleet: &Fleet, name: &str) -> bool {
    let asked = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(10)).build().expect("a client");
    let Ok(answer) = asked.get(format!("{}/ready", fleet.admin_of(name))).send().await else { return false };
    let ready: serde_json::Value = answer.json().await.expect("JSON");
    let checks = ready["checks"].as_array().expect("checks");
    checks.iter().any(|check| {
        check["name"] == "relay of token" && check["note"].as_str().is_some_and(|note| note.starts_with("sends"))
    })
}
