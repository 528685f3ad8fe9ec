//! A tenant is reached by a port of its own, by a path, by a host name; over http and over TLS;
//! and by nothing that a stranger writes into a header.

use std::net::SocketAddr;

use grantor_ports::{Authority, AuthorityRole, CreateTenant};
use grantor_testkit::{AuthorizeUrl, Browser, PartnerTenant, Settings, Visit, World};
use grantor_tests_isolation::{Ask, Reply, TestAuthority, base_of, is_served, send};

/// Where one of the tenants is at home.
enum Home {
    Port,
    Path,
    Name,
}

/// A tenant at this kind of home, whose own authorities are given up for it.
async fn tenant_at(world: &World, slug: &str, home: &Home, scheme: &str) -> PartnerTenant {
    let nobody = world.nobodys_address();
    let identity = |authority: String| Authority { role: AuthorityRole::Identity, authority };
    let change = |tenant: &mut CreateTenant| match home {
        Home::Port => {
            tenant.issuer = tenant.issuer.replace("http:", &format!("{scheme}:"));
            tenant.api = None;
        }
        Home::Path => {
            tenant.issuer = format!("{scheme}://{nobody}/t/{slug}");
            (tenant.api, tenant.authorities) = (None, Vec::new());
        }
        Home::Name => {
            // http is for loopback, and so are the names below `localhost` (RFC 6761 6.3).
            let host = if scheme == "https" { format!("{slug}.example") } else { format!("{slug}.localhost:8080") };
            tenant.issuer = format!("{scheme}://{host}");
            (tenant.api, tenant.authorities) = (None, vec![identity(host)]);
        }
    };
    world.tenant_with(slug, "openid", change).await
}

/// A whole login, consent, exchange and userinfo, on the tenant's own addresses only.
async fn lives(world: &World, tenant: &PartnerTenant, mut browser: Browser) -> Browser {
    let (partner, person) = (world.partner(tenant).await, world.person(tenant, "grace@example.com").await);
    let url = AuthorizeUrl::new(tenant, &partner, "openid profile");
    let first = browser.get(&url.url()).await;
    check_cookies(&first, tenant);
    assert!(first.location().expect("a visit").as_str().starts_with(&format!("{}/interaction/", tenant.issuer)));
    let back = browser.authorize(&url, &person).await;
    let code = back.returned("code").unwrap_or_else(|| panic!("no code: {} {}", back.status, back.body));
    assert_eq!(back.returned("iss").as_deref(), Some(tenant.issuer.as_str()));
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", partner.redirect_uri.as_str()),
        ("client_id", partner.client_id.as_str()),
        ("client_secret", partner.secret.as_str()),
    ];
    let tokens = browser.post(&format!("{}/oauth/token", tenant.issuer), &fields).await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    let document = browser.get(&format!("{}/.well-known/openid-configuration", tenant.issuer)).await.json();
    assert_eq!(document["issuer"], tenant.issuer);
    for endpoint in ["authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"] {
        let at = document[endpoint].as_str().expect(endpoint);
        assert!(at.starts_with(&tenant.issuer), "{at}");
    }
    let keys = browser.get(document["jwks_uri"].as_str().expect("keys")).await;
    assert!(keys.json()["keys"].as_array().is_some_and(|keys| !keys.is_empty()), "{}", keys.body);
    browser
}

fn check_cookies(visit: &Visit, tenant: &PartnerTenant) {
    let set: Vec<&str> = visit.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok()).collect();
    assert!(!set.is_empty(), "a visit is bound to its browser");
    for cookie in set {
        assert!(
            cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"),
            "{cookie}"
        );
        assert!(!cookie.contains("Domain"), "{cookie}");
        let https = tenant.issuer.starts_with("https:");
        assert_eq!(cookie.starts_with("__Host-"), https, "{cookie}");
        assert_eq!(cookie.contains("Secure"), https, "{cookie}");
    }
}

