//! The guide's five exchanges, byte for byte apart from what is random by its nature: the files
//! under `generic/` say what that is.

use grantor_testkit::{Browser, hidden};
use grantor_tests_guides::{Scene, Values, compare, jar, send};

/// The client's address in the guide is a path only.
pub const CALLBACK: &str = "https://client.example/redirect_uri";

#[tokio::test(flavor = "multi_thread")]
async fn the_five_exchanges_of_the_guide_hold_byte_for_byte() {
    let mut scene = Scene::of("generic").await;
    scene.partner =
        scene.world.partner_with(&scene.tenant, |client| client.redirect_uris = vec![CALLBACK.into()]).await;
    let identity = scene.tenant.issuer.trim_start_matches("http://").to_owned();
    let mut values = Values::from([
        ("identity".into(), identity.clone()),
        ("client_id".into(), scene.partner.client_id.clone()),
        ("client_secret".into(), scene.partner.secret.clone()),
    ]);

    let answer = send(&identity, "generic/1-authorize.request", &values).await;
    compare("generic/1-authorize.response", &answer.text(), &mut values);

    // Login and approval, in a browser of their own.
    let mut browser = Browser::new();
    let url = scene.url("read_write").with("state", "STATE").without("nonce");
    let login = scene.visit(&mut browser, &url).await;
    let filled = [("username", scene.person.email.as_str()), ("password", scene.person.password.as_str())];
    let visit = browser.press(&login, "login", &filled).await;
    let consent = browser.follow(visit).await;
    values.insert("cookies".into(), jar(&browser));
    values.insert("csrf".into(), hidden(&consent.body, "csrf").expect("a token"));
    values.insert("consent".into(), consent.form_with("approve").action);
    let answer = send(&identity, "generic/2-callback.request", &values).await;
    compare("generic/2-callback.response", &answer.text(), &mut values);

    let answer = send(&identity, "generic/3-token.request", &values).await;
    compare("generic/4-token.response", &answer.text(), &mut values);

    let answer = send(&identity, "generic/5-refresh.request", &values).await;
    compare("generic/5-refresh.response", &answer.text(), &mut values);
    assert_ne!(values["refresh"], values["second_refresh"], "refresh tokens rotate");
    assert!(scene.is_active(&values["second_token"]).await);
}
