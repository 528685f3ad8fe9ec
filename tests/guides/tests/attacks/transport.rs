//! C19, C20, C29: queries, host headers, caches.

use grantor_testkit::{Browser, Settings};
use grantor_tests_guides::{Scene, exchange};
use reqwest::Method;

#[tokio::test(flavor = "multi_thread")]
async fn c19_an_attacker_who_reads_urls_finds_no_token_there() {
    let scene = Scene::openid().await;
    let token = scene.token("openid").await["access_token"].as_str().expect("a token").to_owned();
    let userinfo = scene.get(&format!("/oauth/userinfo?access_token={token}")).await;
    assert_eq!(userinfo.status, 401, "a token in the query is none: {}", userinfo.body);
    assert!(userinfo.header("www-authenticate").starts_with("Bearer"));
    let api = format!("{}/data/eod?ticker=air.nz&access_token={token}", scene.tenant.api);
    assert_eq!(scene.send(Method::GET, &api, &[], None).await.status, 401);
    let (id, secret) = (&scene.partner.client_id, &scene.partner.secret);
    for path in ["/oauth/introspect", "/oauth/revoke", "/oauth/token"] {
        let query = format!("{path}?token={token}&client_id={id}&client_secret={secret}&grant_type=client_credentials");
        let answer = scene.post(&query, &[]).await;
        assert!(matches!(answer.status, 400 | 401), "{path}: {} {}", answer.status, answer.body);
    }
    assert!(scene.is_active(&token).await, "nothing was revoked by a query");
}

/// What the tenant's documents and links say when they are asked for with these headers.
async fn says(scene: &Scene, authority: &str, headers: &str) -> String {
    let bare = scene.tenant.issuer.trim_start_matches("http://");
    let mut whole = String::new();
    let url = scene.url("openid").url();
    let authorize = url.trim_start_matches(scene.tenant.issuer.as_str());
    for path in ["/.well-known/openid-configuration", "/login", "/oauth/create_client", authorize, "/nothing"] {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {authority}\r\nAccept: text/html\r\n{headers}Connection: close\r\n\r\n"
        );
        whole.push_str(&exchange(bare, request.as_bytes()).await.text());
    }
    whole
}