#[tokio::test]
async fn tenants_live_by_port_path_and_name_over_http() {
    let world = World::start().await;
    let nobody = world.nobodys_address();
    for (slug, home) in [("by-port", Home::Port), ("by-path", Home::Path), ("by-name", Home::Name)] {
        let tenant = tenant_at(&world, slug, &home, "http").await;
        // A port in the URL is the one that is dialled, so the name is put on a listener's own.
        let browser = match home {
            Home::Name => continue,
            Home::Port | Home::Path => Browser::new(),
        };
        lives(&world, &tenant, browser).await;
        assert_ne!(nobody.port(), 0);
    }
    let named = world
        .tenant_with("named", "openid", |tenant| {
            let host = format!("named.localhost:{}", nobody.port());
            tenant.issuer = format!("http://{host}");
            tenant.api = None;
            tenant.authorities = vec![Authority { role: AuthorityRole::Identity, authority: host }];
        })
        .await;
    lives(&world, &named, Browser::resolving(&[("named.localhost", nobody)])).await;
}

#[tokio::test]
async fn tenants_live_by_port_path_and_name_over_tls() {
    let authority = TestAuthority::for_names(&["127.0.0.1", "by-name.example"]);
    let settings = Settings { tls: Some(authority.settings.clone()), ..Settings::default() };
    let world = World::with(settings).await;
    let nobody = world.nobodys_address();
    for (slug, home) in [("by-port", Home::Port), ("by-path", Home::Path), ("by-name", Home::Name)] {
        let tenant = tenant_at(&world, slug, &home, "https").await;
        let browser = Browser::trusting(&authority.pem, &[("by-name.example", nobody)]);
        let browser = lives(&world, &tenant, browser).await;
        let host = url::Url::parse(&tenant.issuer).expect("a URL").host_str().expect("a host").to_owned();
        assert!(browser.cookies(&host).iter().all(|(name, _)| name.starts_with("__Host-")));
    }
}

async fn at(address: SocketAddr, ask: Ask) -> Reply {
    send(address, &ask).await.expect("an answer")
}

fn address(tenant: &PartnerTenant) -> SocketAddr {
    tenant.issuer.trim_start_matches("http://").parse().expect("an address")
}

const METADATA: &str = "/.well-known/openid-configuration";

#[tokio::test]
async fn what_a_stranger_says_was_forwarded_changes_nothing() {
    let world = World::start().await;
    let (own, other) = (world.tenant("openid").await, world.tenant("financefeast").await);
    let claims = [
        ("x-forwarded-host", other.issuer.trim_start_matches("http://").to_owned()),
        ("x-forwarded-proto", "https".to_owned()),
        ("x-forwarded-for", "203.0.113.7".to_owned()),
        ("forwarded", "host=evil.example;proto=https".to_owned()),
        ("x-original-url", "/admin".to_owned()),
        ("x-forwarded-prefix", "/t/financefeast".to_owned()),
    ];
    let dressed = |target: &str| {
        let ask = Ask::new("GET", target).host(own.issuer.trim_start_matches("http://")).page();
        claims.iter().fold(ask, |ask, (name, value)| ask.header(name, value.as_str()))
    };
    let document = at(address(&own), dressed(METADATA)).await;
    assert_eq!(document.json()["issuer"].as_str(), Some(own.issuer.as_str()));
    assert!(!document.body.contains("evil") && !document.body.contains("https://127"), "{}", document.body);
    let visit = at(address(&own), dressed("/login?next=home")).await;
    assert!(visit.header("location").starts_with("/interaction/"), "{visit:?}");
    assert!(visit.cookies().iter().all(|(name, _)| !name.starts_with("__Host-")), "http is http: {visit:?}");
}

#[tokio::test]
async fn a_trusted_proxy_says_who_is_asked_and_how() {
    let settings = Settings { proxies: vec!["127.0.0.0/8".to_owned()], ..Settings::default() };
    let world = World::with(settings).await;
    let tenant = tenant_at(&world, "proxied", &Home::Name, "https").await;
    let through = |target: &str| {
        Ask::new("GET", target)
            .host("10.0.0.1:8080")
            .header("x-forwarded-host", "proxied.example")
            .header("x-forwarded-proto", "https")
            .header("x-forwarded-for", "203.0.113.7, 127.0.0.1")
            .page()
    };
    let document = at(world.nobodys_address(), through(METADATA)).await;
    assert_eq!(document.json()["issuer"].as_str(), Some(tenant.issuer.as_str()));
    let visit = at(world.nobodys_address(), through("/login?next=home")).await;
    let set = visit.header("set-cookie");
    assert!(set.starts_with("__Host-") && set.contains("Secure"), "{set}");
}

