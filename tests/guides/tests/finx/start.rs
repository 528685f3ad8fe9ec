//! FN-01 to FN-12: a partner asks for a link.

use grantor_testkit::Browser;
use reqwest::Method;
use serde_json::{Value, json};
use url::Url;

use super::walk::*;

#[tokio::test(flavor = "multi_thread")]
async fn fn_01_three_calls_lead_to_the_data() {
    let scene = finx().await;
    let tokens = exchange(&scene, &code(&scene).await).await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    assert_eq!(scene.api(&member(&tokens, "access_token")).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn fn_02_access_is_wanted_once_or_on_and_on() {
    let scene = finx().await;
    let once = post(&scene, "/onetime/access", &json!({ "redirect_uri": CALLBACK }).to_string()).await;
    assert_eq!(once.status, 200);
    let unnamed = post(&scene, "/ongoing/access", &json!({ "redirect_uri": CALLBACK }).to_string()).await;
    assert_eq!((unnamed.status, unnamed.error().as_str()), (400, "invalid_request"), "ongoing needs a user_id");
    let named = json!({ "redirect_uri": CALLBACK, "user_id": "u-1", "accounts": [{ "id": IBAN }] }).to_string();
    let mut texts = Vec::new();
    for path in ["/onetime/access", "/ongoing/access"] {
        let location = member(&post(&scene, path, &named).await, "location");
        texts.push(to_consent(&scene, &mut Browser::new(), &location).await.body);
    }
    assert!(texts[0].contains("einmaligen Abruf"), "{}", texts[0]);
    assert!(texts[1].contains("Bis zum 19. Februar 2027"), "90 days: {}", texts[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn fn_03_initiation_is_json_with_basic_credentials() {
    let scene = finx().await;
    let body = json!({ "redirect_uri": CALLBACK }).to_string();
    assert_eq!(post(&scene, ONE_TIME, &body).await.status, 200);
    assert_eq!(scene.get(ONE_TIME).await.status, 405);
    let json_type = ("content-type", "application/json");
    let bare = scene.send(Method::POST, ONE_TIME, &[json_type], Some(body.clone())).await;
    assert_eq!((bare.status, bare.error().as_str()), (401, "invalid_client"));
    assert!(bare.header("www-authenticate").starts_with("Basic"));
    let basic = basic(&scene.partner);
    for kind in ["application/x-www-form-urlencoded", "text/plain", "application/json; charset=latin1"] {
        let headers = [("authorization", basic.as_str()), ("content-type", kind)];
        let answer = scene.send(Method::POST, ONE_TIME, &headers, Some(body.clone())).await;
        assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_request"), "{kind}");
    }
    for bad in ["", "[]", "{", "1", r#"{"redirect_uri":"a","redirect_uri":"b"}"#] {
        assert_eq!(post(&scene, ONE_TIME, bad).await.error(), "invalid_request", "{bad}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fn_04_the_redirect_uri_alone_is_mandatory_and_registered() {
    let scene = finx().await;
    let missing = post(&scene, ONE_TIME, r#"{"language":"de"}"#).await;
    assert_eq!((missing.status, missing.error().as_str()), (400, "invalid_request"));
    for other in ["https://my-app.example.com/callback/", "https://evil.example/callback", "javascript:alert(1)"] {
        let answer = post(&scene, ONE_TIME, &json!({ "redirect_uri": other }).to_string()).await;
        assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_request"), "{other}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fn_05_the_language_is_the_widgets() {
    let scene = finx().await;
    for (asked, shown) in
        [("de", "de"), ("en", "en"), ("en-GB", "en"), ("es", "de"), ("fr", "de"), ("ar", "de"), ("xx", "de")]
    {
        let location = location(&scene, json!({ "language": asked })).await;
        let page = open(&mut Browser::new(), &location).await;
        assert!(page.body.contains(&format!("<html lang=\"{shown}\"")), "{asked}");
    }
    let page = open(&mut Browser::new(), &location(&scene, json!({})).await).await;
    assert!(page.body.contains("<html lang=\"de\"") && page.body.contains("Wählen Sie Ihre Bank"));
    let number = post(&scene, ONE_TIME, &json!({ "redirect_uri": CALLBACK, "language": 7 }).to_string()).await;
    assert_eq!(number.error(), "invalid_request");
}

#[tokio::test(flavor = "multi_thread")]
async fn fn_06_accounts_are_ibans_numbers_or_cards() {
    let scene = finx().await;
    let accounts = |list: Value| json!({ "redirect_uri": CALLBACK, "accounts": list }).to_string();
    for good in [IBAN, "DE82 9009 4815 0000 0028 81", "1234567890", "4111111111111111"] {
        assert_eq!(post(&scene, ONE_TIME, &accounts(json!([{ "id": good, "more": 1 }]))).await.status, 200, "{good}");
    }
    for bad in ["DE83900948150000002881", "4111111111111112", "", "a b;c", &"1".repeat(40)] {
        let answer = post(&scene, ONE_TIME, &accounts(json!([{ "id": bad }]))).await;
        assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_request"), "{bad}");
        assert!(bad.is_empty() || !answer.body.contains(bad), "nothing of it is repeated");
    }
    for bad in [json!({}), json!("x"), json!([1]), json!([{}]), json!([{ "id": 7 }])] {
        assert_eq!(post(&scene, ONE_TIME, &accounts(bad)).await.error(), "invalid_request");
    }
    assert_eq!(post(&scene, ONE_TIME, &accounts(json!([]))).await.status, 200, "may be empty");
}

#[tokio::test(flavor = "multi_thread")]
async fn fn_07_a_known_account_skips_the_choice_of_a_bank() {
    let scene = finx().await;
    let mut browser = Browser::new();
    let login = open(&mut browser, &location(&scene, known()).await).await;
    assert!(login.has_button("login") && login.body.contains("Sandbox Bank Nord"), "{}", login.body);
    let accounts = sign_in(&scene, &mut browser, &login, MARA).await;
    assert!(accounts.body.contains("name=\"account_1\" type=\"checkbox\" value=\"1\" checked"), "it is ticked");
    for unknown in [json!({}), json!({ "accounts": [{ "id": "4111111111111111" }] })] {
        let bank = open(&mut Browser::new(), &location(&scene, unknown).await).await;
        assert!(bank.has_button("choose"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fn_08_the_sync_period_is_90_days_unless_more_is_asked_for() {
    let scene = finx().await;
    for (asked, shown) in [(json!({}), "90 Tage"), (json!({ "sync_period": 365 }), "365 Tage")] {
        let mut more = known();
        more.as_object_mut().expect("members").extend(asked.as_object().expect("members").clone());
        let consent = to_consent(&scene, &mut Browser::new(), &location(&scene, more).await).await;
        assert!(consent.body.contains(shown), "{shown}");
    }
    for bad in [json!(0), json!(731), json!(-1), json!(1.5), json!("90"), json!(100_000)] {
        let body = json!({ "redirect_uri": CALLBACK, "sync_period": bad });
        assert_eq!(post(&scene, ONE_TIME, &body.to_string()).await.error(), "invalid_request", "{bad}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fn_09_the_state_comes_with_the_start_and_goes_back() {
    let scene = finx().await;
    assert_eq!(finished(&scene).await.returned("state").as_deref(), Some("7fe78733"));
    let body = json!({ "redirect_uri": CALLBACK });
    let mut browser = Browser::new();
    let page = open(&mut browser, start(&scene, body).await["location"].as_str().expect("a location")).await;
    let back = press(&mut browser, &page, "cancel", &[]).await;
    assert_eq!(back.returned("state"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn fn_10_what_is_not_known_is_ignored() {
    let scene = finx().await;
    let body = json!({
        "redirect_uri": CALLBACK, "tracking_id": "t", "provider_id": { "a": [1] }, "account_types": ["x"],
        "allow_multi_selection": false, "save_secrets": true, "user_id": "u", "whatever": null
    });
    assert_eq!(post(&scene, ONE_TIME, &body.to_string()).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn fn_11_the_location_is_the_widgets_host_with_a_signed_token() {
    let scene = finx().await;
    let body = json!({ "redirect_uri": CALLBACK, "state": "my-state", "accounts": [{ "id": IBAN }], "user_id": "ada" });
    let answer = start(&scene, body).await;
    let location = Url::parse(answer["location"].as_str().expect("a location")).expect("a URL");
    assert_eq!((location.path(), location.query_pairs().count()), ("/", 1));
    assert_ne!(location.origin().ascii_serialization(), scene.tenant.issuer, "the widget has a host of its own");
    let token = location.query_pairs().next().map(|(name, value)| (name.into_owned(), value.into_owned()));
    let (name, token) = token.expect("a token");
    assert_eq!((name.as_str(), token.split('.').count()), ("token", 3));
    assert!(token.starts_with("eyJhbGciO"));
    let claims = grantor_tests_guides::claims_of(&token);
    let mut names: Vec<&String> = claims.as_object().expect("claims").keys().collect();
    names.sort();
    assert_eq!(names, ["aud", "exp", "iat", "sub"], "nothing personal");
    assert_eq!(claims["sub"], answer["id"], "bound to the flow");
    assert!(claims["exp"].as_i64() <= claims["iat"].as_i64().map(|iat| iat + 900));
}

#[tokio::test(flavor = "multi_thread")]
async fn fn_12_the_id_is_a_version_4_uuid_of_the_flow() {
    let scene = finx().await;
    let answer = start(&scene, json!({ "redirect_uri": CALLBACK })).await;
    let id = answer["id"].as_str().expect("an id");
    assert!(id.len() == 36 && id.chars().nth(14) == Some('4'), "{id}");
    let flow = scene.operator("GET", &format!("/flows/{id}"), None).await;
    assert_eq!((&flow["state"], &flow["client_id"]), (&json!("open"), &json!(scene.partner.client_id)));
    let mut browser = Browser::new();
    let page = open(&mut browser, answer["location"].as_str().expect("a location")).await;
    press(&mut browser, &page, "cancel", &[]).await;
    assert_eq!(scene.operator("GET", &format!("/flows/{id}"), None).await["state"], "cancelled");
}
