//! The guide's nine exchanges, byte for byte apart from what is random by its nature: the files
//! under `finx/` say what that is.

use grantor_testkit::{Browser, hidden};
use grantor_tests_guides::{Scene, Values, compare, jar, send};

use super::walk::*;

/// The values of a flow at its consent page, for a raw request.
async fn at_consent(scene: &Scene, values: &mut Values) -> String {
    let mut browser = Browser::new();
    let location = location(scene, known()).await;
    let consent = to_consent(scene, &mut browser, &location).await;
    let authority = consent.url.authority().to_owned();
    values.insert("widget".into(), authority.clone());
    values.insert("cookies".into(), jar(&browser));
    values.insert("csrf".into(), hidden(&consent.body, "csrf").expect("a token"));
    values.insert("form".into(), consent.form_with("approve").action);
    authority
}

#[tokio::test(flavor = "multi_thread")]
async fn the_nine_exchanges_of_the_guide_hold_byte_for_byte() {
    let scene = finx().await;
    let bare = |url: &str| url.trim_start_matches("http://").to_owned();
    let host = bare(&scene.tenant.issuer);
    let mut values = Values::from([
        ("host".into(), host.clone()),
        ("basic".into(), basic(&scene.partner).trim_start_matches("Basic ").to_owned()),
    ]);
    // 1 to 3: the starts, and the answer to both.
    for file in ["finx/1-initiate.request", "finx/2-initiate-iban.request"] {
        let answer = send(&host, file, &values).await;
        let mut fresh = values.clone();
        compare("finx/3-initiate.response", &answer.text(), &mut fresh);
        let page =
            open(&mut Browser::new(), &format!("http://{}?token={}", fresh["widget_host"], fresh["token"])).await;
        assert_eq!(page.has_button("login"), file.contains("iban"), "a known account skips the choice of a bank");
    }
    // 4: success.
    let mut fresh = values.clone();
    let authority = at_consent(&scene, &mut fresh).await;
    let answer = send(&authority, "finx/4-success.request", &fresh).await;
    compare("finx/4-success.response", &answer.text(), &mut fresh);
    values.insert("code".into(), fresh["code"].clone());
    // 5: cancel.
    let mut fresh = values.clone();
    let authority = at_consent(&scene, &mut fresh).await;
    let answer = send(&authority, "finx/5-cancel.request", &fresh).await;
    compare("finx/5-cancel.response", &answer.text(), &mut fresh);
    // 6: failure. The person reads why; then their browser goes back with this request.
    let mut browser = Browser::new();
    let mut page = open(&mut browser, &location(&scene, known()).await).await;
    for _ in 0..5 {
        page = press(&mut browser, &page, "login", &[("username", "nobody"), ("pin", "0")]).await;
    }
    let link = page.body.split("id=\"back\" href=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a link");
    let link = link.replace("&#38;", "&").replace("&amp;", "&");
    let back = url::Url::parse(&link).expect("a URL");
    let line = format!(
        "GET {}?{} HTTP/1.1\nHost: {}",
        back.path(),
        back.query().unwrap_or_default(),
        back.host_str().unwrap_or_default()
    );
    compare("finx/6-failure.request", &line, &mut values);
    // 7 and 8: the exchange.
    let answer = send(&host, "finx/7-token.request", &values).await;
    compare("finx/8-token.response", &answer.text(), &mut values);
    // 9: a new refresh token for the old.
    let answer = send(&host, "finx/9-refresh.request", &values).await;
    let mut fresh = Values::new();
    compare("finx/9-refresh.response", &answer.text(), &mut fresh);
    assert_ne!(fresh["refresh"], values["refresh"]);
}
