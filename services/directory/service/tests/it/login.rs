use std::sync::Arc;

use grantor_crypto::PasswordHasher;
use grantor_ports::{Directory as _, DirectoryAdmin, LoginRefusal, PortError, UserChange, UserCommand};
use grantor_store::Log;

use crate::world::{EMAIL, META, OTHER, PASSWORD, TENANT, World, attempt, new_user};

const HOME: &str = "198.51.100.7";

fn throttled(answer: Result<grantor_ports::Login, LoginRefusal>) -> u32 {
    match answer {
        Err(LoginRefusal::Throttled { retry_after }) => retry_after,
        other => panic!("expected a throttled login, not {other:?}"),
    }
}

#[tokio::test]
async fn the_right_password_logs_in_whatever_the_case_of_the_address() {
    let world = World::new().await;
    let user = world.user(EMAIL, Some(PASSWORD)).await;
    let login = world.login(" ada.MARKER@Example.org ", PASSWORD, HOME).await.unwrap();
    assert_eq!((login.user, login.amr), (user, vec!["pwd".to_owned()]));
}

#[tokio::test]
async fn a_refusal_tells_of_the_user_only_what_the_right_password_may_know() {
    let world = World::new().await;
    let tried = |email: &'static str, password: &'static str| world.login(email, password, HOME);
    world.user("fine@example.org", Some(PASSWORD)).await;
    world.user("nopassword@example.org", None).await;
    let locked = world.user("locked@example.org", Some(PASSWORD)).await;
    world.directory.command_user(TENANT, locked, UserCommand::Lock, &META).await.unwrap();
    let gone = world.user("gone@example.org", Some(PASSWORD)).await;
    world.directory.command_user(TENANT, gone, UserCommand::Deactivate, &META).await.unwrap();
    let erased = world.user("erased@example.org", Some(PASSWORD)).await;
    world.directory.command_user(TENANT, erased, UserCommand::Erase, &META).await.unwrap();
    let unverified =
        grantor_ports::CreateUser { email_verified: false, ..new_user("unverified@example.org", Some(PASSWORD)) };
    world.directory.create_user(TENANT, unverified, &META).await.unwrap();
    world.user_of(OTHER, "elsewhere@example.org", Some(PASSWORD)).await;

    assert!(tried("fine@example.org", PASSWORD).await.is_ok());
    assert_eq!(tried("fine@example.org", "wrong password").await, Err(LoginRefusal::Wrong));
    for email in ["unknown", "nopassword", "gone", "erased", "elsewhere"] {
        let answer = world.login(&format!("{email}@example.org"), PASSWORD, HOME).await;
        assert_eq!(answer, Err(LoginRefusal::Wrong), "{email}");
    }
    for (email, told) in [("locked", LoginRefusal::Locked), ("unverified", LoginRefusal::Unverified)] {
        let email = format!("{email}@example.org");
        assert_eq!(world.login(&email, "wrong password", HOME).await, Err(LoginRefusal::Wrong), "{email}");
        assert_eq!(world.login(&email, PASSWORD, HOME).await, Err(told), "{email}");
    }
    assert_eq!(tried("no address at all", PASSWORD).await, Err(LoginRefusal::Wrong));
    assert_eq!(tried("", "").await, Err(LoginRefusal::Wrong));
}

