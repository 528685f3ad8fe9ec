//! Whatever is sent, the answer is a clear error of the right form, and nothing is lost by it
//! (C21, C29, I15).

use std::net::SocketAddr;

use grantor_profile::Profile;
use grantor_testkit::{AuthorizeUrl, Browser, Partner, PartnerTenant, Pkce, World};
use grantor_tests_isolation::{Ask, Reply, base_of, is_served, redeem, send, tenant_path, whole};
use grantor_web::{Method, Route};

/// A little more than a body may have.
pub const TOO_MUCH: usize = 65 * 1024 + 1;

pub const FORM: &str = "application/x-www-form-urlencoded";

/// What clients and browsers send, each good by itself.
fn honest(route: &str, partner: &Partner, code: &str) -> Vec<(String, String)> {
    let client = [("client_id", partner.client_id.as_str()), ("client_secret", partner.secret.as_str())];
    let own: &[(&str, &str)] = match route {
        "authorize" | "authorize_post" => &[
            ("response_type", "code"),
            ("client_id", &partner.client_id),
            ("redirect_uri", &partner.redirect_uri),
            ("scope", "openid"),
            ("state", "xyz"),
            ("nonce", "n-0S6"),
            ("prompt", "login"),
            ("max_age", "10"),
            ("ui_locales", "de en"),
            ("claims", "{\"userinfo\":{\"name\":null}}"),
            ("acr_values", "1"),
            ("login_hint", "grace"),
            ("id_token_hint", "a.b.c"),
            ("response_mode", "query"),
            ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
            ("code_challenge_method", "S256"),
        ],
        "pushed_authorization" => &[
            client[0],
            client[1],
            ("response_type", "code"),
            ("redirect_uri", &partner.redirect_uri),
            ("scope", "openid"),
            ("state", "xyz"),
            ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
            ("code_challenge_method", "S256"),
            ("id_token_hint", "a.b.c"),
        ],
        "token" => &[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &partner.redirect_uri),
            client[0],
            client[1],
        ],
        "revoke" | "introspect" => &[("token", "nothing"), ("token_type_hint", "access_token"), client[0], client[1]],
        "userinfo" => &[("access_token", "nothing")],
        "end_session" | "logout" | "end_session_post" | "logout_post" | "logout_confirm" => &[
            ("id_token_hint", "a.b.c"),
            ("client_id", &partner.client_id),
            ("post_logout_redirect_uri", "https://client.example/bye"),
            ("state", "xyz"),
            ("ui_locales", "de"),
        ],
        "login" | "signup" => &[("next", "home"), ("ui_locales", "de")],
        _ => &[("csrf", "x"), ("username", "a"), ("password", "b"), ("name", "n"), ("ui_locales", "de")],
    };
    own.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn encoded(pairs: &[(String, String)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// Texts of parameters, each wrong in one way.
fn wrong_texts(honest: &[(String, String)]) -> Vec<(String, Vec<u8>)> {
    let good = encoded(honest);
    let mut found = vec![("nothing".to_owned(), Vec::new())];
    let mut add = |what: String, text: String| found.push((what, text.into_bytes()));
    for (at, (name, value)) in honest.iter().enumerate() {
        let with = |value: Option<String>| {
            let mut pairs = honest.to_vec();
            match value {
                Some(value) => pairs[at].1 = value,
                None => drop(pairs.remove(at)),
            }
            encoded(&pairs)
        };
        add(format!("{name} missing"), with(None));
        add(format!("{name} empty"), with(Some(String::new())));
        add(format!("{name} oversized"), with(Some("x".repeat(9000))));
        add(format!("{name} with NUL"), with(Some(format!("{value}\0"))));
        add(format!("{name} with controls"), with(Some("a\r\nSet-Cookie: a=b".to_owned())));
        add(format!("{name} twice"), format!("{good}&{name}=again"));
        add(format!("{name} cut short"), format!("{}&{name}=%E4%B", with(None)));
        add(format!("{name} not UTF-8"), format!("{}&{name}=%FF%FE", with(None)));
    }
    add("a bad escape".to_owned(), format!("{good}&x=%zz"));
    add("half an escape".to_owned(), format!("{good}&x=%"));
    add("no names".to_owned(), "&&&=&=x&".to_owned());
    add("many".to_owned(), (0..2000).map(|n| format!("p{n}=1&")).collect());
    add("an unknown client".to_owned(), good.replace(&honest[0].1, "nobody"));
    let mut raw = good.into_bytes();
    raw.extend_from_slice(b"&x=\xff\xfe\x80");
    found.push(("raw bytes".to_owned(), raw));
    found
}

struct Target<'t> {
    route: &'t Route,
    at: SocketAddr,
    host: String,
    path: String,
}

impl Target<'_> {
    fn is_page(&self) -> bool {
        let of_pages = matches!(self.route.service, "authorization" | "registry") && !self.route.with_users;
        of_pages && self.route.name != "pushed_authorization"
    }

    fn ask(&self, method: &str, query: &[u8]) -> Ask {
        let mut target = self.path.clone().into_bytes();
        if !query.is_empty() {
            target.push(b'?');
            target.extend_from_slice(query);
        }
        let ask = Ask::new(method, target).host(&self.host);
        if self.is_page() { ask.page() } else { ask }
    }

    async fn check(&self, what: &str, ask: &Ask) -> Reply {
        let answer = send(self.at, ask).await.unwrap_or_else(|| panic!("no answer: {} {what}", self.route.name));
        if what == "raw bytes" && ask.is_no_http() {
            // Such a request line is no HTTP (RFC 9112 3.2): refused before there is a request.
            assert_eq!(answer.status, 400, "{}", self.route.name);
            return answer;
        }
        self.sound(what, &answer);
        answer
    }

    /// No 5xx; and an error says what it is, in the form that its reader knows, kept by no cache.
    fn sound(&self, what: &str, answer: &Reply) {
        let about = format!("{}, {what}: {answer:?}", self.route.name);
        assert!(answer.status < 500, "{about}");
        assert!(
            !answer.headers.iter().any(|(name, value)| name == "set-cookie" && value.starts_with("a=b")),
            "{about}"
        );
        if answer.status < 400 {
            return;
        }
        assert!(answer.header("cache-control").contains("no-store"), "{about}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{about}");
        if self.is_page() {
            assert!(answer.header("content-type").starts_with("text/html"), "{about}");
            assert!(answer.header("content-security-policy").contains("default-src 'none'"), "{about}");
            assert!(answer.body.contains("role=\"alert\"") || answer.body.contains("error"), "{about}");
        } else if answer.body.is_empty() {
            // RFC 6750 3.1: who brought no token is asked for one, and told nothing more.
            assert!(answer.status == 401 && !answer.header("www-authenticate").is_empty(), "{about}");
        } else {
            let document = answer.json();
            assert!(answer.header("content-type").starts_with("application/json"), "{about}");
            assert!(document["error"].as_str().is_some_and(|code| !code.is_empty()), "{about}");
            assert!(document["error_description"].as_str().is_some_and(|text| text.len() > 10), "{about}");
        }
    }
}

