//! C1 to C3: where people are sent.

use grantor_ports::ClientKind;
use grantor_testkit::{Browser, Visit};
use grantor_tests_guides::Scene;
use serde_json::json;

/// Whether a visit ends on one of our pages and leads nowhere.
fn stays(visit: &Visit) -> bool {
    visit.location().is_none() && visit.page_error().is_some()
}

#[tokio::test(flavor = "multi_thread")]
async fn c01_a_web_attacker_cannot_vary_a_redirect_uri() {
    let scene = Scene::openid().await;
    for variant in [
        "https://client.example/oauth/callback/",
        "https://client.example/oauth/callback?",
        "https://client.example/oauth/callback?x=1",
        "https://client.example/oauth/callback#",
        "https://client.example/oauth/callback%2f..%2fevil",
        "https://client.example/oauth/../oauth/callback",
        "https://client.example/oauth/Callback",
        "https://CLIENT.example/oauth/callback",
        "HTTPS://client.example/oauth/callback",
        "https://client.example:443/oauth/callback",
        "https://client.example./oauth/callback",
        "https://client.example/oauth",
        "https://client.example@evil.example/oauth/callback",
        "https://client.example.evil.example/oauth/callback",
        "https://evil.example\\@client.example/oauth/callback",
        "https:client.example/oauth/callback",
        "https:evil.example",
        "//client.example/oauth/callback",
        "/oauth/callback",
        " https://client.example/oauth/callback",
        "https://client.example/oauth/callback\t",
        "https://client.example/oauth/callback\r\nLocation: https://evil.example",
        "http://client.example/oauth/callback",
        "javascript:alert(1)//https://client.example/oauth/callback",
        "https://client.example/oauth/callback\u{0}",
        "https://сlient.example/oauth/callback",
    ] {
        let visit = Browser::new().get(&scene.url("openid").with("redirect_uri", variant).url()).await;
        assert!(stays(&visit), "{variant:?} leads to {:?} ({})", visit.location(), visit.status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c01_only_the_port_of_a_native_clients_loopback_uri_may_vary() {
    let scene = Scene::openid().await;
    let native = scene.world.partner_with(&scene.tenant, |client| {
        client.kind = ClientKind::Native;
        client.redirect_uris = vec!["http://127.0.0.1:4711/cb".into()];
    });
    let scene = {
        let native = native.await;
        scene.as_partner(native)
    };
    let pkce = grantor_testkit::Pkce::of("native");
    let url = |uri: &str| scene.url("openid").pkce(&pkce).with("redirect_uri", uri).url();
    for good in ["http://127.0.0.1:4711/cb", "http://127.0.0.1:50000/cb", "http://127.0.0.1/cb"] {
        let mut browser = Browser::new();
        let visit = browser.get(&url(good)).await;
        assert!(browser.follow(visit).await.has_button("login"), "{good}");
    }
    for bad in [
        "http://127.0.0.2:4711/cb",
        "http://localhost:4711/cb",
        "http://[::1]:4711/cb",
        "http://127.0.0.1:4711/cb/",
        "http://127.0.0.1:4711@evil.example/cb",
        "http://127.0.0.1:x/cb",
        "https://127.0.0.1:4711/cb",
    ] {
        let visit = Browser::new().get(&url(bad)).await;
        assert!(stays(&visit), "{bad} leads to {:?}", visit.location());
    }
    let confidential = scene.world.partner_with(&scene.tenant, |client| {
        client.redirect_uris = vec!["http://127.0.0.1:4711/cb".into()];
    });
    let scene = {
        let confidential = confidential.await;
        scene.as_partner(confidential)
    };
    let other = scene.url("openid").with("redirect_uri", "http://127.0.0.1:4712/cb");
    assert!(stays(&Browser::new().get(&other.url()).await), "a confidential client's port is part of its address");
}

#[tokio::test(flavor = "multi_thread")]
async fn c02_a_web_attacker_finds_no_open_redirector() {
    let scene = Scene::openid().await;
    let evil = "https://evil.example/";
    let mut browser = scene.approved("openid").await;
    let id_token =
        scene.token_by(&mut browser, &scene.url("openid")).await["id_token"].as_str().expect("one").to_owned();
    let base = &scene.tenant.issuer;
    let mut links = vec![
        scene.url("openid").with("redirect_uri", evil).url(),
        scene.url("openid").with("client_id", "nobody").with("redirect_uri", evil).url(),
        scene.url("openid").with("response_type", "token").with("redirect_uri", evil).url(),
        scene.url("openid").with("prompt", "none").with("redirect_uri", evil).url(),
        scene.url("openid").with("request_uri", evil).with("redirect_uri", evil).url(),
        format!("{}&redirect_uri={evil}", scene.url("openid").url()),
        format!("{base}/oauth/logout?post_logout_redirect_uri={evil}"),
        format!("{base}/oauth/logout?post_logout_redirect_uri={evil}&client_id={}", scene.partner.client_id),
        format!("{base}/oauth/logout?post_logout_redirect_uri={evil}&id_token_hint={id_token}"),
        format!(
            "{base}/oauth/logout?post_logout_redirect_uri=https://client.example/bye.evil.example&client_id={}",
            scene.partner.client_id
        ),
        format!("{base}//evil.example/"),
        format!("{base}/%2f%2fevil.example/"),
        format!("{base}/\\evil.example/"),
    ];
    for path in ["/login", "/signup", "/logout", "/logged-out", "/apps", "/"] {
        for name in ["next", "redirect_uri", "return_to", "url", "continue", "target"] {
            links.push(format!("{base}{path}?{name}={evil}"));
            links.push(format!("{base}{path}?{name}=//evil.example"));
        }
    }
    for signed_in in [true, false] {
        if !signed_in {
            browser = Browser::new();
        }
        for link in &links {
            let mut visit = browser.get(link).await;
            for _ in 0..6 {
                let Some(next) = visit.location() else { break };
                assert!(next.as_str().starts_with(base.as_str()), "{link} leads to {next}");
                visit = browser.get(next.as_str()).await;
            }
            assert!(!visit.header("refresh").contains("evil") && !visit.body.contains("evil.example"), "{link}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c02_an_error_is_a_page_until_the_redirect_uri_is_trusted() {
    let scene = Scene::openid().await;
    for url in [
        scene.url("openid").with("client_id", "nobody"),
        scene.url("openid").with("redirect_uri", "https://evil.example"),
        scene.url("everything").with("redirect_uri", "https://evil.example").with("response_mode", "form_post"),
        scene.url("openid").without("client_id"),
    ] {
        let visit = Browser::new().get(&url.url()).await;
        assert!(stays(&visit) && visit.status == 400, "{}", url.url());
        assert!(!visit.body.contains("evil.example"), "nothing of the request is on the page");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c03_a_hostile_client_cannot_register_a_dangerous_redirect_uri() {
    let scene = Scene::openid().await;
    let path = format!("/admin/v1/tenants/{}/clients", scene.tenant.slug);
    let register = async |kind: &str, uri: &str| {
        let wanted = json!({ "name": "X", "kind": kind, "website": "https://x.example", "redirect_uris": [uri], "scopes": ["openid"] });
        scene.world.admin("POST", &path, Some(wanted)).await.0
    };
    for uri in [
        "http://client.example/cb",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "vbscript:x",
        "blob:https://client.example/x",
        "about:blank",
        "https://client.example/cb#fragment",
        "https://client.example/cb#",
        "https://*.client.example/cb",
        "https://user@client.example/cb",
        "https://client.example\\@evil.example/",
        "https:client.example/cb",
        "https:///cb",
        "https://client.example/cb?code=1",
        "http://127.0.0.1.evil.example/cb",
        "http://127.0.0.1@evil.example/cb",
        "http://0.0.0.0/cb",
    ] {
        for kind in ["confidential", "public", "native"] {
            assert!(matches!(register(kind, uri).await, 400 | 422), "{kind}: {uri}");
        }
    }
    assert_eq!(register("native", "http://127.0.0.1/cb").await, 201);
    assert_eq!(register("native", "com.example.app:/cb").await, 201);
    assert_eq!(register("native", "myapp:/cb").await / 100, 4, "a scheme without a dot");
    assert_eq!(register("confidential", "com.example.app:/cb").await / 100, 4);
    assert_eq!(register("public", "http://127.0.0.1/cb").await / 100, 4);
    assert_eq!(register("confidential", "http://127.0.0.1:3000/cb").await, 201, "a development tenant");

    let production = scene.world.tenant_with("production", "openid", |tenant| {
        tenant.kind = grantor_ports::TenantKind::Production;
        tenant.issuer = "https://id.production.example".into();
        tenant.api = Some("https://api.production.example".into());
    });
    let path = format!("/admin/v1/tenants/{}/clients", production.await.slug);
    let wanted = json!({ "name": "X", "kind": "confidential", "website": "https://x.example", "scopes": ["openid"],
        "redirect_uris": ["http://127.0.0.1:3000/cb"] });
    assert_eq!(scene.world.admin("POST", &path, Some(wanted)).await.0 / 100, 4, "a production tenant");
}
