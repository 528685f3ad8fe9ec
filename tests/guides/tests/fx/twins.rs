//! The negative twins, and the controls that make up for what the guide demands.

use grantor_ports::ClientKind;
use grantor_testkit::{Browser, Tokens};
use proptest::prelude::*;
use serde_json::Value;

use super::{exchange, link, scene, text};

#[tokio::test(flavor = "multi_thread")]
async fn a_scope_outside_the_app_is_an_invalid_scope() {
    let scene = scene().await;
    for scope in ["payment_write", "customer_read,payment_write", "customer_read payment_write"] {
        let visit = Browser::new().get(&link(&scene).with("scope", scope).url()).await;
        assert_eq!(visit.returned("error").as_deref(), Some("invalid_scope"), "{scope}");
        assert_eq!(visit.returned("error_code").as_deref(), Some("invalid_scope"), "{scope}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replayed_code_kills_the_tokens_and_partners_hear_of_it() {
    let scene = scene().await;
    let code = Browser::new().code(&link(&scene), &scene.person).await;
    let (_, token) = exchange(&scene, &code).await;
    assert_eq!(text(&exchange(&scene, &code).await.1, "error"), "invalid_grant");
    assert!(!scene.is_active(text(&token, "access_token")).await);
    let events = super::revocation::revoked_events(&scene).await;
    assert_eq!((events.len(), events[0].1.revoked_by.as_str()), (1, "system"));
}

/// Control: `redirect_uri` is absent at the token endpoint, so the code is bound to its client,
/// short-lived and used once, and only a client with a secret gets anything.
#[tokio::test(flavor = "multi_thread")]
async fn an_injected_code_is_worth_nothing_to_another_client() {
    let scene = scene().await;
    let rival = scene.world.partner(&scene.tenant).await;
    let code = Browser::new().code(&link(&scene), &scene.person).await;
    let thief = Tokens::new(&scene.tenant, &rival);
    let (status, body) = thief.post("/oauth/token", &[("code", &code), ("grant_type", "authorization_code")]).await;
    assert_eq!((status, text(&body, "error")), (400, "invalid_grant"));
    assert_eq!(exchange(&scene, &code).await.0, 200, "the owner still gets it");
    // A client without a secret redeems nothing here: it has no way to say who it is.
    let public = scene.world.partner_with(&scene.tenant, |client| client.kind = ClientKind::Public).await;
    let nobody = [("code", "x"), ("grant_type", "authorization_code"), ("client_id", public.client_id.as_str())];
    assert_eq!(scene.post("/oauth/token", &nobody).await.error(), "invalid_client");
}

/// Control: what is repeated is the caller's own, as JSON, never as a page.
#[tokio::test(flavor = "multi_thread")]
async fn what_an_error_repeats_is_json_that_no_browser_sniffs() {
    let scene = scene().await;
    let fields = [
        ("code", "<img src=x onerror=alert(1)>"),
        ("grant_type", "authorization_code"),
        ("client_id", &scene.partner.client_id),
        ("client_secret", &scene.partner.secret),
    ];
    let answer = scene.post("/oauth/token", &fields).await;
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!((answer.header("x-content-type-options"), answer.header("cache-control")), ("nosniff", "no-store"));
    assert!(serde_json::from_str::<Value>(&answer.body).is_ok());
}

proptest! {
    /// One parser: whatever separates them, the same scopes come out, and what it writes it reads.
    #[test]
    fn commas_and_spaces_read_alike_and_both_ways(
        scopes in proptest::collection::vec("[!#-+\\--\\[\\]-~]{1,12}", 1..8),
        separators in proptest::collection::vec("[ ,]{1,3}", 8),
    ) {
        let profile = grantor_profile::Profile::preset("finexer").expect("a preset");
        let mixed: String = scopes.iter().zip(&separators).flat_map(|(scope, between)| [scope.as_str(), between]).collect();
        let read = |text: &str| profile.read_scopes(text).expect("scopes");
        let set = read(&mixed);
        prop_assert_eq!(&set, &read(&scopes.join(" ")));
        prop_assert_eq!(&set, &read(&scopes.join(",")));
        let written = profile.scope_text(&set);
        prop_assert!(!written.contains(' '));
        prop_assert_eq!(&read(&written), &set);
    }

    /// No other tenant takes a comma for a separator, nor for a part of a scope.
    #[test]
    fn commas_are_refused_everywhere_else(one in "[a-z]{1,8}", two in "[a-z]{1,8}") {
        for preset in grantor_profile::PRESETS.iter().filter(|preset| preset.name != "finexer") {
            let profile = grantor_profile::Profile::preset(preset.name).expect("a preset");
            prop_assert!(profile.read_scopes(&format!("{one},{two}")).is_err(), "{}", preset.name);
        }
    }
}
