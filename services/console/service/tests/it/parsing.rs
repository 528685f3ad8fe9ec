//! Bad input: a clear 4xx with a pointer, and nobody else hears of it (C21).

use crate::support::{House, document, pointers};

const TENANTS: &str = "/admin/v1/tenants";

#[tokio::test]
async fn a_body_is_json_by_its_type() {
    let house = House::new().await;
    for kind in ["text/plain", "application/x-www-form-urlencoded"] {
        let request = house.request("POST", TENANTS, &house.token()).post(kind, "{}");
        assert_eq!(house.send(request.build().request).await.status(), 415, "{kind}");
    }
    let charset = house.request("POST", TENANTS, &house.token()).post("application/json; charset=utf-8", "{}");
    assert_eq!(house.send(charset.build().request).await.status(), 422);
}

#[tokio::test]
async fn malformed_json_is_refused() {
    let house = House::new().await;
    let deep = format!("{}{}", "[".repeat(40), "]".repeat(40));
    for body in ["", "{", "[]", "\"x\"", "null", "{\"slug\":\"a\",\"slug\":\"b\"}", "{} {}", &deep] {
        let answer = house.ask_with("POST", TENANTS, body).await;
        assert_eq!(
            (answer.status(), answer.header_values("content-type")),
            (400, vec!["application/problem+json"]),
            "{body}"
        );
    }
    let long = format!("{{\"name\":\"{}\"}}", "x".repeat(70_000));
    assert_eq!(house.ask_with("POST", TENANTS, &long).await.status(), 413);
    assert!(house.others.commands().is_empty());
}

#[tokio::test]
async fn everything_that_is_wrong_is_named_at_once() {
    let house = House::new().await;
    let body = r##"{"slug":7,"kind":"toy","issuer":null,"api":"https://a.example","authorities":[{"role":"identity"},3],
        "preset":"none","branding":{"color":"#fff"},"a/b~c":1}"##;
    let answer = house.ask_with("POST", TENANTS, body).await;
    assert_eq!(answer.status(), 422);
    let mut found = pointers(&answer);
    found.sort();
    assert_eq!(
        found,
        [
            "#/authorities/0/authority",
            "#/authorities/1",
            "#/a~1b~0c",
            "#/branding/color",
            "#/issuer",
            "#/kind",
            "#/name",
            "#/preset",
            "#/slug"
        ]
    );
}

#[tokio::test]
async fn a_contradiction_of_a_profile_is_named() {
    let house = House::new().await;
    let mut profile = serde_json::to_value(grantor_profile::Profile::strict()).unwrap();
    profile["codes"]["ttl_seconds"] = 0.into();
    let put = house.ask_with("PUT", "/admin/v1/tenants/bank/profile", &profile.to_string()).await;
    assert_eq!((put.status(), pointers(&put)), (422, vec!["#/codes/ttl_seconds".to_owned()]), "{}", document(&put));
    let base = serde_json::json!({ "slug": "a", "name": "A", "kind": "production", "issuer": "https://a.example" });
    let mut tenant = base.clone();
    tenant["profile"] = profile;
    let made = house.ask_with("POST", TENANTS, &tenant.to_string()).await;
    assert_eq!(made.status(), 422);
    assert_eq!(pointers(&made), ["#/profile/codes/ttl_seconds"]);
    let mut both = base;
    both["profile"] = serde_json::to_value(grantor_profile::Profile::strict()).unwrap();
    both["preset"] = "openid".into();
    assert_eq!(pointers(&house.ask_with("POST", TENANTS, &both.to_string()).await), ["#/preset"]);
    assert!(house.others.commands().is_empty());
}

#[tokio::test]
async fn a_password_of_the_wrong_type_is_not_quoted() {
    let house = House::new().await;
    let body = r#"{"email":"a@example.com","password":["hunter2"]}"#;
    let answer = house.ask_with("POST", "/admin/v1/tenants/bank/users", body).await;
    assert_eq!(pointers(&answer), ["#/password"]);
    assert!(!String::from_utf8_lossy(answer.body()).contains("hunter2"));
}

#[tokio::test]
async fn queries_are_read_strictly() {
    let house = House::new().await;
    for query in ["limit=0", "limit=201", "limit=x", "limit=1&limit=2", "page=2", "after=%ff"] {
        assert_eq!(house.ask("GET", &format!("{TENANTS}?{query}")).await.status(), 400, "{query}");
    }
    assert_eq!(house.ask("GET", "/admin/v1/tenants/bank/clients?state=new").await.status(), 400);
}

#[tokio::test]
async fn a_command_without_members_takes_none() {
    let house = House::new().await;
    let path = "/admin/v1/tenants/bank/suspend";
    assert_eq!(house.ask_with("POST", path, "{}").await.status(), 200);
    assert_eq!(pointers(&house.ask_with("POST", path, r#"{"why":"x"}"#).await), ["#/why"]);
    let reject = "/admin/v1/tenants/bank/clients/partner/reject";
    assert_eq!(house.ask("POST", reject).await.status(), 415);
    assert_eq!(pointers(&house.ask_with("POST", reject, "{}").await), ["#/reason"]);
    assert_eq!(pointers(&house.ask_with("POST", reject, r#"{"reason":" "}"#).await), ["#/reason"]);
}
