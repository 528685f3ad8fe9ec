//! FN-30: what a token lets see of the accounts that were chosen.

use grantor_ids::FlowId;
use grantor_testkit::{Browser, Role};
use reqwest::Method;
use serde_json::{Value, json};

use super::walk::*;
use grantor_tests_guides::{Answer, Scene};

const CARD: &str = "4012888888881881";
const JONAS: (&str, &str) = ("jonas.keller", "24680");

async fn seen(scene: &Scene, token: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    let url = format!("{}/accounts", scene.tenant.api);
    scene.send(Method::GET, &url, &[("authorization", &bearer)], None).await
}

fn numbers(answer: &Answer) -> Vec<String> {
    let document = answer.json();
    let all = document["accounts"].as_array().unwrap_or_else(|| panic!("no accounts in {}", answer.body));
    all.iter().map(|account| account["number"].as_str().expect("a number").to_owned()).collect()
}

/// The tokens of a flow in which these accounts were ticked, and the flow's id.
async fn chosen(scene: &Scene, who: (&str, &str), ticked: &[&str]) -> (Value, FlowId) {
    let started = start(scene, json!({ "redirect_uri": CALLBACK, "accounts": [{ "id": IBAN }] })).await;
    let flow = started["id"].as_str().and_then(|id| id.parse().ok()).map(FlowId::from_uuid).expect("an id");
    let mut browser = Browser::new();
    let login = open(&mut browser, started["location"].as_str().expect("a location")).await;
    let accounts = sign_in(scene, &mut browser, &login, who).await;
    let action = accounts.url.join(&accounts.form_with("share").action).expect("a URL");
    let csrf = grantor_testkit::hidden(&accounts.body, "csrf").expect("a token");
    let mut fields = vec![("csrf", csrf.as_str()), ("share", "share")];
    fields.extend(ticked.iter().map(|name| (*name, "1")));
    let posted = browser.post(action.as_str(), &fields).await;
    let consent = browser.follow(posted).await;
    let code = press(&mut browser, &consent, "approve", &[]).await.returned("code").expect("a code");
    let answer = exchange(scene, &code).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    (answer.json(), flow)
}

fn access(tokens: &Value) -> &str {
    tokens["access_token"].as_str().expect("a token")
}

#[tokio::test(flavor = "multi_thread")]
async fn fn_30_a_token_sees_exactly_the_accounts_that_were_chosen() {
    let scene = finx().await;
    let (one, _) = chosen(&scene, MARA, &["account_2"]).await;
    let (both, _) = chosen(&scene, MARA, &["account_1", "account_3"]).await;
    let answer = seen(&scene, access(&one)).await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"), "{}", answer.body);
    let account = &answer.json()["accounts"][0];
    assert_eq!((&account["name"], &account["holder"]), (&json!("Tagesgeldkonto"), &json!("Mara Brandt")), "{account}");
    assert_eq!(account["bank"], "Sandbox Bank Nord");
    let number = account["number"].as_str().expect("a number").to_owned();
    assert!(number.starts_with("DE") && number.len() == 22, "an IBAN, whole: {number}");
    assert_eq!(numbers(&answer), [number.as_str()]);
    let others = numbers(&seen(&scene, access(&both)).await);
    assert!(others.len() == 2 && others[0] == IBAN && !others.contains(&number), "{others:?}");
    // The same for every token of the grant.
    let next = refresh(&scene, one["refresh_token"].as_str().expect("a token")).await;
    assert_eq!(numbers(&seen(&scene, &member(&next, "access_token")).await), [number]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_card_nobody_sees_more_than_four_digits() {
    let scene = finx().await;
    let started = start(&scene, json!({ "redirect_uri": CALLBACK, "accounts": [{ "id": CARD }] })).await;
    let mut browser = Browser::new();
    let banks = open(&mut browser, started["location"].as_str().expect("a location")).await;
    let login = press(&mut browser, &banks, "choose", &[("bank", "sandbox-nord")]).await;
    let accounts = sign_in(&scene, &mut browser, &login, JONAS).await;
    assert!(accounts.body.contains("•••• 1881") && !accounts.body.contains("8888"), "{}", accounts.body);
    // The card that the partner named is ticked already.
    let consent = press(&mut browser, &accounts, "share", &[]).await;
    assert!(consent.body.contains("Kreditkarte") && !consent.body.contains("8888"), "{}", consent.body);
    let code = press(&mut browser, &consent, "approve", &[]).await.returned("code").expect("a code");
    let answer = seen(&scene, &member(&exchange(&scene, &code).await, "access_token")).await;
    assert_eq!(numbers(&answer), ["•••• 1881"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_seen_with_their_scope_and_by_tokens_of_the_widget_only() {
    let scene = finx().await;
    assert_eq!(seen(&scene, "nothing").await.status, 401);
    let narrow = scene.world.partner_with(&scene.tenant, |client| {
        client.redirect_uris = vec![CALLBACK.into()];
        client.scopes = vec!["balance=ro".into()];
    });
    let narrow = narrow.await;
    let scene = scene.as_partner(narrow);
    let (tokens, _) = chosen(&scene, MARA, &["account_1"]).await;
    let refused = seen(&scene, access(&tokens)).await;
    assert_eq!((refused.status, refused.error().as_str()), (403, "insufficient_scope"), "{}", refused.body);
}

/// Whether anything of what was chosen in a flow is still stored.
async fn stored(scene: &Scene, flow: FlowId) -> bool {
    let store = scene.world.platform.stores.of(Role::Authorization);
    store.row(scene.tenant.id, "flow_accounts", flow.uuid().as_bytes()).await.expect("an answer").is_some()
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_go_with_their_grant() {
    let scene = finx().await;
    let (revoked, first) = chosen(&scene, MARA, &["account_1"]).await;
    let (unused, second) = chosen(&scene, MARA, &["account_2"]).await;
    scene.world.settle().await;
    assert!(stored(&scene, first).await && stored(&scene, second).await);
    let (basic, body) =
        (basic(&scene.partner), format!("token={}", revoked["refresh_token"].as_str().expect("a token")));
    let headers = [("authorization", basic.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    assert_eq!(scene.send(Method::POST, "/oauth/revoke", &headers, Some(body)).await.status, 200);
    assert_eq!(seen(&scene, access(&revoked)).await.status, 401);
    scene.world.settle().await;
    assert!(!stored(&scene, first).await && stored(&scene, second).await);
    // Nobody comes for 90 days.
    assert_eq!(seen(&scene, access(&unused)).await.status, 200);
    scene.world.advance(91 * 86_400);
    scene.world.platform.token.as_ref().expect("it is here").run_due().await;
    scene.world.settle().await;
    assert!(!stored(&scene, second).await);
}
