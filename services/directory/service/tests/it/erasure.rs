use grantor_directory::UserCodec;
use grantor_directory_domain::{Event, User};
use grantor_eventsourcing::Codec;
use grantor_ports::{Directory as _, DirectoryAdmin, LoginRefusal, Reset, UserChange, UserCommand, UserState};
use grantor_store::{RowChange, RowKey, Write};
use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::json;

use crate::world::{EMAIL, META, PASSWORD, TENANT, World, code, object};

/// Everything personal or secret that the story below uses.
const MARKERS: [&str; 9] = [
    "marker",
    "markername",
    "ada.marker",
    "example.org",
    "goldplated",
    "countess",
    "198.51.100.7",
    "argon2id",
    "en-GB",
];

/// A user with everything a user can leave behind; answers the sealed forms of their profile.
async fn story(world: &World) -> (grantor_ids::UserId, Vec<Vec<u8>>) {
    let ticket = world.begin(EMAIL).await.unwrap();
    let code = code(&world.mails().await[0]);
    let user = world.directory.finish_sign_up(TENANT, &ticket, &code, &META).await.unwrap().user;
    world.login(EMAIL, PASSWORD, "198.51.100.7").await.unwrap();
    world.login(EMAIL, "a wrong marker", "198.51.100.7").await.unwrap_err();
    let change = UserChange {
        claims: object(json!({"nickname": "countess"})),
        attributes: object(json!({"plan": "goldplated"})),
        ..UserChange::default()
    };
    world.directory.change_user(TENANT, user, change, &META).await.unwrap();
    // A reset and a sign-up that nobody finished, and mails that nobody could be sent.
    let reset = Reset { email: EMAIL.into(), locale: None, address: None };
    world.directory.begin_reset(TENANT, reset, &META).await.unwrap();
    world.begin(EMAIL).await.unwrap();
    let sealed = world.store.stream(TENANT, user.uuid()).await.unwrap().iter().filter_map(sealed_of).collect();
    (user, sealed)
}

fn sealed_of(envelope: &grantor_eventsourcing::Envelope) -> Option<Vec<u8>> {
    match UserCodec::decode(envelope).unwrap() {
        Event::Created { profile, .. } | Event::ProfileChanged { profile, .. } => Some(profile.0),
        _ => None,
    }
}

