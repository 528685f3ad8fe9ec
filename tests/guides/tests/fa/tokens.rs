//! FA-04 to FA-11 and FA-23 to FA-28: the token endpoint.

use grantor_oauth::GrantType;
use grantor_profile::{RefreshIssue, TokenMember};
use grantor_tests_guides::{Answer, Scene};
use reqwest::Method;
use serde_json::json;

use super::access::{Access, FORM, PASSWORD, code, text};

#[tokio::test(flavor = "multi_thread")]
async fn fa_04_a_client_gets_its_credentials_from_the_operator() {
    let access = Access::start().await;
    let (status, made) = access
        .world
        .admin(
            "POST",
            "/admin/v1/tenants/access/clients",
            Some(json!({ "name": "Budget", "kind": "confidential", "scopes": ["all"], "password_grant": true })),
        )
        .await;
    assert_eq!(status, 201, "{made}");
    let (id, secret) = (made["client_id"].as_str().expect("an id"), made["client_secret"].as_str().expect("a secret"));
    let fields = [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret)];
    assert_eq!(access.post("/oauth/token", &fields).await.status, 200);
    let wrong = [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", "wrong")];
    let refused = access.post("/oauth/token", &wrong).await;
    assert_eq!((refused.status, refused.error()), (401, "invalid_client".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn fa_05_the_token_endpoint_has_its_older_path_too() {
    let access = Access::start().await;
    for path in ["/oauth/token", "/api/v2/oauth/token"] {
        let answer = access.post(path, &access.fields(&[("grant_type", "client_credentials")])).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    }
    let api = format!("{}/oauth/token", access.tenant.api);
    assert_eq!(access.send(Method::POST, &api, &[FORM], Some(String::new())).await.status, 404, "one base URL");
}

#[tokio::test(flavor = "multi_thread")]
async fn fa_06_parameters_come_in_a_form_and_in_the_query_by_knob_only() {
    let access = Access::start().await;
    let query = |access: &Access| {
        let (id, secret) = (&access.partner.client_id, &access.partner.secret);
        format!("/oauth/token?grant_type=client_credentials&client_id={id}&client_secret={secret}")
    };
    assert_eq!(access.send(Method::POST, &query(&access), &[], None).await.error(), "invalid_request");
    let lenient = Access::changed(|profile| profile.token_request.query_parameters = true).await;
    assert_eq!(lenient.send(Method::POST, &query(&lenient), &[], None).await.status, 200);
    let both = lenient.send(Method::POST, &query(&lenient), &[FORM], Some("grant_type=password".into())).await;
    assert_ne!(both.status, 200, "a form is not completed by the query");
}

#[tokio::test(flavor = "multi_thread")]
async fn fa_07_a_token_has_128_url_safe_characters() {
    let access = Access::start().await;
    access.user("u").await;
    for token in [access.client_token().await, access.user_token("u", PASSWORD).await] {
        assert_eq!(token.len(), 128);
        assert!(token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)), "{token}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fa_08_the_token_type_is_in_lower_case() {
    let access = Access::start().await;
    let answer = access.post("/oauth/token", &access.fields(&[("grant_type", "client_credentials")])).await;
    assert_eq!(answer.json()["token_type"], "bearer");
}

#[tokio::test(flavor = "multi_thread")]
async fn fa_09_expires_in_is_what_is_left() {
    let access = Access::changed(|profile| profile.access_tokens.reuse_unexpired = true).await;
    let fields = access.fields(&[("grant_type", "client_credentials")]);
    assert_eq!(access.post("/oauth/token", &fields).await.json()["expires_in"], 3599);
    access.world.advance(1800);
    assert_eq!(access.post("/oauth/token", &fields).await.json()["expires_in"], 1799);
}

#[tokio::test(flavor = "multi_thread")]
async fn fa_10_the_scope_is_all_whatever_was_asked() {
    let access = Access::start().await;
    access.user("u").await;
    for asked in ["", "all", "openid", "accounts=ro everything", "\"\\"] {
        let client = [("grant_type", "client_credentials"), ("scope", asked)];
        let answer = access.post("/oauth/token", &access.fields(&client)).await;
        assert_eq!(answer.json()["scope"], "all", "{asked}: {}", answer.body);
        let user = [("grant_type", "password"), ("username", "u"), ("password", PASSWORD), ("scope", asked)];
        let answer = access.post("/oauth/token", &access.fields(&user)).await;
        assert_eq!(answer.json()["scope"], "all", "{asked}: {}", answer.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fa_11_there_is_no_refresh_token_but_by_knob() {
    let access = Access::start().await;
    access.user("u").await;
    assert!(access.password("u", PASSWORD).await.json().get("refresh_token").is_none());
    let knob = Access::changed(|profile| {
        profile.refresh_tokens.issue = RefreshIssue::Always;
        profile.token_request.grants.push(GrantType::RefreshToken);
        profile.token_response.members.push(TokenMember::RefreshToken);
    })
    .await;
    knob.user("u").await;
    let first = knob.password("u", PASSWORD).await;
    let refresh = text(&first, "refresh_token");
    let (status, second) = knob.tokens().refresh(&refresh).await;
    assert_eq!((status, second["scope"].as_str()), (200, Some("all")), "{second}");
    let own = knob.post("/oauth/token", &knob.fields(&[("grant_type", "client_credentials")])).await;
    assert!(own.json().get("refresh_token").is_none(), "a client's own token has none: {}", own.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn fa_23_a_user_is_authorized_with_their_password() {
    let access = Access::start().await;
    access.user("username").await;
    let token = access.user_token("UserName", PASSWORD).await;
    let own = access.call(Method::GET, "/users", &token, None).await;
    assert_eq!((own.status, text(&own, "id")), (200, "username".to_owned()), "the case of an id does not count");
    for missing in ["username", "password", "client_secret"] {
        let own = [("grant_type", "password"), ("username", "username"), ("password", PASSWORD)];
        let fields: Vec<_> = access.fields(&own).into_iter().filter(|(name, _)| *name != missing).collect();
        assert_ne!(access.post("/oauth/token", &fields).await.status, 200, "without {missing}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fa_24_a_users_token_answer_has_the_shape_of_a_clients() {
    let access = Access::start().await;
    access.user("u").await;
    let user = access.password("u", PASSWORD).await;
    let client = access.post("/oauth/token", &access.fields(&[("grant_type", "client_credentials")])).await;
    let plain = |answer: &Answer| answer.body.replace(&text(answer, "access_token"), "TOKEN");
    assert_eq!(plain(&user), plain(&client));
    assert_eq!(plain(&user), r#"{"access_token":"TOKEN","token_type":"bearer","expires_in":3599,"scope":"all"}"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn fa_25_errors_have_the_vendors_form_and_statuses() {
    let access = Access::changed(|profile| {
        let api = profile.users_api.as_mut().expect("users");
        (api.auto_verify, api.lock_after_failures) = (false, None);
    })
    .await;
    access.user("u").await;
    // Bad credentials: RFC 6749 5.2.
    let wrong = access.password("u", "wrong").await;
    assert_eq!((wrong.status, wrong.error()), (400, "invalid_grant".to_owned()));
    assert!(wrong.json()["error_description"].is_string() && wrong.json().get("errors").is_none());
    // Elsewhere the envelope, with the request's id.
    let unverified = access.password("u", PASSWORD).await;
    assert_eq!((unverified.status, code(&unverified)), (403, "USER_NOT_VERIFIED".to_owned()));
    let token = access.client_token().await;
    assert_eq!(access.call(Method::POST, "/users/verify/u", &token, None).await.status, 200);
    let user = access.world.platform.directory_admin.user_by_email(access.tenant.id, "u").await.expect("an answer");
    let user = user.expect("a user");
    access.operator("POST", &format!("/users/{}/lock", user.id), None).await;
    let locked = access.password("u", PASSWORD).await;
    assert_eq!((locked.status, code(&locked)), (423, "LOCKED".to_owned()));
    let headers = [("x-request-id", "my-request-1"), ("authorization", "Bearer worthless")];
    let expired = access.send(Method::GET, "/users", &headers, None).await;
    assert_eq!((expired.status, code(&expired)), (401, "UNAUTHORIZED_ACCESS".to_owned()));
    assert_eq!((text(&expired, "requestId"), expired.header("x-request-id")), ("my-request-1".into(), "my-request-1"));
    assert_eq!(text(&expired, "date"), "2026-11-21 08:00:00.000");
    assert!(expired.header("www-authenticate").contains("invalid_token"));
    assert_eq!(
        expired.body,
        r#"{"errors":[{"message":"the access token is unknown, expired or revoked","code":"UNAUTHORIZED_ACCESS","type":"TECHNICAL"}],"date":"2026-11-21 08:00:00.000","requestId":"my-request-1"}"#
    );
    // One that is no header value of ours is not taken over.
    let long = "x".repeat(256);
    let ours = access.send(Method::GET, "/users", &[("x-request-id", &long)], None).await;
    assert_eq!((ours.header("x-request-id").len(), text(&ours, "requestId").len()), (32, 32));
}

#[tokio::test(flavor = "multi_thread")]
async fn fa_26_the_clients_token_revokes_and_the_answer_is_always_200() {
    let access = Access::start().await;
    access.user("u").await;
    let (client, user) = (access.client_token().await, access.user_token("u", PASSWORD).await);
    let bearer = format!("Bearer {client}");
    let revoke = async |token: &str, bearer: &str| {
        let fields = format!("token={token}&token_type_hint=access_token");
        access.send(Method::POST, "/oauth/revoke", &[FORM, ("authorization", bearer)], Some(fields)).await
    };
    assert!(access.is_active(&user).await);
    let refused = revoke(&client, &format!("Bearer {user}")).await;
    assert_eq!(
        (refused.status, code(&refused)),
        (403, "UNAUTHORIZED_ACCESS".to_owned()),
        "a user's token revokes nothing"
    );
    assert!(access.is_active(&client).await);
    for token in [user.as_str(), &user, "unknown"] {
        let answer = revoke(token, &bearer).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, ""), "{token}");
    }
    assert!(!access.is_active(&user).await);
    assert_eq!(revoke(&client, &bearer).await.status, 200, "even itself");
    assert_eq!(revoke(&user, &bearer).await.status, 401, "and then it is worth nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn fa_27_the_same_unexpired_token_comes_again_by_knob_only() {
    let plain = Access::start().await;
    assert_ne!(plain.client_token().await, plain.client_token().await);
    let access = Access::changed(|profile| profile.access_tokens.reuse_unexpired = true).await;
    access.user("u").await;
    let (client, user) = (access.client_token().await, access.user_token("u", PASSWORD).await);
    assert_eq!((access.client_token().await, access.user_token("u", PASSWORD).await), (client.clone(), user.clone()));
    assert_eq!(access.password("u", "wrong").await.status, 400, "the password still counts");
    let other = access.world.partner_with(&access.tenant, |_| {}).await;
    let fields =
        [("grant_type", "client_credentials"), ("client_id", &other.client_id), ("client_secret", &other.secret)];
    assert_ne!(text(&access.post("/oauth/token", &fields).await, "access_token"), client, "each client its own");
    assert_eq!(access.tokens().revoke(&user).await, 200);
    let next = access.user_token("u", PASSWORD).await;
    assert_ne!(next, user, "a revoked one does not come back");
    access.world.advance(3600);
    assert_ne!(access.client_token().await, client);
    assert_ne!(access.user_token("u", PASSWORD).await, next);
}

#[tokio::test(flavor = "multi_thread")]
async fn fa_28_each_client_chooses_its_lifetimes() {
    let access = Access::start().await;
    access.user("u").await;
    let token = access.client_token().await;
    for wrong in
        [json!({ "userAccessTokensValidityPeriod": 59 }), json!({ "refreshTokensValidityPeriod": -1 }), json!({})]
    {
        let refused = access.call(Method::PATCH, "/clientConfiguration", &token, Some(wrong)).await;
        assert_eq!(refused.status, 422, "{}", refused.body);
    }
    let wanted = json!({ "userAccessTokensValidityPeriod": 60, "clientAccessTokensValidityPeriod": 0 });
    let changed = access.call(Method::PATCH, "/clientConfiguration", &token, Some(wanted)).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert_eq!(changed.json()["userAccessTokensValidityPeriod"], 60);
    access.world.settle().await;
    let user = access.password("u", PASSWORD).await;
    assert_eq!(user.json()["expires_in"], 59);
    let client = access.post("/oauth/token", &access.fields(&[("grant_type", "client_credentials")])).await;
    assert!(client.json().get("expires_in").is_none(), "it never ends: {}", client.body);
    let other = access.world.partner_with(&access.tenant, |_| {}).await;
    let fields =
        [("grant_type", "client_credentials"), ("client_id", &other.client_id), ("client_secret", &other.secret)];
    assert_eq!(access.post("/oauth/token", &fields).await.json()["expires_in"], 3599, "another client has its own");
    access.world.advance(60);
    assert!(!access.is_active(&text(&user, "access_token")).await);
    access.world.advance(5 * 366 * 86_400);
    assert!(access.is_active(&text(&client, "access_token")).await, "years later");
    assert!(access.tokens().introspect(&text(&client, "access_token")).await.get("exp").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_discovery_document_says_what_is_there() {
    let scene = Scene::of("finapi").await;
    let document = scene.get("/.well-known/oauth-authorization-server").await.json();
    assert_eq!(document["grant_types_supported"], json!(["client_credentials", "password"]));
    assert!(document.get("authorization_endpoint").is_none());
}
