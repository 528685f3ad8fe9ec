use crate::{
    browser::{authorize, encode, location},
    world::{ADA, BOB, World},
};

const BYE: &str = "https://partner.example/bye";

#[tokio::test]
async fn without_a_hint_the_person_is_asked() {
    let world = World::new().await;
    let browser = world.browser();
    browser.settle().await;
    let page = browser.open("/logout").await;
    assert!(page.kind() == "logout" && page.has("Ada Marker"));
    let stay = browser.submit(&page, &[], "cancel").await;
    assert_eq!(location(&stay.answer).unwrap(), "/");
    let done = browser.submit(&page, &[], "logout").await;
    assert_eq!(done.answer.status(), 200);
    assert!(done.has("id=\"sign_in\""));
    assert_eq!(world.events().await.last().unwrap(), "identity.session.ended");
    assert_eq!(browser.open(&authorize(&[])).await.kind(), "login");
    assert_eq!(browser.open("/logout").await.kind(), "none", "once more is no error");
}

#[tokio::test]
async fn a_client_that_knows_the_session_ends_it_at_once() {
    let world = World::new().await;
    let browser = world.browser();
    browser.settle().await;
    let hint = format!("{ADA} partner");
    let query = encode(&[("id_token_hint", &hint), ("post_logout_redirect_uri", BYE), ("state", "a b")]);
    let posted = browser
        .post_from_elsewhere(
            "/oauth/logout",
            &[("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", BYE), ("state", "a b")],
        )
        .await;
    let end = browser.follow(posted).await;
    assert_eq!(location(&end.answer).unwrap(), format!("{BYE}?state=a%20b"));
    assert_eq!(browser.open(&authorize(&[])).await.kind(), "login");
    let again = browser.open(&format!("/oauth/logout?{query}")).await;
    assert_eq!(location(&again.answer).unwrap(), format!("{BYE}?state=a%20b"));
}

#[tokio::test]
async fn a_hint_about_somebody_else_asks() {
    let world = World::new().await;
    let browser = world.browser();
    browser.settle().await;
    let hint = format!("{BOB} partner");
    let query = encode(&[("id_token_hint", &hint), ("post_logout_redirect_uri", BYE)]);
    let page = browser.open(&format!("/oauth/logout?{query}")).await;
    assert!(page.kind() == "logout" && page.has("Kea Budget"));
    assert!(page.answer.content_security_policy().unwrap().contains("form-action 'self' https://partner.example;"));
    let end = browser.submit(&page, &[], "logout").await;
    assert_eq!(location(&end.answer).unwrap(), BYE);
}

#[tokio::test]
async fn nobody_is_sent_to_an_unregistered_address() {
    let world = World::new().await;
    let browser = world.browser();
    for pairs in [
        vec![("client_id", "partner"), ("post_logout_redirect_uri", "https://evil.example/")],
        vec![("client_id", "partner"), ("post_logout_redirect_uri", "https://partner.example/bye/")],
        vec![("post_logout_redirect_uri", BYE)],
        vec![("client_id", "nobody"), ("post_logout_redirect_uri", BYE)],
    ] {
        let page = browser.open(&format!("/oauth/logout?{}", encode(&pairs))).await;
        assert_eq!((page.answer.status(), page.error().as_str()), (400, "redirect_uri_not_registered"), "{pairs:?}");
    }
    let hint = format!("{ADA} partner");
    let mixed = encode(&[("id_token_hint", &hint), ("client_id", "other")]);
    assert_eq!(browser.open(&format!("/oauth/logout?{mixed}")).await.error(), "bad_request");
}

#[tokio::test]
async fn signing_out_needs_the_sessions_form() {
    let world = World::new().await;
    let browser = world.browser();
    browser.settle().await;
    let forged = browser.post("/logout/confirm", &[("logout", "logout"), ("csrf", "guess")]).await;
    assert_eq!(forged.status(), 403);
    assert!(browser.open(&authorize(&[])).await.callback().contains_key("code"));
}
