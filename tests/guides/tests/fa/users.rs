//! FA-01 to FA-03 and FA-16 to FA-22: who may call what, and users.

use grantor_testkit::Person;
use reqwest::Method;
use serde_json::{Value, json};

use super::access::{Access, JSON, PASSWORD, code, text};

#[tokio::test(flavor = "multi_thread")]
async fn fa_01_a_call_is_a_clients_or_a_users() {
    let access = Access::start().await;
    access.user("u").await;
    let (client, user) = (access.client_token().await, access.user_token("u", PASSWORD).await);
    for (method, path, users) in [
        (Method::GET, "/users", true),
        (Method::DELETE, "/users", true),
        (Method::POST, "/users", false),
        (Method::POST, "/users/verify/u", false),
        (Method::DELETE, "/users/u", false),
        (Method::GET, "/users/verificationStatus?userId=u", false),
        (Method::POST, "/users/requestPasswordChange", false),
        (Method::POST, "/users/executePasswordChange", false),
        (Method::GET, "/clientConfiguration", false),
        (Method::PATCH, "/clientConfiguration", false),
    ] {
        let token = if users { &client } else { &user };
        let refused = access.call(method.clone(), path, token, Some(json!({}))).await;
        assert_eq!((refused.status, code(&refused)), (403, "UNAUTHORIZED_ACCESS".to_owned()), "{method} {path}");
        assert!(refused.header("www-authenticate").contains("insufficient_scope"), "{method} {path}");
    }
    assert!(access.is_active(&user).await, "nothing was done");
}

#[tokio::test(flavor = "multi_thread")]
async fn fa_02_every_call_needs_a_token() {
    let access = Access::start().await;
    for (method, path) in [
        (Method::GET, "/users"),
        (Method::POST, "/users"),
        (Method::DELETE, "/users"),
        (Method::POST, "/users/verify/u"),
        (Method::DELETE, "/users/u"),
        (Method::GET, "/users/verificationStatus?userId=u"),
        (Method::POST, "/users/requestPasswordChange"),
        (Method::POST, "/users/executePasswordChange"),
        (Method::GET, "/clientConfiguration"),
        (Method::PATCH, "/clientConfiguration"),
    ] {
        let bare = access.send(method.clone(), path, &[JSON], Some("{}".into())).await;
        assert_eq!((bare.status, code(&bare)), (401, "UNAUTHORIZED_ACCESS".to_owned()), "{method} {path}");
        assert!(bare.header("www-authenticate").starts_with("Bearer"), "{method} {path}");
        let worthless = access.call(method.clone(), path, "worthless", Some(json!({}))).await;
        assert_eq!(worthless.status, 401, "{method} {path}");
    }
    let token = access.client_token().await;
    let joined = format!("/clientConfiguration?access_token={token}");
    assert_eq!(access.send(Method::GET, &joined, &[], None).await.status, 401, "never in the query");
}

#[tokio::test(flavor = "multi_thread")]
async fn fa_03_a_client_reads_and_changes_its_own_configuration() {
    let access = Access::start().await;
    let token = access.client_token().await;
    for path in ["/clientConfiguration", "/api/v2/clientConfiguration"] {
        let shown = access.call(Method::GET, path, &token, None).await;
        assert_eq!(
            (shown.status, shown.json()),
            (
                200,
                json!({
                    "applicationName": "Portfolio Planner", "refreshTokensValidityPeriod": 2_592_000,
                    "userAccessTokensValidityPeriod": 3600, "clientAccessTokensValidityPeriod": 3600,
                    "maxUserLoginAttempts": 5, "isUserAutoVerificationEnabled": true
                })
            )
        );
    }
    let wanted = json!({ "clientAccessTokensValidityPeriod": 120 });
    let changed = access.call(Method::PATCH, "/clientConfiguration", &token, Some(wanted)).await;
    assert_eq!(changed.json()["clientAccessTokensValidityPeriod"], 120, "{}", changed.body);
    // What is the operator's word stays theirs.
    let client = access.world.platform.registry.client(access.tenant.id, &access.partner.client_id).await;
    assert!(client.expect("an answer").expect("a client").password_grant);
}

