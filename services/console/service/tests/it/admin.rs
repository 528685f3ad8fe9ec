//! What the admin API hands on, and what it shows.

use grantor_eventsourcing::Actor;

use crate::{
    ports::{EMAIL, USER},
    support::{House, document},
};

const BANK: &str = "/admin/v1/tenants/bank";

#[tokio::test]
async fn a_tenant_is_made_from_a_preset_or_the_strict_profile() {
    let house = House::new().await;
    let with = |more: &str| {
        format!(
            r#"{{"slug":"bank","name":"Bank","kind":"development","issuer":"https://id.bank.example",
            "authorities":[{{"role":"identity","authority":"id.bank.example"}}]{more}}}"#
        )
    };
    for (more, strict) in [("", true), (r#","preset":"openid""#, false), (r#","preset":"strict""#, true)] {
        let answer = house.ask_with("POST", "/admin/v1/tenants", &with(more)).await;
        assert_eq!((answer.status(), answer.header_values("location")), (201, vec![BANK]));
        let said = house.others.commands();
        assert!(said[0].starts_with("create_tenant bank Development"), "{said:?}");
        assert!(said[0].ends_with(&format!("strict={strict}")), "{said:?}");
    }
}

#[tokio::test]
async fn the_actor_goes_along() {
    let house = House::new().await;
    house.ask("POST", &format!("{BANK}/suspend")).await;
    house.ask("POST", &format!("{BANK}/users/{USER}/lock")).await;
    house.ask_with("POST", &format!("{BANK}/keys"), r#"{"alg":"ES256"}"#).await;
    let me = Actor::Operator(house.first.id);
    assert_eq!(house.others.actors(), [me, me, me]);
}

#[tokio::test]
async fn tenants_are_listed_and_shown_without_their_profile() {
    let house = House::new().await;
    let listed = document(&house.ask("GET", "/admin/v1/tenants").await);
    assert_eq!((listed["items"][0]["slug"].as_str(), listed["next"].as_str()), (Some("bank"), Some("more")));
    let rest = document(&house.ask("GET", "/admin/v1/tenants?after=more").await);
    assert!(rest.get("next").is_none());
    let one = document(&house.ask("GET", BANK).await);
    assert_eq!((one["state"].as_str(), one.get("profile")), (Some("active"), None));
    assert_eq!(house.ask("GET", "/admin/v1/tenants/other").await.status(), 404);
    let away = house.ask("GET", "/admin/v1/tenants/away").await;
    assert_eq!((away.status(), away.header_values("retry-after").len()), (503, 1));
}

#[tokio::test]
async fn a_tenant_is_changed() {
    let house = House::new().await;
    house.ask_with("PATCH", BANK, r#"{"name":"New"}"#).await;
    house.ask("POST", &format!("{BANK}/restore")).await;
    let profile = house.ask("GET", &format!("{BANK}/profile")).await;
    let body = String::from_utf8(profile.body().to_vec()).unwrap();
    let put = house.ask_with("PUT", &format!("{BANK}/profile"), &body).await;
    assert_eq!((put.status(), put.body()), (200, profile.body()));
    assert_eq!(house.others.commands(), ["presentation Some(\"New\") None", "restore", "profile"]);
    assert!(document(&house.ask("GET", &format!("{BANK}/profile/delta")).await)["items"].is_array());
}

#[tokio::test]
async fn a_secret_is_shown_once_and_digests_never() {
    let house = House::new().await;
    let body = r#"{"name":"Partner","kind":"confidential","redirect_uris":["https://partner.example/cb"]}"#;
    let made = house.ask_with("POST", &format!("{BANK}/clients"), body).await;
    assert_eq!((made.status(), made.header_values("cache-control")), (201, vec!["no-store"]));
    assert_eq!(document(&made)["client_secret"].as_str(), Some("only-once"));
    let shown = house.ask("GET", &format!("{BANK}/clients/partner")).await;
    let client = document(&shown);
    assert_eq!((client["state"].as_str(), client["reason"].as_str()), (Some("suspended"), Some("late")));
    assert_eq!(client["secrets"][0]["id"].as_str(), Some("s1"));
    let text = String::from_utf8_lossy(shown.body()).into_owned();
    assert!(!text.contains("client_secret") && !text.contains("d1ge57"), "{text}");
    let rotated = house.ask("POST", &format!("{BANK}/clients/partner/rotate-secret")).await;
    assert_eq!(document(&rotated)["client_secret"].as_str(), Some("only-once-more"));
    assert_eq!(rotated.header_values("cache-control"), ["no-store"]);
}

#[tokio::test]
async fn clients_are_commanded() {
    let house = House::new().await;
    let one = format!("{BANK}/clients/partner");
    assert_eq!(house.ask("GET", &format!("{BANK}/clients?state=pending&limit=7")).await.status(), 200);
    let refused = house.ask("POST", &format!("{one}/approve")).await;
    assert_eq!((refused.status(), document(&refused)["detail"].as_str()), (409, Some("the client is not pending.")));
    house.ask_with("POST", &format!("{one}/suspend"), r#"{"reason":"late"}"#).await;
    house.ask("POST", &format!("{one}/restore")).await;
    house.ask_with("PATCH", &one, r#"{"scopes":["openid"]}"#).await;
    assert_eq!(
        house.others.commands(),
        [
            "Suspend { reason: \"late\" }",
            "revoke grants",
            "revoke grants",
            "Restore",
            "change partner None Some([\"openid\"])"
        ]
    );
    assert_eq!(house.ask("POST", &format!("{BANK}/clients/nobody/restore")).await.status(), 404);
}

#[tokio::test]
async fn deleting_a_client_ends_its_grants() {
    let house = House::new().await;
    let gone = house.ask("DELETE", &format!("{BANK}/clients/partner")).await;
    assert_eq!((gone.status(), gone.body().len()), (204, 0));
    assert_eq!(house.others.commands(), ["revoke grants", "Delete", "revoke grants"]);
    assert_eq!(house.ask("DELETE", &format!("{BANK}/clients/nobody")).await.status(), 404);
}

#[tokio::test]
async fn a_user_is_named_by_id_or_address() {
    let house = House::new().await;
    for name in [USER.to_string(), EMAIL.to_owned(), "jane%40example.com".to_owned()] {
        let found = house.ask("GET", &format!("{BANK}/users/{name}")).await;
        assert_eq!(document(&found)["id"].as_str(), Some(USER.to_string().as_str()), "{name}");
    }
    for name in ["nobody", "nobody@example.com", "usr_00000000000000000000000000000009"] {
        assert_eq!(house.ask("GET", &format!("{BANK}/users/{name}")).await.status(), 404, "{name}");
    }
    assert_eq!(house.ask("GET", &format!("{BANK}/users/%ff")).await.status(), 400);
}

#[tokio::test]
async fn users_are_made_and_changed() {
    let house = House::new().await;
    let body = r#"{"email":"a@example.com","password":"correct horse","attributes":{"plan":"gold"}}"#;
    assert_eq!(house.ask_with("POST", &format!("{BANK}/users"), body).await.status(), 201);
    let change = r#"{"email_verified":true,"claims":{"nickname":null}}"#;
    house.ask_with("PATCH", &format!("{BANK}/users/{USER}"), change).await;
    for command in ["lock", "unlock", "deactivate"] {
        assert_eq!(house.ask("POST", &format!("{BANK}/users/{USER}/{command}")).await.status(), 200);
    }
    assert_eq!(
        house.others.commands(),
        [
            "create_user a@example.com password=true",
            "change_user Some(true) {\"nickname\": Null}",
            "Lock",
            "Unlock",
            "Deactivate"
        ]
    );
}

#[tokio::test]
async fn keys_and_presets_are_shown() {
    let house = House::new().await;
    assert_eq!(document(&house.ask("GET", &format!("{BANK}/keys")).await)["items"][0]["kid"].as_str(), Some("k1"));
    assert_eq!(house.ask_with("POST", &format!("{BANK}/keys"), r#"{"alg":"none"}"#).await.status(), 422);
    let presets = document(&house.ask("GET", "/admin/v1/presets").await);
    for preset in presets["items"].as_array().unwrap() {
        let path = format!("/admin/v1/presets/{}", preset["name"].as_str().unwrap());
        assert!(document(&house.ask("GET", &path).await)["profile"].is_object());
    }
    assert_eq!(house.ask("GET", "/admin/v1/presets/none").await.status(), 404);
}