#[tokio::test(flavor = "multi_thread")]
async fn c20_a_network_attacker_cannot_choose_an_issuer_by_headers() {
    let scene = Scene::openid().await;
    let own = scene.tenant.issuer.trim_start_matches("http://").to_owned();
    for headers in [
        "X-Forwarded-Host: evil.example\r\n",
        "X-Forwarded-Proto: https\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-Port: 443\r\n",
        "Forwarded: host=evil.example;proto=https\r\n",
        "X-Original-Host: evil.example\r\nX-Host: evil.example\r\nX-Rewrite-Url: /evil.example\r\n",
    ] {
        let said = says(&scene, &own, headers).await;
        assert!(!said.contains("evil.example"), "{headers}: {said}");
        assert!(said.contains(&format!("\"issuer\":\"http://{own}\"")));
        assert!(!said.contains("; Secure"), "nobody made the connection an encrypted one: {said}");
    }
    let said = says(&scene, "evil.example", "").await;
    assert!(!said.contains("evil.example") && said.contains("404"), "no tenant lives there: {said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn c20_a_trusted_proxy_names_the_host_but_never_the_issuer() {
    let settings = Settings { proxies: vec!["127.0.0.1".into()], ..Settings::default() };
    let scene = Scene::with(settings, "openid").await;
    let own = scene.tenant.issuer.trim_start_matches("http://").to_owned();
    let forwarded = format!("X-Forwarded-Host: {own}\r\nX-Forwarded-Proto: https\r\nX-Forwarded-For: 192.0.2.7\r\n");
    let said = says(&scene, "inside.example", &forwarded).await;
    assert!(said.contains(&format!("\"issuer\":\"http://{own}\"")), "{said}");
    assert!(!said.contains("inside.example") && !said.contains("https://127"), "{said}");
    assert!(said.contains("__Host-grantor-") && said.contains("; Secure"), "its word on encryption counts: {said}");
    let said = says(&scene, &own, "X-Forwarded-Host: evil.example\r\n").await;
    assert!(!said.contains("evil.example"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_that_two_readers_could_read_differently_is_refused() {
    let scene = Scene::openid().await;
    let own = scene.tenant.issuer.trim_start_matches("http://");
    let basic = |id: &str, secret: &str| {
        let pair = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, format!("{id}:{secret}"));
        format!("Authorization: Basic {pair}\r\n")
    };
    let right = basic(&scene.partner.client_id, &scene.partner.secret);
    let form = "Content-Type: application/x-www-form-urlencoded\r\n".to_owned();
    let body = "grant_type=client_credentials";
    let ask = |target: &str, host: &str, headers: &[&str]| {
        let headers = headers.concat();
        let length = body.len();
        format!(
            "POST {target} HTTP/1.1\r\nHost: {host}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        )
    };
    let status = async |request: String| {
        let answer = exchange(own, request.as_bytes()).await;
        answer.status.split(' ').nth(1).unwrap_or_default().to_owned()
    };
    let path = "/oauth/token";
    assert_eq!(status(ask(path, own, &[&right, &form])).await, "200");
    assert_eq!(status(ask(path, own, &[&right, &basic("x", "y"), &form])).await, "400");
    assert_eq!(status(ask(path, own, &[&right, &form, "Content-Type: application/json\r\n"])).await, "400");
    assert_eq!(status(ask(path, own, &[&right, &form, "Content-Encoding: gzip\r\n"])).await, "400");
    // The host that a whole URI names is the one that is meant (RFC 9112 3.2.2).
    let whole = |host: &str| format!("http://{host}{path}");
    assert_eq!(status(ask(&whole(own), "evil.example", &[&right, &form])).await, "200");
    assert_eq!(status(ask(&whole("evil.example"), own, &[&right, &form])).await, "404");
}

#[tokio::test(flavor = "multi_thread")]
async fn c20_mails_name_the_stored_issuer() {
    let scene = Scene::openid().await;
    let mut browser = Browser::new();
    browser.headers.push(("x-forwarded-host".into(), "evil.example".into()));
    let login = scene.visit(&mut browser, &scene.url("openid")).await;
    for email in ["new@example.com", "grace@example.com"] {
        let sign_up = browser.get(&format!("{}/signup", login.url)).await;
        let fields = [("name", "New"), ("email", email), ("password", "a passphrase of some length")];
        assert_eq!(browser.press(&sign_up, "signup", &fields).await.status, 303);
        let mail = scene.world.mail_to(email).await.to_string();
        assert!(!mail.contains("evil.example"), "{mail}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c29_errors_are_kept_by_no_cache_and_hold_no_secret() {
    let scene = Scene::openid().await;
    let code = scene.code("openid").await;
    let (id, secret) = (scene.partner.client_id.as_str(), "s3cret-canary-of-a-client");
    let token = scene.token("openid").await["access_token"].as_str().expect("a token").to_owned();
    let bearer = format!("Bearer {token}x");
    let mut answers = vec![
        scene.get("/oauth/userinfo").await,
        scene.send(Method::GET, "/oauth/userinfo", &[("authorization", &bearer)], None).await,
        scene.get("/oauth/token").await,
        scene.get("/nothing").await,
        scene.get("/oauth/authorize").await,
        scene.get("/oauth/authorize?client_id=nobody&redirect_uri=https://evil.example").await,
        scene.get("/interaction/none").await,
        scene.get("/oauth/logout?post_logout_redirect_uri=https://evil.example").await,
        scene
            .send(
                Method::GET,
                &format!("{}/data/eod?ticker=air.nz", scene.tenant.api),
                &[("authorization", &bearer)],
                None,
            )
            .await,
    ];
    for fields in [
        vec![],
        vec![("grant_type", "authorization_code"), ("code", &code), ("client_id", id), ("client_secret", secret)],
        vec![
            ("grant_type", "refresh_token"),
            ("refresh_token", &code),
            ("client_id", id),
            ("client_secret", &scene.partner.secret),
        ],
        vec![("grant_type", "authorization_code"), ("code", &code), ("code", &code)],
        vec![("token", token.as_str()), ("client_id", id), ("client_secret", secret)],
    ] {
        for path in ["/oauth/token", "/oauth/introspect", "/oauth/revoke"] {
            answers.push(scene.post(path, &fields).await);
        }
    }
    for answer in answers.iter().filter(|answer| answer.status >= 400) {
        assert!(answer.header("cache-control").contains("no-store"), "{} {}", answer.status, answer.body);
        for canary in [code.as_str(), secret, &token, &scene.partner.secret] {
            let inside = answer.body.contains(canary)
                || answer.headers.values().any(|value| format!("{value:?}").contains(canary));
            assert!(!inside, "{} {:?} {}", answer.status, answer.headers, answer.body);
        }
    }
    assert!(answers.iter().filter(|answer| answer.status >= 400).count() >= 20);
}