async fn torment(preset: &str) {
    let world = World::start().await;
    let tenant = world.tenant_with(preset, preset, |tenant| tenant.profile = whole(preset)).await;
    let profile = whole(preset);
    let (partner, person) = (world.partner(&tenant).await, world.person(&tenant, "grace@example.com").await);
    for route in world.platform.tenants.routes().iter().filter(|route| is_served(route, &profile)) {
        let target = target(route, &tenant, &profile);
        let honest = honest(route.name, &partner, "no-such-code");
        let posts = route.methods.contains(&Method::POST);
        for (what, text) in wrong_texts(&honest) {
            if what.starts_with("client_secret") || what == "an unknown client" && route.name == "token" {
                // Guesses are counted; those are made below.
                continue;
            }
            if route.methods.contains(&Method::GET) {
                target.check(&what, &target.ask("GET", &text)).await;
            }
            if posts {
                target.check(&what, &target.ask("POST", b"").body(FORM, text.clone())).await;
            }
        }
        if posts {
            bodies(&target, &honest).await;
        }
        envelope(&target).await;
    }
    code_survives(&world, &tenant, &partner, &person).await;
}

fn target<'t>(route: &'t Route, tenant: &PartnerTenant, profile: &Profile) -> Target<'t> {
    let base = base_of(route, tenant);
    let host = base.trim_start_matches("http://").to_owned();
    let path = tenant_path(route, profile, "bm8gc3VjaCB0aGluZyBhbnl3aGVyZSBpbiB0aGlzIHRlbmE");
    Target { route, at: host.parse().expect("an address"), host, path }
}

/// Bodies of a wrong kind or size.
async fn bodies(target: &Target<'_>, honest: &[(String, String)]) {
    let good = encoded(honest).into_bytes();
    for kind in
        ["", "application/json", "text/plain", "multipart/form-data; boundary=x", "nonsense", "a/b; charset=\"", FORM]
    {
        target.check(kind, &target.ask("POST", b"").body(kind, good.clone())).await;
        target.check(kind, &target.ask("POST", b"").body(kind, vec![0; 64])).await;
    }
    let nested = format!("{{\"a\":{}1{}}}", "[".repeat(5000), "]".repeat(5000));
    target.check("deep JSON", &target.ask("POST", b"").body("application/json", nested)).await;
    let twice = target.ask("POST", b"").body(FORM, good.clone()).header("content-type", "text/plain");
    target.check("two content types", &twice).await;
    let big = target.check("too much", &target.ask("POST", b"").body(FORM, vec![b'a'; TOO_MUCH])).await;
    assert_eq!(big.status, 413, "{}", target.route.name);
    target.check("in the query too", &target.ask("POST", &good).body(FORM, good.clone())).await;
}

