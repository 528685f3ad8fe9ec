//! C7, C8, C15: what goes through the browser.

use grantor_testkit::Browser;
use grantor_tests_guides::Scene;

#[tokio::test(flavor = "multi_thread")]
async fn c07_a_web_attacker_cannot_mix_up_issuers() {
    let scene = Scene::openid().await;
    let mut browser = Browser::new();
    let success = browser.authorize(&scene.url("openid"), &scene.person).await;
    assert!(success.returned("code").is_some());
    assert_eq!(success.returned("iss").as_deref(), Some(scene.tenant.issuer.as_str()));
    let error = browser.get(&scene.url("nothing").url()).await;
    assert_eq!(error.returned("iss").as_deref(), Some(scene.tenant.issuer.as_str()), "errors too");
    let posted = browser.get(&scene.url("openid").with("response_mode", "form_post").url()).await;
    assert!(posted.body.contains(&format!("name=\"iss\" value=\"{}\"", scene.tenant.issuer)), "{}", posted.body);
    let document = scene.get("/.well-known/openid-configuration").await.json();
    assert_eq!(document["authorization_response_iss_parameter_supported"], true);

    let guide = Scene::financefeast().await;
    let visit = Browser::new().authorize(&guide.url("openid"), &guide.person).await;
    assert!(visit.returned("code").is_some() && visit.returned("iss").is_none(), "the guide's sample has none");
    let document = guide.get("/.well-known/openid-configuration").await.json();
    assert_eq!(document["authorization_response_iss_parameter_supported"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn c08_an_attacker_who_reads_responses_finds_no_token_in_them() {
    let scene = Scene::openid().await;
    let mut browser = scene.approved("openid").await;
    for response in ["token", "id_token", "id_token token", "code token", "code id_token", "code id_token token"] {
        for mode in [None, Some("query"), Some("form_post"), Some("fragment")] {
            let url = scene.url("openid").with("response_type", response);
            let url = mode.iter().fold(url, |url, mode| url.with("response_mode", mode));
            let visit = browser.get(&url.url()).await;
            let whole = format!("{:?}{}", visit.location(), visit.body);
            assert!(!whole.contains("access_token=") && !whole.contains("id_token=ey"), "{}: {whole}", url.url());
            assert!(!whole.contains("code=") && !whole.contains("name=\"code\""), "{}: {whole}", url.url());
        }
    }
    let fragment = browser.get(&scene.url("openid").with("response_mode", "fragment").url()).await;
    assert_eq!(fragment.returned("error").as_deref(), Some("invalid_request"));
    let good = browser.get(&scene.url("openid").url()).await.location().expect("a redirect");
    let names: Vec<String> = good.query_pairs().map(|(name, _)| name.into_owned()).collect();
    assert_eq!((names, good.fragment()), (vec!["code".into(), "state".into(), "iss".into()], None));
}

#[tokio::test(flavor = "multi_thread")]
async fn c15_a_hostile_client_never_gets_the_password_posted_on() {
    let scene = Scene::openid().await;
    let mut browser = Browser::new();
    let posted = browser.post(scene.url("openid").endpoint(), &scene.url("openid").pairs()).await;
    assert_eq!(posted.status, 303);
    let login = browser.follow(posted).await;
    let filled = [("username", scene.person.email.as_str()), ("password", scene.person.password.as_str())];
    let welcome = browser.press(&login, "login", &filled).await;
    assert_eq!(welcome.status, 303);
    let consent = browser.follow(welcome).await;
    let approved = browser.press(&consent, "approve", &[]).await;
    assert_eq!(approved.status, 303);
    assert!(approved.returned("code").is_some() && approved.body.is_empty());
    let confirm = browser.get(&format!("{}/logout", scene.tenant.issuer)).await;
    assert_eq!(browser.press(&confirm, "logout", &[]).await.status, 303);
    let login = scene.visit(&mut browser, &scene.url("openid")).await;
    assert_eq!(browser.press(&login, "cancel", &[]).await.status, 303);
}
