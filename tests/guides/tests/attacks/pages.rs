//! C16, C18, C30: what our pages let others do with them.

use grantor_testkit::{Browser, Visit};
use grantor_tests_guides::Scene;

/// One of every page a person sees, by name.
async fn pages(scene: &Scene) -> Vec<(&'static str, Visit)> {
    let base = scene.tenant.issuer.clone();
    let mut browser = Browser::new();
    let mut all = Vec::new();
    all.push(("error", browser.get(&scene.url("openid").with("client_id", "nobody").url()).await));
    all.push(("not found", browser.get(&format!("{base}/nothing/here")).await));
    all.push(("method", browser.get(&format!("{base}/logout/confirm")).await));
    all.push(("home, signed out", browser.get(&format!("{base}/")).await));
    let login = scene.visit(&mut browser, &scene.url("openid profile")).await;
    let sign_up = browser.get(&format!("{}/signup", login.url)).await;
    let fields = [("name", "Ada"), ("email", "ada@example.com"), ("password", "a passphrase of some length")];
    let visit = browser.press(&sign_up, "signup", &fields).await;
    all.push(("verify", browser.follow(visit).await));
    all.push(("sign-up", sign_up));
    let wrong = [("username", "grace@example.com"), ("password", "wrong")];
    all.push(("login, failed", browser.press(&login, "login", &wrong).await));
    let right = [("username", scene.person.email.as_str()), ("password", scene.person.password.as_str())];
    let visit = browser.press(&login, "login", &right).await;
    all.push(("login", login));
    all.push(("consent", browser.follow(visit).await));
    all.push(("account", scene.visit(&mut browser, &scene.url("openid").with("prompt", "select_account")).await));
    browser.code(&scene.url("openid"), &scene.person).await;
    all.push(("form post", browser.get(&scene.url("openid").with("response_mode", "form_post").url()).await));
    for (name, path) in [
        ("home", "/"),
        ("client form", "/oauth/create_client"),
        ("apps", "/apps"),
        ("log-out", "/logout"),
        ("logged out", "/logged-out"),
    ] {
        all.push((name, browser.get(&format!("{base}{path}")).await));
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn c16_a_web_attacker_cannot_frame_a_page() {
    let scene = Scene::openid().await;
    for (name, page) in pages(&scene).await {
        assert!(page.header("content-type").starts_with("text/html"), "{name}: {} {:?}", page.status, page.headers);
        assert!(page.header("content-security-policy").contains("frame-ancestors 'none'"), "{name}");
        assert_eq!(page.header("x-frame-options"), "DENY", "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c18_a_web_attacker_cannot_inject_into_a_page_or_read_from_it() {
    let scene = Scene::openid().await;
    for (name, page) in pages(&scene).await {
        let policy = page.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("base-uri 'none'"), "{name}: {policy}");
        assert!(!policy.contains("unsafe-") && !policy.contains("http:") && !policy.contains('*'), "{name}: {policy}");
        assert_eq!(page.header("referrer-policy"), "no-referrer", "{name}");
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{name}");
        assert!(page.header("cache-control").contains("no-store"), "{name}");
        let body = page.body.to_ascii_lowercase();
        for inline in [" style=\"", "<style", " onclick", " onload", "javascript:", "<iframe", "<object", "<base"] {
            assert!(!body.contains(inline), "{name} has {inline}");
        }
        for (at, _) in body.match_indices("<script") {
            let tag = &body[at..at + body[at..].find("</script>").expect("an end")];
            assert!(tag.contains(" src=\"/assets/") && tag.ends_with('>'), "{name}: {tag}");
        }
        for mark in [" src=\"", "<link rel=\"stylesheet\" href=\"", "<link rel=\"icon\" type=\"image/svg+xml\" href=\""]
        {
            for (at, _) in body.match_indices(mark) {
                let from = &body[at + mark.len()..];
                assert!(
                    from.starts_with('/') && !from.starts_with("//"),
                    "{name} loads {}",
                    &from[..60.min(from.len())]
                );
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c18_forms_that_end_at_a_client_name_its_origin_and_no_other() {
    let scene = Scene::openid().await;
    let action = |page: &Visit| {
        let policy = page.header("content-security-policy").to_owned();
        let of = |part: &str| part.trim().strip_prefix("form-action ").map(str::to_owned);
        policy.split(';').find_map(of).unwrap_or_default()
    };
    for (name, page) in pages(&scene).await {
        let expected = match name {
            "login" | "login, failed" | "sign-up" | "verify" | "consent" | "account" | "form post" => {
                "'self' https://client.example"
            }
            _ => "'self'",
        };
        assert_eq!(action(&page), expected, "{name}");
    }
    let mut browser = scene.approved("openid").await;
    let back = "https://client.example/bye";
    let url = format!(
        "{}/oauth/logout?client_id={}&post_logout_redirect_uri={back}",
        scene.tenant.issuer, scene.partner.client_id
    );
    assert_eq!(action(&browser.get(&url).await), "'self' https://client.example");
}

#[tokio::test(flavor = "multi_thread")]
async fn c30_a_hostile_clients_words_are_inert_on_every_page() {
    const HOSTILE: &str = "</title><script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}&lt;b&gt;";
    let mut scene = Scene::openid().await;
    scene.partner = scene.world.partner_with(&scene.tenant, |client| client.name = HOSTILE.into()).await;
    let state = "\"><script>alert(2)</script>";
    let mut browser = Browser::new();
    let url = scene.url("openid profile").with("state", state).with("login_hint", "\"><script>alert(3)</script>");
    let login = scene.visit(&mut browser, &url).await;
    let wrong = [("username", "\"><script>alert(4)</script>"), ("password", "x")];
    let failed = browser.press(&login, "login", &wrong).await;
    let right = [("username", scene.person.email.as_str()), ("password", scene.person.password.as_str())];
    let visit = browser.press(&login, "login", &right).await;
    let consent = browser.follow(visit).await;
    browser.press(&consent, "approve", &[]).await;
    let post = browser.get(&url.clone().with("response_mode", "form_post").url()).await;
    let account = scene.visit(&mut browser, &url.with("prompt", "select_account")).await;
    let apps = browser.get(&format!("{}/apps", scene.tenant.issuer)).await;
    let bye = browser.get(&format!("{}/oauth/logout?client_id={}", scene.tenant.issuer, scene.partner.client_id)).await;
    for (name, page) in [
        ("login", login),
        ("failed", failed),
        ("consent", consent),
        ("form post", post),
        ("account", account),
        ("apps", apps),
        ("log-out", bye),
    ] {
        let body = page.body.to_ascii_lowercase();
        assert!(!body.contains("<script>") && !body.contains("<img"), "{name}:\n{}", page.body);
        assert!(body.matches("<title>").count() == 1 && body.matches("</title>").count() == 1, "{name}");
        if !matches!(name, "failed") {
            assert!(body.contains("alert(1)"), "{name} shows the name, as text");
        }
    }
}