/// What surrounds the parameters.
async fn envelope(target: &Target<'_>) {
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"] {
        let answer = target.check(method, &target.ask(method, b"")).await;
        if target.route.methods.iter().any(|own| own.as_str() == method) {
            continue;
        }
        if target.route.with_users && answer.status == 401 {
            // Another route of this path serves it.
            continue;
        }
        assert_eq!(answer.status, 405, "{method} {}", target.route.name);
        assert!(!answer.header("allow").is_empty(), "{method} {}", target.route.name);
    }
    let head = send(target.at, &target.ask("HEAD", b"")).await.expect("an answer");
    assert!(head.status < 500 && head.body.is_empty(), "{}: {head:?}", target.route.name);
    for (name, value) in [
        ("authorization", b"Bearer".to_vec()),
        ("authorization", b"Basic \xff\xfe".to_vec()),
        ("authorization", b"Basic !!!!".to_vec()),
        ("authorization", b"Negotiate abc".to_vec()),
        ("authorization", b"DPoP abc".to_vec()),
        ("authorization", b"DPoP \xff".to_vec()),
        ("dpop", b"\xff\xfe".to_vec()),
        ("dpop", b"e30.e30.e30".to_vec()),
        ("dpop", vec![b'a'; 7000]),
        ("cookie", b"\xff\xfe=;;;=; =".to_vec()),
        ("accept-language", b"\xff, ;q=, de;q=9".to_vec()),
        ("traceparent", b"00-zz-zz-zz".to_vec()),
        ("x-large", vec![b'a'; 16 * 1024]),
    ] {
        let ask = target.ask(target.route.methods[0].as_str(), b"").header(name, value);
        target.check(name, &ask).await;
    }
    // RFC 9112 3.2: no host, or two, is no request; the server itself says so.
    let method = target.route.methods[0].as_str();
    let two = Ask::new(method, target.path.clone()).host(&target.host).header("host", "other.example");
    for ask in [Ask::new(method, target.path.clone()), two] {
        let answer = send(target.at, &ask).await.expect("an answer");
        assert_eq!(answer.status, 400, "{}: {answer:?}", target.route.name);
    }
}

/// After all that is malformed or unauthenticated, a code is as good as before (C6).
async fn code_survives(world: &World, tenant: &PartnerTenant, partner: &Partner, person: &grantor_testkit::Person) {
    world.settle().await;
    let pkce = Pkce::of("survivor");
    let url = AuthorizeUrl::new(tenant, partner, "openid").pkce(&pkce);
    let code = Browser::new().code(&url, person).await;
    let mut honest = honest("token", partner, &code);
    honest.push(("code_verifier".to_owned(), pkce.verifier.clone()));
    let host = tenant.issuer.trim_start_matches("http://").to_owned();
    let at: SocketAddr = host.parse().expect("an address");
    let ask = || Ask::new("POST", "/oauth/token").host(&host);
    for (what, text) in wrong_texts(&honest) {
        // Those are wrong words of the right client, which spend a code, or leave it right.
        let spends = ["code ", "redirect_uri", "code_verifier"].iter().any(|name| what.starts_with(name));
        let right = ["a bad escape", "half an escape", "raw bytes"].contains(&what.as_str());
        if (spends && !what.ends_with("twice")) || right {
            continue;
        }
        let answer = send(at, &ask().body(FORM, text)).await.expect("an answer");
        assert!((400..500).contains(&answer.status), "{what}: {answer:?}");
    }
    let good = encoded(&honest).into_bytes();
    for kind in ["", "text/plain", "multipart/form-data; boundary=x"] {
        assert_eq!(send(at, &ask().body(kind, good.clone())).await.expect("an answer").status / 100, 4, "{kind}");
    }
    let query = [b"/oauth/token?".as_slice(), &good].concat();
    assert_eq!(send(at, &Ask::new("POST", query.clone()).host(&host)).await.expect("an answer").status / 100, 4);
    assert_eq!(send(at, &Ask::new("GET", query).host(&host)).await.expect("an answer").status, 405);
    let answer = redeem(tenant, partner, &code, &pkce.verifier).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[tokio::test]
async fn the_openid_tenant_answers_bad_input_with_clear_errors() {
    torment("openid").await;
}

#[tokio::test]
async fn the_guides_tenant_answers_bad_input_with_clear_errors() {
    torment("financefeast").await;
}

#[tokio::test]
async fn a_head_that_is_too_large_ends_the_connection_with_an_error() {
    let world = World::start().await;
    let tenant = world.tenant("openid").await;
    let host = tenant.issuer.trim_start_matches("http://");
    for ask in [
        Ask::new("GET", "/oauth/jwks").host(host).header("x-huge", vec![b'a'; 1024 * 1024]),
        Ask::new("GET", format!("/oauth/jwks?{}", "a".repeat(1024 * 1024))).host(host),
    ] {
        if let Some(answer) = send(host.parse().expect("an address"), &ask).await {
            assert!((400..500).contains(&answer.status), "{answer:?}");
        }
    }
    let still = send(host.parse().expect("an address"), &Ask::new("GET", "/oauth/jwks").host(host)).await;
    assert_eq!(still.expect("an answer").status, 200);
}