#[tokio::test]
async fn forty_good_logins_in_a_minute_pass() {
    let world = World::new().await;
    world.user(EMAIL, Some(PASSWORD)).await;
    let logins = (0..40).map(|_| {
        let directory = Arc::clone(&world.directory);
        tokio::spawn(async move { directory.check_password(TENANT, attempt(EMAIL, PASSWORD, HOME), &META).await })
    });
    for login in logins.collect::<Vec<_>>() {
        login.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn an_attacker_has_ten_guesses_counted_across_a_restart() {
    let mut world = World::new().await;
    world.user(EMAIL, Some(PASSWORD)).await;
    for guess in 0..10 {
        if guess == 5 {
            world = world.restart().await;
        }
        // From a new place each time: the account is counted, not the place.
        let from = format!("203.0.113.{guess}");
        assert_eq!(world.login(EMAIL, "wrong password", &from).await, Err(LoginRefusal::Wrong));
    }
    assert_eq!(throttled(world.login(EMAIL, PASSWORD, "203.0.113.99").await), 900);
    world.clock.advance_seconds(600);
    assert_eq!(throttled(world.login(EMAIL, PASSWORD, "203.0.113.99").await), 300, "a refused try does not prolong it");
    world.clock.advance_seconds(301);
    assert!(world.login(EMAIL, PASSWORD, "203.0.113.99").await.is_ok());
}

#[tokio::test]
async fn an_attacker_who_uses_up_the_guesses_does_not_keep_the_owner_out() {
    let world = World::new().await;
    world.user(EMAIL, Some(PASSWORD)).await;
    world.login(EMAIL, PASSWORD, HOME).await.unwrap();
    for _ in 0..10 {
        assert_eq!(world.login(EMAIL, "wrong password", "203.0.113.5").await, Err(LoginRefusal::Wrong));
    }
    throttled(world.login(EMAIL, PASSWORD, "203.0.113.6").await);
    assert!(world.login(EMAIL, PASSWORD, HOME).await.is_ok(), "from where they logged in before");
    for _ in 0..10 {
        assert_eq!(world.login(EMAIL, "wrong password", HOME).await, Err(LoginRefusal::Wrong));
    }
    throttled(world.login(EMAIL, PASSWORD, HOME).await);
}

#[tokio::test]
async fn an_unknown_user_is_throttled_like_a_known_one() {
    let world = World::new().await;
    for _ in 0..10 {
        assert_eq!(world.login("nobody@example.org", "wrong password", HOME).await, Err(LoginRefusal::Wrong));
    }
    assert_eq!(throttled(world.login("nobody@example.org", "wrong password", HOME).await), 900);
}

#[tokio::test]
async fn one_address_cannot_try_one_password_on_everybody() {
    let world = World::new().await;
    for victim in 0..50 {
        let email = format!("victim{victim}@example.org");
        assert_eq!(world.login(&email, "sommer of 69", "203.0.113.5").await, Err(LoginRefusal::Wrong));
    }
    throttled(world.login("victim51@example.org", "sommer of 69", "203.0.113.5").await);
    assert_eq!(world.login("victim51@example.org", "sommer of 69", HOME).await, Err(LoginRefusal::Wrong));
}

#[tokio::test]
async fn parallel_guesses_are_not_free() {
    let world = World::new().await;
    world.user(EMAIL, Some(PASSWORD)).await;
    let guesses: Vec<_> = (0..32)
        .map(|_| {
            let directory = Arc::clone(&world.directory);
            tokio::spawn(
                async move { directory.check_password(TENANT, attempt(EMAIL, "guess guess", HOME), &META).await },
            )
        })
        .collect();
    let mut wrong = 0;
    for guess in guesses {
        match guess.await.unwrap() {
            Err(LoginRefusal::Wrong) => wrong += 1,
            Err(LoginRefusal::Throttled { .. }) => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(wrong, 10);
}

#[tokio::test]
async fn a_full_queue_is_busy_and_counts_no_failure() {
    let world = World::new().await;
    world.user(EMAIL, Some(PASSWORD)).await;
    let full = world.with_hasher(PasswordHasher::with_limits(0, 0)).await;
    for _ in 0..12 {
        let answer = full.check_password(TENANT, attempt(EMAIL, PASSWORD, HOME), &META).await;
        assert_eq!(answer, Err(LoginRefusal::Port(PortError::Busy)));
    }
    assert!(world.login(EMAIL, PASSWORD, HOME).await.is_ok());
}

#[tokio::test]
async fn a_new_password_replaces_the_old_and_ends_what_was_granted_before() {
    let world = World::new().await;
    let user = world.user(EMAIL, Some(PASSWORD)).await;
    world.clock.advance_seconds(60);
    let change = UserChange { password: Some("another long password".into()), ..UserChange::default() };
    world.directory.change_user(TENANT, user, change, &META).await.unwrap();
    assert_eq!(world.login(EMAIL, PASSWORD, HOME).await, Err(LoginRefusal::Wrong));
    assert!(world.login(EMAIL, "another long password", HOME).await.is_ok());
    let status = world.directory.status(TENANT, user).await.unwrap().unwrap();
    assert_eq!(status.not_before.unwrap().timestamp(), 1_800_000_060);
}

#[tokio::test]
async fn logins_are_facts_without_personal_data() {
    let world = World::new().await;
    let user = world.user(EMAIL, Some(PASSWORD)).await;
    world.login(EMAIL, PASSWORD, HOME).await.unwrap();
    world.login(EMAIL, "wrong password", HOME).await.unwrap_err();
    world.login("nobody@example.org", "wrong password", HOME).await.unwrap_err();
    let facts = world.store.read_log(Log::Facts, Default::default(), 100).await.unwrap();
    let logins: Vec<_> = facts.iter().filter(|fact| fact.event_type.starts_with("identity.login")).collect();
    let told: Vec<_> = logins.iter().map(|fact| (fact.event_type.as_str(), fact.aggregate_id)).collect();
    let nobody = uuid::Uuid::nil();
    assert_eq!(
        told,
        [
            ("identity.login.succeeded", user.uuid()),
            ("identity.login.failed", user.uuid()),
            ("identity.login.failed", nobody)
        ]
    );
    assert!(logins.iter().all(|fact| !fact.payload.windows(6).any(|window| window == b"marker")));
}