#[tokio::test]
async fn a_host_that_is_nobodys_is_an_unknown_tenant() {
    let world = World::start().await;
    let tenant = world.tenant("openid").await;
    let nobody = world.nobodys_address();
    let here = nobody.to_string();
    let asked = [
        (address(&tenant), "evil.example", METADATA.to_owned()),
        (nobody, here.as_str(), METADATA.to_owned()),
        (nobody, here.as_str(), format!("/t/nobody{METADATA}")),
        (nobody, here.as_str(), format!("/t/openid%00{METADATA}")),
        (nobody, here.as_str(), format!("/t/OPENID{METADATA}")),
        (nobody, here.as_str(), "/t/".to_owned()),
        (nobody, "", format!("/t/nobody{METADATA}")),
    ];
    for (listener, host, path) in asked {
        let answer = at(listener, Ask::new("GET", path.clone()).host(host)).await;
        assert_eq!(answer.status, 404, "{host} {path}: {answer:?}");
        assert_eq!(answer.json()["error_description"].as_str(), Some("There is no tenant at this address."), "{path}");
        let page = at(listener, Ask::new("GET", path.clone()).host(host).page()).await;
        assert_eq!((page.status, page.page_error()), (404, Some("unknown_tenant")), "{path}");
        assert!(page.header("cache-control").contains("no-store"));
        let style = page.body.split('"').find(|text| text.ends_with(".css")).expect("a stylesheet");
        let style = at(listener, Ask::new("GET", style.to_owned()).host(host)).await;
        assert_eq!((style.status, style.header("content-type")), (200, "text/css; charset=utf-8"), "{path}");
    }
    // An authority is its tenant's alone: another tenant's prefix leads nowhere there.
    let path = Ask::new("GET", format!("/t/openid{METADATA}")).host(tenant.issuer.trim_start_matches("http://"));
    assert_eq!(at(address(&tenant), path).await.status, 404);
}

#[tokio::test]
async fn a_suspended_tenant_refuses_everything_and_comes_back() {
    let world = World::start().await;
    let tenant = world.tenant("openid").await;
    let (partner, person) = (world.partner(&tenant).await, world.person(&tenant, "grace@example.com").await);
    let mut browser = Browser::new();
    let url = AuthorizeUrl::new(&tenant, &partner, "openid");
    let code = browser.code(&url, &person).await;
    let tokens = grantor_testkit::Tokens::new(&tenant, &partner);
    let (_, issued) = tokens.exchange(&code, &[]).await;
    let token = issued["access_token"].as_str().expect("a token");
    assert_eq!(world.admin("POST", "/admin/v1/tenants/openid/suspend", None).await.0 / 100, 2);
    world.settle().await;
    let profile = grantor_tests_isolation::whole("openid");
    for route in world.platform.tenants.routes().iter().filter(|route| is_served(route, &profile)) {
        let base = base_of(route, &tenant);
        let host = base.trim_start_matches("http://");
        let path = grantor_tests_isolation::tenant_path(route, &profile, "x");
        let ask = Ask::new(route.methods[0].as_str(), path).host(host).page();
        let answer = at(host.parse().expect("an address"), ask).await;
        let found = (answer.status / 100, answer.page_error());
        assert_eq!(found, (4, Some("tenant_suspended")), "{}: {}", route.name, answer.status);
    }
    assert_ne!(tokens.userinfo(token).await.0, 200);
    let by_path = Ask::new("GET", format!("/t/openid{METADATA}")).host(&world.nobodys_address().to_string());
    assert_ne!(at(world.nobodys_address(), by_path).await.status, 200);
    assert_eq!(world.admin("POST", "/admin/v1/tenants/openid/restore", None).await.0 / 100, 2);
    world.settle().await;
    assert_eq!(tokens.userinfo(token).await.0, 200);
    assert!(browser.get(&url.url()).await.returned("code").is_some(), "the session and the consent are still there");
}
