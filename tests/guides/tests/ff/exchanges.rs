//! The guide's five exchanges, byte for byte apart from what is random by its nature: the files
//! under `financefeast/` say what that is. Sent over a bare socket, as the guide's curl does.

use grantor_testkit::{Browser, hidden};
use grantor_tests_guides::{Scene, Values, compare, jar, send};

use super::register::CALLBACK;

/// The instant at which the guide's token was issued: 2021-05-11T22:08:01Z.
const GUIDES_NOW: i64 = 1_621_634_881 - 864_000;

#[tokio::test(flavor = "multi_thread")]
async fn the_five_exchanges_of_the_guide_hold_byte_for_byte() {
    let world = grantor_testkit::World::start().await;
    world.advance(GUIDES_NOW - world.now().timestamp());
    let tenant = world.tenant("financefeast").await;
    let mut scene = Scene::at(world, tenant).await;
    scene.partner =
        scene.world.partner_with(&scene.tenant, |client| client.redirect_uris = vec![CALLBACK.into()]).await;
    let bare = |url: &str| url.trim_start_matches("http://").to_owned();
    let (identity, api) = (bare(&scene.tenant.issuer), bare(&scene.tenant.api));
    let mut values = Values::from([
        ("identity".into(), identity.clone()),
        ("api".into(), api.clone()),
        ("client_id".into(), scene.partner.client_id.clone()),
        ("client_secret".into(), scene.partner.secret.clone()),
    ]);

    let answer = send(&identity, "financefeast/1-authorize.request", &values).await;
    compare("financefeast/1-authorize.response", &answer.text(), &mut values);

    // The pages in between are no part of the guide: a browser goes through them, with the
    // state of the guide's second example.
    let mut browser = Browser::new();
    let url = scene.url("openid profile plan").with("state", "8e02c9c6a3484fadaaf841fb1df290e1");
    let login = scene.visit(&mut browser, &url).await;
    let filled = [("username", scene.person.email.as_str()), ("password", scene.person.password.as_str())];
    let visit = browser.press(&login, "login", &filled).await;
    let consent = browser.follow(visit).await;
    values.insert("cookies".into(), jar(&browser));
    values.insert("csrf".into(), hidden(&consent.body, "csrf").expect("a token"));
    values.insert("consent".into(), consent.form_with("approve").action);
    let answer = send(&identity, "financefeast/2-callback.request", &values).await;
    compare("financefeast/2-callback.response", &answer.text(), &mut values);

    let answer = send(&identity, "financefeast/3-token.request", &values).await;
    compare("financefeast/4-token.response", &answer.text(), &mut values);

    let answer = send(&api, "financefeast/5-api.request", &values).await;
    compare("financefeast/5-api.response", &answer.text(), &mut values);
    let claims = grantor_tests_guides::verified(&scene, &values["id_token"]).await;
    assert_eq!(claims["nonce"], "0jUUjAJskDY4ivq5CgvY");
}
