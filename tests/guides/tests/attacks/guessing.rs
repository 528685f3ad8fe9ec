//! C24 to C26: an attacker who guesses who is there and what their password is.

use grantor_testkit::{Browser, Settings, Visit, hidden};
use grantor_tests_guides::Scene;

/// A login page of a fresh browser.
async fn login_page(scene: &Scene) -> (Browser, Visit) {
    let mut browser = Browser::new();
    let page = scene.visit(&mut browser, &scene.url("openid")).await;
    (browser, page)
}

async fn tried(scene: &Scene, username: &str, password: &str) -> Visit {
    let (mut browser, page) = login_page(scene).await;
    browser.press(&page, "login", &[("username", username), ("password", password)]).await
}

/// A page without what differs from visit to visit.
fn plain(page: &Visit, typed: &str) -> String {
    let csrf = hidden(&page.body, "csrf").unwrap_or_default();
    let visit = page.url.path().split('/').nth(2).unwrap_or_default().to_owned();
    page.body.replace(&csrf, "CSRF").replace(&visit, "VISIT").replace(typed, "TYPED")
}

#[tokio::test(flavor = "multi_thread")]
async fn c24_an_attacker_cannot_tell_an_unknown_user_from_a_wrong_password() {
    let scene = Scene::openid().await;
    let locked = scene.world.person(&scene.tenant, "locked@example.com").await;
    scene.operator("POST", &format!("/users/{}/lock", locked.id), None).await;
    let known = tried(&scene, "grace@example.com", "wrong").await;
    let unknown = tried(&scene, "nobody@example.com", "wrong").await;
    let barred = tried(&scene, "locked@example.com", &locked.password).await;
    assert!(known.body.contains("id=\"error\""), "{}", known.body);
    for (other, typed) in [(&unknown, "nobody@example.com"), (&barred, "locked@example.com")] {
        assert_eq!(other.status, known.status);
        assert_eq!(plain(other, typed), plain(&known, "grace@example.com"));
        let names =
            |visit: &Visit| visit.headers.keys().map(ToString::to_string).collect::<std::collections::BTreeSet<_>>();
        assert_eq!(names(other), names(&known));
    }
}

/// The median of some tries; a hash takes tens of milliseconds, so leaving it out would show.
#[tokio::test(flavor = "multi_thread")]
async fn c24_signing_up_does_not_tell_who_is_there() {
    let scene = Scene::openid().await;
    let mut pages = Vec::new();
    for email in ["fresh@example.com", "grace@example.com"] {
        let (mut browser, login) = login_page(&scene).await;
        let form = browser.get(&format!("{}/signup", login.url)).await;
        let fields = [("name", "Somebody"), ("email", email), ("password", "a passphrase of some length")];
        let visit = browser.press(&form, "signup", &fields).await;
        let page = browser.follow(visit).await;
        assert_eq!(page.status, 200, "{}", page.body);
        let wrong = browser.press(&page, "verify", &[("code", "00000000")]).await;
        pages.push((plain(&page, email), plain(&wrong, email), wrong.status));
    }
    assert_eq!(pages[0], pages[1]);
    // Only the mail tells, and only its reader.
    let (new, known) = (scene.world.mail_to("fresh@example.com").await, scene.world.mail_to("grace@example.com").await);
    let digits = |mail: &serde_json::Value| {
        let text = mail["text"].as_str().or(mail["body"].as_str()).unwrap_or_default().to_owned();
        text.split(|c: char| !c.is_ascii_digit() && c != ' ').any(|word| word.replace(' ', "").len() == 8)
    };
    assert!(digits(&new), "a code for a new address: {new}");
    assert!(!digits(&known), "a notice for a known one: {known}");
}

