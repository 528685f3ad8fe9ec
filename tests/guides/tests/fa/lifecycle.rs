//! FA-29: verification, lock, password change, deletion.

use grantor_eventsourcing::Position;
use grantor_ids::UserId;
use grantor_remote::Role;
use grantor_store::Log;
use reqwest::Method;
use serde_json::json;

use super::access::{Access, PASSWORD, code, text};

#[tokio::test(flavor = "multi_thread")]
async fn fa_29_a_client_verifies_a_user_who_could_not_log_in_before() {
    let access = Access::changed(|profile| profile.users_api.as_mut().expect("users").auto_verify = false).await;
    access.user("u").await;
    let token = access.client_token().await;
    let status = async || access.call(Method::GET, "/users/verificationStatus?userId=U", &token, None).await.json();
    assert_eq!(status().await, json!({ "userId": "u", "isUserVerified": false }));
    assert_eq!(access.password("u", PASSWORD).await.status, 403);
    assert_eq!(access.call(Method::POST, "/users/verify/u", &token, None).await.status, 200);
    assert_eq!(status().await["isUserVerified"], true);
    access.user_token("u", PASSWORD).await;
    let twice = access.call(Method::POST, "/users/verify/u", &token, None).await;
    assert_eq!((twice.status, code(&twice)), (422, "ILLEGAL_ENTITY_STATE".to_owned()));
    assert_eq!(access.call(Method::POST, "/users/verify/nobody", &token, None).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn fa_29_wrong_passwords_lock_until_a_new_one_is_set() {
    let access = Access::start().await;
    access.user("u").await;
    let alive = access.user_token("u", PASSWORD).await;
    for _ in 0..5 {
        assert_eq!(access.password("u", "wrong guess").await.status, 400);
    }
    let locked = access.password("u", PASSWORD).await;
    assert_eq!((locked.status, code(&locked)), (423, "LOCKED".to_owned()));
    assert!(!access.is_active(&alive).await, "every token of the user is dead");
    access.world.advance(3600);
    assert_eq!(access.password("u", PASSWORD).await.status, 423, "no time unlocks them");
    let token = access.client_token().await;
    let asked = access.call(Method::POST, "/users/requestPasswordChange", &token, Some(json!({ "userId": "u" }))).await;
    let change = json!({
        "userId": "u", "password": "another horse", "passwordChangeToken": text(&asked, "passwordChangeToken")
    });
    let changed = access.call(Method::POST, "/users/executePasswordChange", &token, Some(change)).await;
    assert_eq!((changed.status, changed.body.as_str()), (200, ""));
    let fresh = access.user_token("u", "another horse").await;
    access.world.settle().await;
    assert!(access.is_active(&fresh).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn fa_29_a_password_change_needs_its_token_and_ends_every_other() {
    let access = Access::start().await;
    access.user("u").await;
    access.user("v").await;
    let client = access.client_token().await;
    let request = async |id: &str| {
        let body = json!({ "userId": id });
        access.call(Method::POST, "/users/requestPasswordChange", &client, Some(body)).await
    };
    let execute = async |id: &str, password: &str, token: &str| {
        let body = json!({ "userId": id, "password": password, "passwordChangeToken": token });
        access.call(Method::POST, "/users/executePasswordChange", &client, Some(body)).await.status
    };
    assert_eq!(request("nobody").await.status, 404);
    let (first, second) = (request("u").await, request("u").await);
    let (first, second) = (text(&first, "passwordChangeToken"), text(&second, "passwordChangeToken"));
    let (u, v) = (access.user_token("u", PASSWORD).await, access.user_token("v", PASSWORD).await);
    for (id, password, token) in
        [("v", "another horse", first.as_str()), ("u", "another horse", "guessed"), ("u", "short", &first)]
    {
        assert_eq!(execute(id, password, token).await, 422, "{id} {password}");
    }
    assert!(access.is_active(&u).await);
    assert_eq!(execute("u", "another horse", &first).await, 200);
    assert!(!access.is_active(&u).await, "before the answer, every token of the user");
    assert!(access.is_active(&v).await, "and nobody else's");
    for token in [&first, &second] {
        assert_eq!(execute("u", "a third horse", token).await, 422, "used, or from before the change");
    }
    assert_eq!(access.password("u", PASSWORD).await.status, 400);
    access.user_token("u", "another horse").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fa_01_a_hostile_client_reaches_no_user_of_another() {
    let mut access = Access::start().await;
    access.user("u").await;
    let alive = access.user_token("u", PASSWORD).await;
    let hostile = access.world.partner_with(&access.tenant, |client| client.password_grant = true).await;
    let honest = std::mem::replace(&mut access.0.partner, hostile);
    let token = access.client_token().await;
    let user = json!({ "userId": "u" });
    let change = json!({ "userId": "u", "password": "another horse", "passwordChangeToken": "guessed" });
    for (method, path, body) in [
        (Method::GET, "/users/verificationStatus?userId=u", None),
        (Method::POST, "/users/verify/u", None),
        (Method::POST, "/users/requestPasswordChange", Some(user)),
        (Method::POST, "/users/executePasswordChange", Some(change)),
        (Method::DELETE, "/users/u", None),
    ] {
        let answer = access.call(method, path, &token, body).await;
        assert_eq!((answer.status, code(&answer)), (404, "UNKNOWN_ENTITY".to_owned()), "{path}: as if there were none");
    }
    for _ in 0..9 {
        assert_eq!(access.password("u", "wrong guess").await.status, 400);
    }
    access.0.partner = honest;
    assert!(access.is_active(&alive).await, "its wrong passwords lock nobody");
    access.user_token("u", PASSWORD).await;
    let token = access.client_token().await;
    assert_eq!(access.call(Method::DELETE, "/users/u", &token, None).await.status, 200, "their own client does");
}

#[tokio::test(flavor = "multi_thread")]
async fn fa_29_an_operators_lock_outlives_a_new_password() {
    let access = Access::start().await;
    access.user("u").await;
    let user = access.world.platform.directory_admin.user_by_email(access.tenant.id, "u").await.expect("an answer");
    access.operator("POST", &format!("/users/{}/lock", user.expect("a user").id), None).await;
    let token = access.client_token().await;
    let asked = access.call(Method::POST, "/users/requestPasswordChange", &token, Some(json!({ "userId": "u" }))).await;
    let change = json!({
        "userId": "u", "password": "another horse", "passwordChangeToken": text(&asked, "passwordChangeToken")
    });
    assert_eq!(access.call(Method::POST, "/users/executePasswordChange", &token, Some(change)).await.status, 200);
    assert_eq!(access.password("u", "another horse").await.status, 423);
}

#[tokio::test(flavor = "multi_thread")]
async fn fa_29_a_deletion_is_told_on_the_bus_and_ends_everything() {
    let access = Access::start().await;
    for id in ["u", "v"] {
        access.user(id).await;
    }
    let (u, v) = (access.user_token("u", PASSWORD).await, access.user_token("v", PASSWORD).await);
    let sub =
        async |token: &str| access.tokens().introspect(token).await["sub"].as_str().expect("a subject").to_owned();
    let subjects = [sub(&u).await, sub(&v).await];
    let client = access.client_token().await;
    let own = access.call(Method::DELETE, "/users", &u, None).await;
    assert_eq!((own.status, own.body.as_str()), (200, ""));
    assert_eq!(access.call(Method::DELETE, "/users/V", &client, None).await.status, 200);
    for (token, id) in [(&u, "u"), (&v, "v")] {
        assert!(!access.is_active(token).await);
        assert_eq!(access.password(id, PASSWORD).await.status, 400);
        let gone = access.call(Method::DELETE, &format!("/users/{id}"), &client, None).await;
        assert_eq!((gone.status, code(&gone)), (404, "UNKNOWN_ENTITY".to_owned()));
        access.user(id).await;
    }
    // The log that the bus carries to whoever follows it.
    let log = access.world.platform.stores.of(Role::Directory);
    let events = log.read_log(Log::Events, Position::default(), 1000).await.expect("events");
    let erased: Vec<String> = events
        .iter()
        .filter(|event| event.event_type == "identity.user.erased")
        .map(|event| UserId::from_uuid(event.aggregate_id).to_string())
        .collect();
    assert_eq!(erased, subjects);
}
