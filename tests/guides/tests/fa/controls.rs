//! The compensating controls of what this guide forces, and its negative twin.

use std::{collections::BTreeSet, time::Instant};

use grantor_ports::ClientKind;
use grantor_testkit::{Browser, Settings};
use reqwest::Method;
use serde_json::json;

use super::access::{Access, PASSWORD, text};

#[tokio::test(flavor = "multi_thread")]
async fn the_password_grant_needs_the_profile_the_operator_and_a_secret() {
    let access = Access::start().await;
    access.user("u").await;
    let ask = async |client_id: &str, secret: &str| {
        let mut fields =
            vec![("grant_type", "password"), ("username", "u"), ("password", PASSWORD), ("client_id", client_id)];
        if !secret.is_empty() {
            fields.push(("client_secret", secret));
        }
        let answer = access.post("/oauth/token", &fields).await;
        (answer.status, answer.error())
    };
    let plain = access.world.partner_with(&access.tenant, |_| {}).await;
    let refused = ask(&plain.client_id, &plain.secret).await;
    assert_eq!(refused, (400, "unauthorized_client".to_owned()), "no operator has let it");
    let path = format!("/clients/{}", plain.client_id);
    access.operator("PATCH", &path, Some(json!({ "password_grant": true }))).await;
    access.world.settle().await;
    assert_eq!(ask(&plain.client_id, &plain.secret).await.0, 200);
    access.operator("PATCH", &path, Some(json!({ "password_grant": false }))).await;
    access.world.settle().await;
    assert_eq!(ask(&plain.client_id, &plain.secret).await.0, 400);

    let public = access
        .world
        .partner_with(&access.tenant, |client| {
            (client.kind, client.password_grant) = (ClientKind::Public, true);
        })
        .await;
    assert_eq!(ask(&public.client_id, "").await, (401, "invalid_client".to_owned()), "no public clients here");
    let openid = access.world.tenant("openid").await;
    let partner = access.world.partner_with(&openid, |client| client.password_grant = true).await;
    let fields = [
        ("grant_type", "password"),
        ("username", "u"),
        ("password", PASSWORD),
        ("client_id", &partner.client_id),
        ("client_secret", &partner.secret),
    ];
    let answer = access.post(&format!("{}/oauth/token", openid.issuer), &fields).await;
    assert_eq!(answer.error(), "unsupported_grant_type", "the profile decides first");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_client_has_no_password_grant_even_where_public_clients_are() {
    let access = Access::changed(|profile| {
        profile.token_request.client_auth.push(grantor_oauth::ClientAuthMethod::None);
        profile.authorize.pkce = grantor_profile::PkceRule::RequiredOfPublic;
    })
    .await;
    access.user("u").await;
    let change = |client: &mut grantor_ports::NewClient| {
        (client.kind, client.password_grant) = (ClientKind::Public, true);
    };
    let public = access.world.partner_with(&access.tenant, change).await;
    let fields =
        [("grant_type", "password"), ("username", "u"), ("password", PASSWORD), ("client_id", &public.client_id)];
    let refused = access.post("/oauth/token", &fields).await;
    assert_eq!((refused.status, refused.error()), (400, "unauthorized_client".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_user_and_a_wrong_password_are_one_answer_and_one_price() {
    let access = Access::in_world(Settings { fixed_clock: true, ..Settings::default() }, |profile| {
        profile.users_api.as_mut().expect("users").lock_after_failures = None;
    })
    .await;
    access.user("u").await;
    let plain = |answer: &grantor_tests_guides::Answer| {
        let names: BTreeSet<String> = answer.headers.keys().map(ToString::to_string).collect();
        (answer.status, answer.body.clone(), names)
    };
    let mut times = [Vec::new(), Vec::new()];
    let mut answers = Vec::new();
    for round in 0..5 {
        for (who, (name, password)) in
            [("u".to_owned(), "wrong guess"), (format!("nobody{round}"), "wrong guess")].into_iter().enumerate()
        {
            let started = Instant::now();
            let answer = access.password(&name, password).await;
            times[who].push(started.elapsed());
            answers.push(plain(&answer));
        }
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(answers[0].0, 400);
    // A hash takes tens of milliseconds: leaving it out would be ten times as fast.
    let best = times.map(|times| times.into_iter().min().expect("a time"));
    assert!(best[1] * 4 > best[0] && best[0] * 4 > best[1], "{best:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lockout_is_shared_with_the_form() {
    let access = Access::changed(|profile| {
        profile.users_api.as_mut().expect("users").lock_after_failures = None;
    })
    .await;
    let person = &access.person;
    // Nine guesses at the token endpoint and one at the form: the tenth is the last.
    for _ in 0..9 {
        assert_eq!(access.password(&person.email, "wrong guess").await.status, 400);
    }
    let mut browser = Browser::new();
    let visit = browser.get(&format!("{}/login?next=home", access.tenant.issuer)).await;
    let login = browser.follow(visit).await;
    let fields = [("username", person.email.as_str()), ("password", "wrong guess")];
    assert_eq!(browser.press(&login, "login", &fields).await.status, 200);
    let refused = access.password(&person.email, &person.password).await;
    assert_eq!(refused.status, 429, "{}", refused.body);
    assert!(refused.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds <= 900));
    let fields = [("username", person.email.as_str()), ("password", person.password.as_str())];
    assert_eq!(browser.press(&login, "login", &fields).await.status, 429, "and at the form");
    access.world.advance(901);
    access.user_token(&person.email, &person.password).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_at_the_form_lock_nobody_for_long() {
    let access = Access::start().await;
    let person = &access.person;
    let mut browser = Browser::new();
    let visit = browser.get(&format!("{}/login?next=home", access.tenant.issuer)).await;
    let login = browser.follow(visit).await;
    for _ in 0..10 {
        let fields = [("username", person.email.as_str()), ("password", "wrong guess")];
        browser.press(&login, "login", &fields).await;
    }
    access.world.advance(901);
    access.user_token(&person.email, &person.password).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subject_never_equals_a_client_id() {
    let access = Access::start().await;
    // The worst that a client can choose: another client's id.
    access.user(&access.partner.client_id.clone()).await;
    let token = access.user_token(&access.partner.client_id, PASSWORD).await;
    let users = access.tokens().introspect(&token).await;
    let clients = access.tokens().introspect(&access.client_token().await).await;
    assert_eq!(clients["sub"].as_str(), Some(access.partner.client_id.as_str()));
    assert_ne!(users["sub"], clients["sub"]);
    assert!(users["sub"].as_str().is_some_and(|sub| sub.parse::<grantor_ids::UserId>().is_ok()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_was_repeated_is_in_no_database() {
    let access = Access::start().await;
    let canary = "canary-3f9c1d7a5b";
    let made = access.create(json!({ "id": "u", "password": canary, "email": "canary@localhost.de" })).await;
    assert_eq!(text(&made, "password"), canary);
    access.user_token("u", canary).await;
    access.password("u", &format!("{canary}x")).await;
    let client = access.client_token().await;
    let asked =
        access.call(Method::POST, "/users/requestPasswordChange", &client, Some(json!({ "userId": "u" }))).await;
    let token = text(&asked, "passwordChangeToken");
    access.world.settle().await;
    let metrics = access.world.platform.metrics.render();
    let folder = access.0.world.stop().await;
    let mut looked = 0;
    let mut folders = vec![folder.path().to_owned()];
    while let Some(at) = folders.pop() {
        for entry in std::fs::read_dir(at).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).expect("a file");
            looked += bytes.len();
            for secret in [canary.as_bytes(), token.as_bytes(), b"canary@localhost.de"] {
                let found = bytes.windows(secret.len()).any(|window| window == secret);
                assert!(!found, "{} in {}", String::from_utf8_lossy(secret), path.display());
            }
        }
    }
    assert!(looked > 100_000, "the databases were looked through");
    assert!(!metrics.contains("canary"));
}