#[tokio::test(flavor = "multi_thread")]
async fn c25_a_web_attacker_cannot_post_our_forms() {
    let scene = Scene::openid().await;
    let (mut browser, page) = login_page(&scene).await;
    let right = [("username", scene.person.email.as_str()), ("password", scene.person.password.as_str())];
    let action = page.url.join(&page.form_with("login").action).expect("a URL");
    // Another visit's token, none, an empty one.
    let (_, other) = login_page(&scene).await;
    let foreign = hidden(&other.body, "csrf").expect("a token");
    for csrf in [Some(foreign.as_str()), Some(""), None] {
        let mut fields = right.to_vec();
        fields.extend(csrf.map(|csrf| ("csrf", csrf)));
        fields.push(("login", "login"));
        let refused = browser.post(action.as_str(), &fields).await;
        assert_eq!((refused.status, refused.page_error()), (403, Some("form_expired")), "{csrf:?}");
    }
    // Another browser with the right token.
    let mine = hidden(&page.body, "csrf").expect("a token");
    let stolen = [right.to_vec(), vec![("csrf", mine.as_str()), ("login", "login")]].concat();
    let elsewhere = Browser::new().post(action.as_str(), &stolen).await;
    assert_eq!(elsewhere.page_error(), Some("interaction_expired"));
    let visit = browser.press(&page, "login", &right).await;
    let consent = browser.follow(visit).await;
    let target = consent.url.join(&consent.form_with("approve").action).expect("a URL");
    let forged = browser.post(target.as_str(), &[("approve", "approve"), ("csrf", &mine)]).await;
    assert_eq!((forged.status, forged.returned("code")), (403, None), "the login form's token approves nothing");
    let confirm = format!("{}/logout/confirm", scene.tenant.issuer);
    assert_eq!(browser.post(&confirm, &[("logout", "logout")]).await.status, 403);
    let apps = format!("{}/apps", scene.tenant.issuer);
    assert_eq!(browser.post(&apps, &[("revoke", &scene.partner.client_id)]).await.status, 403);
    let visit = browser.press(&consent, "approve", &[]).await;
    assert!(visit.returned("code").is_some());
    let again = browser.press(&consent, "approve", &[]).await;
    assert!(again.returned("code").is_none(), "an answered visit is over");
}

