//! The guide's ten exchanges, byte for byte apart from what is random by its nature: the files
//! under `finexer/` say what that is.

use grantor_testkit::{Browser, hidden};
use grantor_tests_guides::{Values, compare, jar, send};

use super::{consent, link, revocation::revoked_events, scene};

#[tokio::test(flavor = "multi_thread")]
async fn the_ten_exchanges_of_the_guide_hold_byte_for_byte() {
    let scene = scene().await;
    let bare = |url: &str| url.trim_start_matches("http://").to_owned();
    let (identity, api) = (bare(&scene.tenant.issuer), bare(&scene.tenant.api));
    let tail = |text: &str, prefix: &str| text.strip_prefix(prefix).expect("its prefix").to_owned();
    let mut values = Values::from([
        ("identity".into(), identity.clone()),
        ("api".into(), api.clone()),
        ("client".into(), tail(&scene.partner.client_id, "app_")),
        ("secret".into(), tail(&scene.partner.secret, "sk_")),
    ]);

    let answer = send(&identity, "finexer/1-link.request", &values).await;
    compare("finexer/1-link.response", &answer.text(), &mut values);

    // The pages in between are no part of the guide. First somebody refuses, then approves.
    for (file, name) in [("finexer/3-deny", "second_"), ("finexer/2-success", "")] {
        let mut browser = Browser::new();
        let page = consent(&scene, &mut browser, &link(&scene), &scene.person).await;
        values.insert(format!("{name}cookies"), jar(&browser));
        values.insert(format!("{name}csrf"), hidden(&page.body, "csrf").expect("a token"));
        values.insert(format!("{name}consent"), page.form_with("approve").action);
        let answer = send(&identity, &format!("{file}.request"), &values).await;
        compare(&format!("{file}.response"), &answer.text(), &mut values);
    }

    let answer = send(&identity, "finexer/6-unknown-code.request", &values).await;
    compare("finexer/6-unknown-code.response", &answer.text(), &mut values);

    let answer = send(&identity, "finexer/4-token.request", &values).await;
    compare("finexer/5-token.response", &answer.text(), &mut values);

    let answer = send(&api, "finexer/7-api.request", &values).await;
    compare("finexer/7-api.response", &answer.text(), &mut values);

    let answer = send(&identity, "finexer/8-revoke.request", &values).await;
    compare("finexer/9-revoked.response", &answer.text(), &mut values);
    let events = revoked_events(&scene).await;
    assert_eq!(events.len(), 1, "and the event that partners hear of");
    assert_eq!(events[0].1.client_id, scene.partner.client_id);
    assert_eq!((events[0].1.revoked_by.as_str(), events[0].0), ("api", 3), "with its place in the grant's stream");

    let answer = send(&identity, "finexer/8-revoke.request", &values).await;
    compare("finexer/10-refused.response", &answer.text(), &mut values);
}
