use grantor_authorization_domain::consent_id;
use grantor_ports::{GrantSelector, RevokeReason};

use crate::{
    browser::{authorize, location},
    world::{ADA, CLIENT, World},
};

#[tokio::test]
async fn what_was_given_can_be_taken_back() {
    let world = World::new().await;
    let browser = world.browser();
    browser.settle().await;
    let page = browser.open("/apps").await;
    for text in ["Kea Budget", "data-client=\"partner\"", "data-scope=\"openid\"", "data-scope=\"profile\""] {
        assert!(page.has(text), "{text} is missing");
    }
    let after = browser.submit(&page, &[("revoke", "partner")], "none").await;
    assert!(!after.has("data-client"));
    let revoked = world.vault.revoked.lock().clone();
    assert_eq!(revoked, [(GrantSelector::UserAndClient(ADA, CLIENT), RevokeReason::ConsentWithdrawn)]);
    let expected = ["identity.session.started", "oauth.consent.granted", "oauth.consent.withdrawn"];
    assert_eq!(world.events().await, expected);
    let asked = browser.open(&authorize(&[])).await;
    assert_eq!(asked.kind(), "approve");
    browser.submit(&asked, &[], "approve").await.callback();
    assert_eq!(world.events().await.last().unwrap(), "oauth.consent.granted");
    assert_eq!(world.vault.issued.lock().last().unwrap().consent, consent_id(ADA, CLIENT));
}

#[tokio::test]
async fn only_who_is_signed_in_sees_and_takes_back() {
    let world = World::new().await;
    let browser = world.browser();
    assert_eq!(location(&browser.get("/apps").await).unwrap(), "/login?next=apps");
    browser.settle().await;
    let forged = browser.post("/apps", &[("revoke", "partner"), ("csrf", "guess")]).await;
    assert_eq!(forged.status(), 403);
    let page = browser.open("/apps").await;
    let unknown = browser.submit(&page, &[("revoke", "nobody")], "none").await;
    assert_eq!(unknown.answer.status(), 404);
    assert!(world.vault.revoked.lock().is_empty());
}