#[tokio::test(flavor = "multi_thread")]
async fn c25_a_planted_session_id_is_worth_nothing() {
    let scene = Scene::openid().await;
    let session = |browser: &Browser| {
        let here = browser.cookies("127.0.0.1");
        here.iter()
            .find(|(name, _)| !name.ends_with("-browser"))
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
    };
    let mut attacker = scene.approved("openid").await;
    let (name, old) = session(&attacker).expect("a session");
    // A new login, a new id; the one before is over.
    let login = scene.visit(&mut attacker, &scene.url("openid").with("prompt", "login")).await;
    let right = [("username", scene.person.email.as_str()), ("password", scene.person.password.as_str())];
    let visit = attacker.press(&login, "login", &right).await;
    attacker.follow(visit).await;
    let (_, new) = session(&attacker).expect("a session");
    assert_ne!(old, new);
    let silent = scene.url("openid").with("prompt", "none");
    let mut with_old = Browser::new();
    with_old.set_cookie("127.0.0.1", &name, &old);
    let refused = scene.visit(&mut with_old, &silent).await;
    assert_eq!(refused.returned("error").as_deref(), Some("login_required"));
    // One that was planted before the login is not taken over.
    let mut victim = Browser::new();
    victim.set_cookie("127.0.0.1", &name, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    victim.code(&scene.url("openid"), &scene.person).await;
    assert_ne!(session(&victim).expect("a session").1, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
}

#[tokio::test(flavor = "multi_thread")]
async fn c25_cookies_are_closed_to_everybody_else() {
    let scene = Scene::openid().await;
    let (mut browser, page) = login_page(&scene).await;
    let right = [("username", scene.person.email.as_str()), ("password", scene.person.password.as_str())];
    let set = browser.press(&page, "login", &right).await;
    let cookie = set.header("set-cookie");
    for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Domain") && !cookie.contains("Max-Age"), "{cookie}");
    assert!(!cookie.contains("Secure") && cookie.starts_with("grantor-"), "http exists on loopback only: {cookie}");
    let tag = scene.tenant.id.uuid().simple().to_string();
    assert!(cookie.starts_with(&format!("grantor-{}", &tag[20..])), "the name carries the tenant: {cookie}");

    let settings = Settings { proxies: vec!["127.0.0.1".into()], ..Settings::default() };
    let scene = Scene::with(settings, "openid").await;
    let mut browser = Browser::new();
    browser.headers.push(("x-forwarded-proto".into(), "https".into()));
    let page = scene.visit(&mut browser, &scene.url("openid")).await;
    let names: Vec<String> = browser.cookies("127.0.0.1").iter().map(|(name, _)| (*name).to_owned()).collect();
    assert!(names.iter().all(|name| name.starts_with("__Host-grantor-")), "{names:?}");
    let set = browser.press(&page, "login", &right).await;
    let cookie = set.header("set-cookie");
    assert!(cookie.starts_with("__Host-grantor-") && cookie.contains("; Secure"), "{cookie}");
}

#[tokio::test(flavor = "multi_thread")]
async fn c26_guesses_are_counted_over_every_page_and_come_to_an_end() {
    let scene = Scene::openid().await;
    for guess in 0..10 {
        assert_eq!(tried(&scene, "grace@example.com", &format!("guess {guess}")).await.status, 200);
    }
    // The same counter at the client's page and at our own, for good and bad passwords alike.
    let refused = tried(&scene, "GRACE@example.com", &scene.person.password).await;
    assert_eq!(refused.status, 429);
    let wait: i64 = refused.header("retry-after").parse().expect("seconds");
    assert!((1..=900).contains(&wait), "{wait}");
    let mut own = Browser::new();
    let visit = own.get(&format!("{}/login", scene.tenant.issuer)).await;
    let page = own.follow(visit).await;
    let right = [("username", scene.person.email.as_str()), ("password", scene.person.password.as_str())];
    assert_eq!(own.press(&page, "login", &right).await.status, 429);
    // An unknown account is counted like any other.
    for guess in 0..10 {
        assert_eq!(tried(&scene, "nobody@example.com", &format!("guess {guess}")).await.status, 200);
    }
    assert_eq!(tried(&scene, "nobody@example.com", "guess").await.status, 429);
    // Not for long.
    scene.world.advance(wait);
    assert_eq!(tried(&scene, "grace@example.com", &scene.person.password).await.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn c26_a_lockout_does_not_lock_its_owner_out() {
    let settings = Settings { proxies: vec!["127.0.0.1".into()], ..Settings::default() };
    let scene = Scene::with(settings, "openid").await;
    let at = async |address: &str, password: &str| {
        let mut browser = Browser::new();
        browser.headers.push(("x-forwarded-for".into(), address.into()));
        let page = scene.visit(&mut browser, &scene.url("openid")).await;
        browser.press(&page, "login", &[("username", "grace@example.com"), ("password", password)]).await.status
    };
    assert_eq!(at("192.0.2.1", &scene.person.password).await, 303, "the owner, at home");
    for guess in 0..10 {
        assert_eq!(at(&format!("198.51.100.{guess}"), "guess").await, 200, "a botnet");
    }
    assert_eq!(at("203.0.113.9", "guess").await, 429);
    assert_eq!(at("192.0.2.1", &scene.person.password).await, 303, "still at home");
}

#[tokio::test(flavor = "multi_thread")]
async fn c26_forty_good_logins_in_a_minute_pass() {
    let scene = Scene::openid().await;
    for _ in 0..40 {
        assert_eq!(tried(&scene, &scene.person.email, &scene.person.password).await.status, 303);
    }
    assert_eq!(scene.world.now(), scene.world.started(), "within one minute");
}

#[tokio::test(flavor = "multi_thread")]
async fn c26_guessing_a_clients_secret_comes_to_an_end() {
    let scene = Scene::openid().await;
    let wrong =
        [("grant_type", "client_credentials"), ("client_id", &scene.partner.client_id), ("client_secret", "guess")];
    for _ in 0..30 {
        assert_eq!(scene.post("/oauth/token", &wrong).await.status, 401);
    }
    for path in ["/oauth/token", "/oauth/introspect", "/oauth/revoke"] {
        let answer = scene.post(path, &[&wrong[..], &[("token", "x")]].concat()).await;
        assert_eq!((answer.status, answer.header("retry-after").is_empty()), (429, false), "{path}");
    }
    scene.world.advance(301);
    assert_eq!(scene.post("/oauth/token", &wrong).await.status, 401);
}
