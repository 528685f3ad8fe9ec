//! Profiles edited knob by knob, compared and cloned; clocks.

use serde_json::json;

use crate::support::{House, document, pointers};

const PROFILE: &str = "/admin/v1/tenants/bank/profile";

async fn patch(house: &House, operations: serde_json::Value) -> grantor_web::Answer {
    house.ask_with("PATCH", PROFILE, &operations.to_string()).await
}

#[tokio::test]
async fn one_knob_is_changed_for_the_version_that_was_read() {
    let house = House::new().await;
    let read = house.ask("GET", PROFILE).await;
    assert_eq!(read.header_values("etag"), ["\"1\""]);
    let knob = json!([{ "op": "replace", "path": "/codes/ttl_seconds", "value": 30 }]);
    assert_eq!(patch(&house, knob.clone()).await.status(), 200);
    assert_eq!(house.others.commands(), ["profile at 1"]);
    for (tag, status) in [("\"1\"", 200), ("\"2\"", 412), ("1", 400), ("*", 400)] {
        let request = house.request("POST", PROFILE, &house.token());
        let request = request.post("application/json-patch+json", knob.to_string()).header("if-match", tag);
        let answer = house.send(request.method("PATCH".parse().unwrap()).build().request).await;
        assert_eq!(answer.status(), status, "{tag}: {}", document(&answer));
    }
}

#[tokio::test]
async fn what_is_wrong_is_named_by_the_pointer_of_the_knob() {
    let house = House::new().await;
    let cases = [
        (json!({ "op": "replace", "path": "/codes/none", "value": 1 }), "#/codes/none"),
        (json!({ "op": "add", "path": "/codes/none", "value": 1 }), "#/codes/none"),
        (json!({ "op": "replace", "path": "/codes/ttl_seconds", "value": "soon" }), "#/codes/ttl_seconds"),
        (json!({ "op": "replace", "path": "/codes/ttl_seconds", "value": 9 }), "#/codes/ttl_seconds"),
        (json!({ "op": "test", "path": "/codes/ttl_seconds", "value": 1 }), "#/codes/ttl_seconds"),
        (
            json!({ "op": "replace", "path": "/token_request/grants/0", "value": "implicit" }),
            "#/token_request/grants/0",
        ),
        (json!({ "op": "remove", "path": "/oidc" }), "#"),
        (
            json!({ "op": "replace", "path": "/access_tokens/ttl_seconds", "value": 86400 }),
            "#/access_tokens/ttl_seconds",
        ),
    ];
    for (operation, pointer) in cases {
        let answer = patch(&house, json!([operation])).await;
        assert_eq!((answer.status(), pointers(&answer)), (422, vec![pointer.to_owned()]), "{operation}");
    }
    assert!(house.others.commands().is_empty());
}

#[tokio::test]
async fn a_weak_knob_and_its_acknowledgement_are_one_change() {
    let house = House::new().await;
    let both = json!([
        { "op": "replace", "path": "/access_tokens/ttl_seconds", "value": 86400 },
        { "op": "add", "path": "/acknowledged", "value": ["long_access_tokens"] }
    ]);
    assert_eq!(patch(&house, both).await.status(), 200);
    assert_eq!(house.others.commands(), ["profile at 1"]);
}

#[tokio::test]
async fn a_patch_is_bounded() {
    let house = House::new().await;
    for malformed in [json!([]), json!({}), json!([{ "op": "spread", "path": "/codes" }]), json!([1])] {
        assert_eq!(patch(&house, malformed.clone()).await.status(), 400, "{malformed}");
    }
    // Each copy of the whole into itself doubles it.
    let doubling: Vec<_> = (0..60).map(|n| json!({ "op": "copy", "from": "", "path": format!("/x{n}") })).collect();
    assert_eq!(patch(&house, doubling.into()).await.status(), 422);
    let many = vec![json!({ "op": "test", "path": "/version", "value": 1 }); 129];
    assert_eq!(patch(&house, many.into()).await.status(), 400);
}

#[tokio::test]
async fn a_profile_is_compared_with_another() {
    let house = House::new().await;
    let diff = async |query: &str| {
        let answer = house.ask("GET", &format!("{PROFILE}/diff{query}")).await;
        (answer.status(), document(&answer))
    };
    assert_eq!(diff("").await, (200, json!({ "items": [] })));
    assert_eq!(diff("?tenant=bank").await, (200, json!({ "items": [] })));
    let (_, found) = diff("?preset=openid").await;
    let state = json!({ "pointer": "/authorize/state", "theirs": "optional", "ours": "required_or_pkce" });
    assert!(found["items"].as_array().unwrap().contains(&state), "{found}");
    assert_eq!(diff("?preset=nobody").await.0, 404);
    assert_eq!(diff("?tenant=nobody").await.0, 404);
    assert_eq!(diff("?tenant=bank&preset=openid").await.0, 400);
}

#[tokio::test]
async fn a_clone_takes_the_profile_and_says_for_itself_who_it_is() {
    let house = House::new().await;
    let path = "/admin/v1/tenants/bank/clone";
    let body = json!({ "slug": "two", "issuer": "https://id.two.example", "kind": "sandbox" });
    assert_eq!(house.ask_with("POST", path, &body.to_string()).await.status(), 201);
    assert_eq!(house.others.commands(), ["create_tenant two Sandbox [] strict=true"]);
    let refused = house.ask_with("POST", path, r#"{"profile":{}}"#).await;
    assert_eq!(pointers(&refused), ["#/slug", "#/issuer", "#/profile"]);
}

#[tokio::test]
async fn a_clock_is_moved_by_whole_seconds() {
    let house = House::new().await;
    let path = "/admin/v1/tenants/bank/clock/advance";
    assert_eq!(house.ask_with("POST", path, r#"{"seconds":60}"#).await.status(), 200);
    assert_eq!(house.others.commands(), ["advance 60"]);
    for wrong in [r#"{"seconds":-1}"#, r#"{"seconds":1.5}"#, r#"{"seconds":"60"}"#, "{}"] {
        assert_eq!(pointers(&house.ask_with("POST", path, wrong).await), ["#/seconds"], "{wrong}");
    }
    assert!(house.others.commands().is_empty());
}