fn contains(all: &[u8], part: &[u8]) -> bool {
    all.windows(part.len()).any(|window| window == part)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_personal_datum_is_ever_in_clear_in_the_files() {
    let world = World::new().await;
    let following = world.follow();
    let (user, _) = story(&world).await;
    for marker in MARKERS {
        assert_eq!(world.files_with(marker), Vec::<std::path::PathBuf>::new(), "{marker}");
    }
    assert!(world.directory.person(TENANT, user).await.unwrap().is_some());
    following.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn after_erasure_a_database_administrator_recovers_nothing_from_the_files() {
    let world = World::new().await;
    let following = world.follow();
    let (user, sealed) = story(&world).await;
    let other = world.user("bystander@example.org", None).await;
    let gone: Vec<(&str, Vec<u8>)> = {
        let mut rows = Vec::new();
        for kind in ["subject_key", "password", "email", "known_address"] {
            for row in world.store.rows_of(TENANT, kind, user.uuid()).await.unwrap() {
                rows.push((kind, if kind == "email" { row.key } else { row.data }));
            }
        }
        for kind in ["sign_up", "reset"] {
            rows.extend(world.store.rows(TENANT, kind).await.unwrap().into_iter().map(|row| (kind, row.data)));
        }
        let due = world.store.due_tasks("mail", chrono::DateTime::<chrono::Utc>::MAX_UTC, 10).await.unwrap();
        rows.extend(due.into_iter().map(|task| ("mail", task.data)));
        rows
    };
    let kinds: Vec<&str> = gone.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds, ["subject_key", "password", "email", "known_address", "sign_up", "reset", "mail", "mail"]);
    let before = world.all_bytes();
    assert!(gone.iter().all(|(_, bytes)| contains(&before, bytes)), "the search finds what is there");

    let view = world.directory.command_user(TENANT, user, UserCommand::Erase, &META).await.unwrap();
    assert_eq!((view.state, view.claims.len()), (UserState::Erased, 0));

    let after = world.all_bytes();
    for (kind, bytes) in &gone {
        assert!(!contains(&after, bytes), "{kind} is still in a file");
    }
    // What was sealed may stand in the log for ever: the only key to it is gone.
    assert!(sealed.iter().all(|bytes| contains(&after, bytes)));
    for marker in MARKERS {
        assert_eq!(world.files_with(marker), Vec::<std::path::PathBuf>::new(), "{marker}");
    }
    assert!(world.store.due_tasks("scrub", chrono::DateTime::<chrono::Utc>::MAX_UTC, 10).await.unwrap().is_empty());
    assert!(world.mails().await.is_empty(), "and no mail goes out any more");

    let world = world.restart().await;
    assert_eq!(world.directory.claims(TENANT, user).await, Ok(None));
    assert_eq!(world.directory.person(TENANT, user).await, Ok(None));
    assert_eq!(world.directory.user_by_email(TENANT, EMAIL).await, Ok(None));
    assert_eq!(world.login(EMAIL, PASSWORD, "198.51.100.7").await, Err(LoginRefusal::Wrong));
    let status = world.directory.status(TENANT, user).await.unwrap().unwrap();
    assert_eq!((status.state, status.not_before.is_some()), (UserState::Erased, true));
    assert!(world.directory.claims(TENANT, other).await.unwrap().is_some(), "nobody else is touched");
    following.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_that_a_reader_holds_up_is_finished_later() {
    let world = World::new().await;
    let user = world.user(EMAIL, Some(PASSWORD)).await;
    let password = world.store.rows_of(TENANT, "password", user.uuid()).await.unwrap().remove(0).data;
    let connection = world.connection().await;
    let reading = connection.begin().await.unwrap();
    reading.execute_unprepared("SELECT * FROM es_row").await.unwrap();

    world.directory.command_user(TENANT, user, UserCommand::Erase, &META).await.unwrap();
    let scrubs =
        || async { world.store.due_tasks("scrub", chrono::DateTime::<chrono::Utc>::MAX_UTC, 9).await.unwrap().len() };
    assert_eq!(scrubs().await, 1, "it is known that something is left to do");
    assert!(contains(&world.all_bytes(), &password));

    reading.rollback().await.unwrap();
    connection.close().await.unwrap();
    let (_, scrub) = world.directory.jobs().remove(1);
    let scrub = tokio::spawn(scrub);
    while scrubs().await > 0 {
        tokio::task::yield_now().await;
    }
    assert!(!contains(&world.all_bytes(), &password));
    scrub.abort();
}

#[tokio::test]
async fn erasing_twice_is_erasing_once_and_the_address_is_free_again() {
    let world = World::new().await;
    let user = world.user(EMAIL, Some(PASSWORD)).await;
    for _ in 0..2 {
        world.directory.command_user(TENANT, user, UserCommand::Erase, &META).await.unwrap();
    }
    assert_eq!(world.directory.status(TENANT, user).await.unwrap().unwrap().version, 2);
    let again = world.user(EMAIL, None).await;
    assert_ne!(again, user, "another person, as far as anybody can tell");
    assert_eq!(world.directory.claims(TENANT, user).await, Ok(None));
}

#[tokio::test]
async fn a_log_from_before_the_erasure_yields_an_erased_user_without_the_key() {
    let world = World::new().await;
    let user = world.user(EMAIL, Some(PASSWORD)).await;
    // As after a restore: events and state of before, keys of after.
    let key = RowKey::new(TENANT, "subject_key", user.uuid().as_bytes());
    let rows = vec![RowChange::Delete { key, expected: None }];
    world.store.commit(Write { rows, ..Write::default() }).await.unwrap();
    assert!(matches!(world.store.load::<User>(TENANT, user.uuid()).await.unwrap().state, User::Active(_)));

    assert_eq!(world.directory.status(TENANT, user).await.unwrap().unwrap().state, UserState::Erased);
    assert_eq!(world.directory.claims(TENANT, user).await, Ok(None));
    assert_eq!(world.login(EMAIL, PASSWORD, "198.51.100.7").await, Err(LoginRefusal::Wrong));
    assert!(world.directory.command_user(TENANT, user, UserCommand::Lock, &META).await.is_err());
    assert!(world.directory.change_user(TENANT, user, UserChange::default(), &META).await.is_err());
    world.directory.command_user(TENANT, user, UserCommand::Erase, &META).await.unwrap();
    assert_eq!(world.directory.user_by_email(TENANT, EMAIL).await, Ok(None), "its leftovers go too");
    world.user(EMAIL, None).await;
}

#[tokio::test]
async fn two_tenants_never_share_a_ciphertext_or_a_hash() {
    let world = World::new().await;
    let here = world.user(EMAIL, Some(PASSWORD)).await;
    let there = world.user_of(crate::world::OTHER, EMAIL, Some(PASSWORD)).await;
    let hash = |tenant, user: grantor_ids::UserId| {
        let store = world.store.clone();
        async move { store.rows_of(tenant, "email", user.uuid()).await.unwrap().remove(0).key }
    };
    assert_ne!(hash(TENANT, here).await, hash(crate::world::OTHER, there).await);
}