#[tokio::test(flavor = "multi_thread")]
async fn fa_16_a_users_token_creates_no_user() {
    let access = Access::start().await;
    access.user("u").await;
    let user = access.user_token("u", PASSWORD).await;
    let refused = access.call(Method::POST, "/users", &user, Some(json!({ "id": "v", "password": PASSWORD }))).await;
    assert_eq!((refused.status, code(&refused)), (403, "UNAUTHORIZED_ACCESS".to_owned()));
    assert_eq!(access.password("v", PASSWORD).await.status, 400, "nobody was made");
    assert_eq!(access.create(json!({ "id": "v", "password": PASSWORD })).await.status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn fa_17_the_body_is_json() {
    let access = Access::start().await;
    let bearer = format!("Bearer {}", access.client_token().await);
    for (kind, body) in [
        ("application/x-www-form-urlencoded", "id=u&password=correct+horse"),
        ("text/plain", r#"{"id":"u"}"#),
        ("application/json", "id=u"),
        ("application/json", "[]"),
        ("application/json", r#"{"id":"u","id":"v"}"#),
        ("application/json", ""),
    ] {
        let headers = [("content-type", kind), ("authorization", bearer.as_str())];
        let refused = access.send(Method::POST, "/users", &headers, Some(body.into())).await;
        assert_eq!((refused.status, code(&refused)), (400, "BAD_REQUEST".to_owned()), "{kind} {body}");
    }
    let whole = json!({
        "id": "username", "password": "password", "email": "email@localhost.de", "phone": "+49 99 999999-999",
        "isAutoUpdateEnabled": true, "something": "else"
    });
    assert_eq!(access.create(whole).await.status, 201, "and what it does not know is left alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn fa_18_the_answer_repeats_the_password_and_no_cache_keeps_it() {
    let access = Access::start().await;
    let made = access.create(json!({ "id": "u", "password": PASSWORD })).await;
    assert_eq!((made.status, text(&made, "password")), (201, PASSWORD.to_owned()));
    assert_eq!(made.header("cache-control"), "no-store");
    let members = made.body.find("\"id\"") < made.body.find("\"password\"");
    assert!(members && made.body.find("\"password\"") < made.body.find("\"email\""), "{}", made.body);
    let own = access.call(Method::GET, "/users", &access.user_token("u", PASSWORD).await, None).await;
    assert!(own.json().get("password").is_none(), "once and never again: {}", own.body);
    let silent = Access::changed(|profile| {
        let api = profile.users_api.as_mut().expect("users");
        (api.echo_password, api.created_status) = (false, 200);
    })
    .await;
    let made = silent.create(json!({ "id": "u", "password": PASSWORD })).await;
    assert_eq!((made.status, made.json().get("password")), (200, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn fa_19_the_client_chooses_an_id_or_gets_one() {
    let access = Access::start().await;
    let long = "a".repeat(36);
    for id in ["Az09-_.+@", &long, "x"] {
        let made = access.create(json!({ "id": id, "password": "six666" })).await;
        assert_eq!((made.status, text(&made, "id")), (201, id.to_owned()), "{}", made.body);
    }
    for (member, value) in [
        ("id", json!("a".repeat(37))),
        ("id", json!("with space")),
        ("id", json!("Ünicode")),
        ("id", json!("a/b")),
        ("id", json!(7)),
        ("password", json!("five5")),
        ("password", json!("p".repeat(37))),
        ("email", json!("nobody")),
        ("email", json!(format!("{}@example.org", "e".repeat(320)))),
        ("phone", json!("1".repeat(51))),
        ("isAutoUpdateEnabled", json!("yes")),
    ] {
        let mut body = json!({ "id": "fresh", "password": PASSWORD });
        body[member] = value;
        let refused = access.create(body).await;
        assert_eq!((refused.status, code(&refused)), (422, "ILLEGAL_FIELD_VALUE".to_owned()), "{member}");
        assert!(refused.body.contains(&format!("'{member}'")), "{}", refused.body);
    }
    let twice = access.create(json!({ "id": "X", "password": PASSWORD })).await;
    assert_eq!((twice.status, code(&twice)), (422, "ENTITY_EXISTS".to_owned()), "whatever the case");
    let random = access.create(json!({})).await;
    let (id, password) = (text(&random, "id"), text(&random, "password"));
    assert!(id.len() == 36 && password.len() == 32, "{}", random.body);
    access.user_token(&id, &password).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fa_20_a_phone_comes_back_as_it_was_sent() {
    let access = Access::start().await;
    let phone = "+49 99 999999-999";
    let made = access.create(json!({ "id": "u", "password": PASSWORD, "phone": phone })).await;
    assert_eq!(text(&made, "phone"), phone);
    let own = access.call(Method::GET, "/users", &access.user_token("u", PASSWORD).await, None).await;
    assert_eq!(text(&own, "phone"), phone);
}

#[tokio::test(flavor = "multi_thread")]
async fn fa_21_an_address_is_taken_as_it_is_and_may_be_there_twice() {
    let access = Access::start().await;
    for id in ["one", "two"] {
        let made = access.create(json!({ "id": id, "password": PASSWORD, "email": "email@localhost.de" })).await;
        assert_eq!((made.status, text(&made, "email")), (201, "email@localhost.de".to_owned()), "{}", made.body);
    }
    assert_eq!(access.password("email@localhost.de", PASSWORD).await.status, 400, "they log in with their id");
}

#[tokio::test(flavor = "multi_thread")]
async fn fa_22_attributes_have_types_and_defaults() {
    let access = Access::changed(|profile| {
        let more: Value = json!([
            { "name": "isAutoUpdateEnabled", "value": { "type": "boolean", "default": false } },
            { "name": "tier", "value": { "type": "integer", "default": 3 } },
            { "name": "segment", "value": { "type": "text", "default": "retail" } }
        ]);
        profile.users_api.as_mut().expect("users").attributes = serde_json::from_value(more).expect("attributes");
    })
    .await;
    let plain = access.create(json!({ "id": "plain", "password": PASSWORD })).await;
    let tail = r#""phone":null,"isAutoUpdateEnabled":false,"tier":3,"segment":"retail"}"#;
    assert!(plain.body.ends_with(tail), "{}", plain.body);
    let own =
        json!({ "id": "own", "password": PASSWORD, "isAutoUpdateEnabled": true, "tier": -7, "segment": "private" });
    assert_eq!(access.create(own).await.status, 201);
    let own = access.call(Method::GET, "/users", &access.user_token("own", PASSWORD).await, None).await.json();
    assert_eq!(
        (&own["isAutoUpdateEnabled"], &own["tier"], &own["segment"]),
        (&json!(true), &json!(-7), &json!("private"))
    );
    for wrong in [json!({ "tier": 1.5 }), json!({ "tier": "3" }), json!({ "segment": 7 })] {
        assert_eq!(access.create(wrong).await.status, 422);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_no_client_made_is_out_of_clients_reach() {
    let access = Access::start().await;
    let Person { email, password, .. } = &access.person;
    let token = access.client_token().await;
    for (method, path, body) in [
        (Method::POST, "/users/requestPasswordChange", Some(json!({ "userId": email }))),
        (Method::DELETE, "/users/grace@example.com", None),
        (Method::POST, "/users/verify/grace@example.com", None),
        (Method::GET, "/users/verificationStatus?userId=grace@example.com", None),
    ] {
        let refused = access.call(method, path, &token, body).await;
        assert_eq!((refused.status, code(&refused)), (404, "UNKNOWN_ENTITY".to_owned()), "{path}");
    }
    let taken = access.create(json!({ "id": email, "password": PASSWORD })).await;
    assert_eq!((taken.status, code(&taken)), (422, "ENTITY_EXISTS".to_owned()), "nobody gets another's name");
    let own = access.call(Method::GET, "/users", &access.user_token(email, password).await, None).await;
    assert_eq!(own.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_users_are_on_the_host_that_the_profile_names() {
    let access = Access::start().await;
    let token = access.client_token().await;
    let there = format!("{}/users", access.tenant.api);
    let body = json!({ "id": "u", "password": PASSWORD });
    assert_eq!(access.call(Method::POST, &there, &token, Some(body.clone())).await.status, 404);
    let split = Access::changed(|profile| {
        profile.users_api.as_mut().expect("users").host = grantor_profile::UsersHost::Api;
    })
    .await;
    let token = split.client_token().await;
    let there = format!("{}/users", split.tenant.api);
    assert_eq!(split.call(Method::POST, "/users", &token, Some(body.clone())).await.status, 404);
    assert_eq!(split.call(Method::POST, &there, &token, Some(body)).await.status, 201);
}
