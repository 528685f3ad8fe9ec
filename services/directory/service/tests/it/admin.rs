use grantor_ports::{
    AdminError, CreateUser, Directory as _, DirectoryAdmin, Page, UserChange, UserCommand, UserState, UserStatus,
};
use grantor_store::Log;
use serde_json::json;

use crate::world::{EMAIL, META, OTHER, PASSWORD, TENANT, World, new_user, object};

fn with_data() -> CreateUser {
    CreateUser {
        claims: object(
            json!({"given_name": "Ada", "family_name": "Marker", "birthdate": "1815-12-10", "gender": null}),
        ),
        attributes: object(json!({"plan": "premium"})),
        ..new_user(EMAIL, None)
    }
}

fn pointer(error: AdminError) -> String {
    match error {
        AdminError::Invalid { pointer, .. } => pointer,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn claims_and_attributes_are_answered_together() {
    let world = World::new().await;
    let view = world.directory.create_user(TENANT, with_data(), &META).await.unwrap();
    let expected = object(json!({
        "sub": view.id.to_string(), "email": EMAIL, "email_verified": true, "updated_at": 1_800_000_000,
        "given_name": "Ada", "family_name": "Marker", "birthdate": "1815-12-10", "plan": "premium",
    }));
    assert_eq!(view.claims, expected);
    assert_eq!(world.directory.claims(TENANT, view.id).await.unwrap(), Some(expected));
    let person = world.directory.person(TENANT, view.id).await.unwrap().unwrap();
    assert_eq!((person.display_name.as_str(), person.email.as_deref()), ("Ada Marker", Some(EMAIL)));
    assert_eq!(world.directory.claims(OTHER, view.id).await.unwrap(), None, "another tenant has no such user");
    assert_eq!(world.directory.status(OTHER, view.id).await.unwrap(), None);
}

#[tokio::test]
async fn a_change_merges_and_null_removes() {
    let world = World::new().await;
    let user = world.directory.create_user(TENANT, with_data(), &META).await.unwrap().id;
    world.clock.advance_seconds(10);
    let change = UserChange {
        claims: object(json!({"birthdate": null, "nickname": "Countess"})),
        attributes: object(json!({"plan": "basic"})),
        ..UserChange::default()
    };
    let claims = world.directory.change_user(TENANT, user, change, &META).await.unwrap().claims;
    assert_eq!(claims.get("birthdate"), None);
    assert_eq!(
        (&claims["nickname"], &claims["plan"], &claims["given_name"]),
        (&json!("Countess"), &json!("basic"), &json!("Ada"))
    );
    assert_eq!(claims["updated_at"], 1_800_000_010);
    let status = world.directory.status(TENANT, user).await.unwrap().unwrap();
    assert_eq!((status.version, status.not_before), (2, None));
    world.directory.change_user(TENANT, user, UserChange::default(), &META).await.unwrap();
    let status = world.directory.status(TENANT, user).await.unwrap().unwrap();
    assert_eq!(status.version, 2, "nothing changed, nothing happened");
}

#[tokio::test]
async fn an_address_is_one_users() {
    let world = World::new().await;
    let ada = world.user(EMAIL, None).await;
    let again = world.directory.create_user(TENANT, new_user("ADA.MARKER@example.org", None), &META).await;
    assert!(matches!(again, Err(AdminError::Conflict(_))));
    world.user_of(OTHER, EMAIL, None).await;
    let bob = world.user("bob@example.org", None).await;
    let take = |email: &str| UserChange { email: Some(email.into()), ..UserChange::default() };
    let taken = world.directory.change_user(TENANT, bob, take(EMAIL), &META).await;
    assert!(matches!(taken, Err(AdminError::Conflict(_))));
    let moved = world.directory.change_user(TENANT, ada, take("countess@example.org"), &META).await.unwrap();
    assert_eq!(
        (&moved.claims["email"], &moved.claims["email_verified"]),
        (&json!("countess@example.org"), &json!(false))
    );
    world.directory.change_user(TENANT, bob, take(EMAIL), &META).await.unwrap();
    let found =
        |email: &'static str| async { world.directory.user_by_email(TENANT, email).await.unwrap().map(|user| user.id) };
    assert_eq!(found("Countess@Example.org").await, Some(ada));
    assert_eq!(found(EMAIL).await, Some(bob));
    assert_eq!(found("bob@example.org").await, None);
    assert_eq!(found("no address").await, None);
}

#[tokio::test]
async fn wrong_values_are_named() {
    let world = World::new().await;
    let create = |user| async { pointer(world.directory.create_user(TENANT, user, &META).await.unwrap_err()) };
    assert_eq!(create(new_user("no address", None)).await, "/email");
    assert_eq!(create(new_user(EMAIL, Some("short"))).await, "/password");
    assert_eq!(create(new_user(EMAIL, Some(EMAIL))).await, "/password");
    assert_eq!(
        create(CreateUser { claims: object(json!({"sub": "x"})), ..new_user(EMAIL, None) }).await,
        "/claims/sub"
    );
    let attributes = object(json!({"email": "x"}));
    assert_eq!(create(CreateUser { attributes, ..new_user(EMAIL, None) }).await, "/attributes/email");
    let user = world.user(EMAIL, None).await;
    let change = UserChange { password: Some("ada.marker".into()), ..UserChange::default() };
    assert_eq!(pointer(world.directory.change_user(TENANT, user, change, &META).await.unwrap_err()), "/password");
}

#[tokio::test]
async fn locks_and_deactivation_move_not_before_and_tell_everybody() {
    let world = World::new().await;
    let user = world.user(EMAIL, Some(PASSWORD)).await;
    for command in [UserCommand::Lock, UserCommand::Lock, UserCommand::Unlock, UserCommand::Deactivate] {
        world.clock.advance_seconds(10);
        world.directory.command_user(TENANT, user, command, &META).await.unwrap();
    }
    let unlock = world.directory.command_user(TENANT, user, UserCommand::Unlock, &META).await;
    assert!(matches!(unlock, Err(AdminError::Conflict(_))));
    let facts = world.store.read_log(Log::Facts, Default::default(), 100).await.unwrap();
    let told: Vec<(UserState, Option<i64>, u32)> = facts
        .iter()
        .filter(|fact| fact.event_type == "identity.user.state")
        .map(|fact| {
            use grantor_contracts::Message;
            let snapshot = grantor_contracts::platform::v1::StateSnapshot::decode(fact.payload.clone()).unwrap();
            let status: UserStatus = serde_json::from_slice(&snapshot.view).unwrap();
            assert_eq!((snapshot.key, snapshot.version), (user.to_string(), status.version));
            (status.state, status.not_before.map(|at| at.timestamp() - 1_800_000_000), status.version)
        })
        .collect();
    assert_eq!(
        told,
        [
            (UserState::Active, None, 1),
            (UserState::Locked, Some(10), 2),
            (UserState::Active, Some(10), 3),
            (UserState::Deactivated, Some(40), 4)
        ]
    );
    let status = world.directory.status(TENANT, user).await.unwrap().unwrap();
    assert_eq!((status.state, status.version), (UserState::Deactivated, 4));
}

#[tokio::test]
async fn who_is_not_there_is_not_found() {
    let world = World::new().await;
    let nobody = grantor_ids::UserId::from_uuid(uuid::Uuid::from_u128(9));
    for command in [UserCommand::Lock, UserCommand::Unlock, UserCommand::Deactivate, UserCommand::Erase] {
        let answer = world.directory.command_user(TENANT, nobody, command, &META).await;
        assert_eq!(answer, Err(AdminError::NotFound("user")));
    }
    let change = world.directory.change_user(TENANT, nobody, UserChange::default(), &META).await;
    assert_eq!(change, Err(AdminError::NotFound("user")));
    assert_eq!(world.directory.user(TENANT, nobody).await, Ok(None));
    assert_eq!(world.directory.person(TENANT, nobody).await, Ok(None));
}

#[tokio::test]
async fn the_list_shows_who_was_made_a_moment_ago_newest_first() {
    let world = World::new().await;
    let following = world.follow();
    let mut made = Vec::new();
    for n in 0..5 {
        world.clock.advance_seconds(1);
        made.insert(0, world.user(&format!("user{n}@example.org"), None).await);
    }
    world.user_of(OTHER, "other@example.org", None).await;
    let page = |after: Option<String>| world.directory.users(TENANT, Page { after, limit: 2 });
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let found = page(after).await.unwrap();
        assert!(found.items.len() <= 2);
        seen.extend(found.items.into_iter().map(|user| user.id));
        after = found.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, made);
    world.directory.command_user(TENANT, made[0], UserCommand::Erase, &META).await.unwrap();
    let first = page(None).await.unwrap().items.remove(0);
    assert_eq!((first.id, first.state, first.claims.len()), (made[0], UserState::Erased, 0));
    assert!(matches!(page(Some("§".into())).await, Err(AdminError::Invalid { .. })));
    following.abort();
}

#[tokio::test]
async fn two_operators_who_change_one_user_lose_nothing() {
    let world = World::new().await;
    let user = world.user(EMAIL, None).await;
    let changes: Vec<_> = (0..3)
        .map(|n| {
            let directory = world.directory.clone();
            let change = UserChange { attributes: object(json!({format!("a{n}"): n})), ..UserChange::default() };
            tokio::spawn(async move { directory.change_user(TENANT, user, change, &META).await })
        })
        .collect();
    for change in changes {
        change.await.unwrap().unwrap();
    }
    let claims = world.directory.claims(TENANT, user).await.unwrap().unwrap();
    assert!((0..3).all(|n| claims[&format!("a{n}")] == n), "{claims:?}");
}
