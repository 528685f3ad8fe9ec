//! Random bytes at every route: never a 5xx, never a panic.

use std::net::SocketAddr;

use grantor_profile::{Endpoint, Profile};
use grantor_testkit::{AuthorizeUrl, Browser, Partner, PartnerTenant, World};
use grantor_tests_isolation::{Ask, admin_path, base_of, is_served, send, send_bytes, tenant_path, whole};
use proptest::{
    collection::vec,
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

use crate::mutate::profiles;

/// The default of OpenID Connect's libraries, the strict one, and every guide.
const GUIDES: [&str; 7] = ["openid", "strict", "financefeast", "finexer", "finapi", "generic", "finx"];

/// Requests per test; each is a connection of its own.
const CASES: u32 = 600;

/// Words that the endpoints look for, so that the noise gets past the first check.
const WORDS: &[&str] = &[
    "client_id",
    "client_secret",
    "grant_type",
    "authorization_code",
    "refresh_token",
    "code",
    "redirect_uri",
    "response_type",
    "scope",
    "openid",
    "state",
    "nonce",
    "claims",
    "{\"id_token\":{\"sub\":{\"value\":\"x\"}}}",
    "prompt",
    "none",
    "max_age",
    "id_token_hint",
    "eyJhbGciOiJub25lIn0.e30.",
    "token",
    "access_token",
    "csrf",
    "username",
    "password",
    "email",
    "next",
    "ui_locales",
    "https://client.example/oauth/callback",
    "code_challenge",
    "dpop_jkt",
    "S256",
    "&",
    "=",
    "%",
    "%00",
    "%FF",
    "+",
    ";",
    "\0",
    "\r\n",
    "{",
    "}",
    "[",
    "\"",
    ":",
    "name",
    "limit",
    "after",
    "-1",
    "18446744073709551616",
    "request",
    "request_uri",
    "response_mode",
    "form_post",
];

fn noise() -> impl Strategy<Value = Vec<u8>> {
    let word = prop::sample::select(WORDS).prop_map(|word| word.as_bytes().to_vec());
    let piece = prop_oneof![3 => word, 1 => vec(any::<u8>(), 0..24)];
    vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// What may stand in a request line: anything but what ends it.
fn in_line(bytes: Vec<u8>) -> Vec<u8> {
    bytes.into_iter().filter(|byte| !matches!(byte, b' ' | b'\r' | b'\n' | 0 | b'#')).collect()
}

/// One request: which route, method, query, content type, body, and the value of a header.
type Shot = (usize, usize, Vec<u8>, usize, Vec<u8>, Vec<u8>);

fn shots() -> impl Strategy<Value = Shot> {
    (0_usize..1000, 0_usize..3, noise().prop_map(in_line), 0_usize..5, noise(), noise().prop_map(in_line))
}

const TYPES: [&str; 5] =
    ["application/x-www-form-urlencoded", "application/json", "", "text/plain", "multipart/form-data"];
const HEADERS: [&str; 5] = ["authorization", "cookie", "accept-language", "traceparent", "x-forwarded-for"];

/// The same shots in every run.
fn runner(cases: u32) -> TestRunner {
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

/// Where shots go: address, host, path, methods.
type Target = (SocketAddr, String, String, Vec<&'static str>);

fn fire(runtime: &tokio::runtime::Runtime, cases: u32, targets: &[Target], bearer: &str) {
    let outcome = runner(cases).run(&shots(), |(which, how, query, kind, body, header)| {
        let (at, host, path, methods) = &targets[which % targets.len()];
        let method = if how == 2 { "POST" } else { methods[how % methods.len()] };
        let mut target = path.clone().into_bytes();
        target.push(b'?');
        target.extend_from_slice(&query);
        let mut ask = Ask::new(method, target).host(host).header(HEADERS[kind], header);
        if kind != 0 && !bearer.is_empty() {
            ask = ask.header("authorization", bearer);
        }
        if method != "GET" {
            ask = ask.body(TYPES[kind], body);
        }
        if let Some(answer) = runtime.block_on(send(*at, &ask)) {
            prop_assert!(answer.status < 500, "{} {}: {:?}", method, path, answer);
        }
        Ok(())
    });
    if let Err(found) = outcome {
        panic!("{found}");
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("threads")
}

#[test]
fn noise_at_a_tenants_routes_is_refused() {
    let runtime = runtime();
    let _inside = runtime.enter();
    let world = runtime.block_on(World::start());
    let (foreign_code, foreign) = runtime.block_on(foreign(&world));
    for preset in GUIDES {
        let tenant = runtime.block_on(world.tenant_with(preset, preset, |tenant| tenant.profile = whole(preset)));
        let profile = whole(preset);
        let targets = world.platform.tenants.routes().iter().filter(|route| is_served(route, &profile)).map(|route| {
            let base = base_of(route, &tenant);
            let host = base.trim_start_matches("http://").to_owned();
            let methods = route.methods.iter().map(|method| if method.as_str() == "GET" { "GET" } else { "POST" });
            (host.parse().expect("an address"), host.clone(), tenant_path(route, &profile, "x%FFy"), methods.collect())
        });
        fire(&runtime, CASES / 2, &targets.collect::<Vec<_>>(), "");
        let partner = runtime.block_on(world.partner(&tenant));
        runtime.block_on(nothing_for_another(&tenant, &profile, &partner, &foreign_code, &foreign));
    }
    assert!(!runtime.block_on(async { world.platform.metrics.render() }).contains("5xx"));
}

/// Profiles of the test below, and shots at each.
const PROFILES: usize = 8;
const SHOTS: u32 = 80;

#[test]
fn any_profile_refuses_noise_and_what_belongs_to_another_tenant() {
    let runtime = runtime();
    let _inside = runtime.enter();
    let world = runtime.block_on(World::start());
    let nobody = world.nobodys_address();
    let (foreign_code, foreign) = runtime.block_on(foreign(&world));
    let mut runner = runner(1);
    for n in 0..PROFILES {
        let profile = profiles().new_tree(&mut runner).expect("a profile").current();
        let slug = format!("random-{n}");
        let tenant = runtime.block_on(world.tenant_with(&slug, "strict", |tenant| {
            tenant.profile = profile.clone();
            tenant.issuer = format!("http://{nobody}/t/{slug}");
            (tenant.api, tenant.authorities) = (None, Vec::new());
        }));
        let partner = runtime.block_on(world.partner(&tenant));
        let served = world.platform.tenants.routes().iter().filter(|route| is_served(route, &profile));
        let targets = served.map(|route| {
            let methods = route.methods.iter().map(|method| if method.as_str() == "GET" { "GET" } else { "POST" });
            let path = format!("/t/{slug}{}", tenant_path(route, &profile, "x%FFy"));
            (nobody, nobody.to_string(), path, methods.collect())
        });
        fire(&runtime, SHOTS, &targets.collect::<Vec<_>>(), "");
        runtime.block_on(nothing_for_another(&tenant, &profile, &partner, &foreign_code, &foreign));
    }
    assert!(!runtime.block_on(async { world.platform.metrics.render() }).contains("5xx"));
}

/// Nobody gets a token, or hears of one, for what another tenant issued: whichever way the client
/// says who it is.
async fn nothing_for_another(
    tenant: &PartnerTenant,
    profile: &Profile,
    partner: &Partner,
    code: &str,
    tokens: &serde_json::Value,
) {
    let text = |name: &str| tokens[name].as_str().expect("a token");
    let code = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", partner.redirect_uri.as_str())];
    let asked = [
        (Endpoint::Token, code.to_vec()),
        (Endpoint::Token, vec![("grant_type", "refresh_token"), ("refresh_token", text("refresh_token"))]),
        (Endpoint::Introspect, vec![("token", text("access_token"))]),
        (Endpoint::Introspect, vec![("token", text("refresh_token"))]),
    ];
    let address = tenant.issuer.trim_start_matches("http://");
    let (host, base) = address.find('/').map_or((address, ""), |at| address.split_at(at));
    let at: SocketAddr = host.parse().expect("an address");
    for (endpoint, fields) in asked {
        let path = profile.path_of(endpoint).expect("every profile has it");
        for basic in [true, false] {
            let mut fields = fields.clone();
            let mut request = Ask::new("POST", format!("{base}{path}")).host(host);
            if basic {
                request = request.basic(&partner.client_id, &partner.secret);
            } else {
                fields.extend([("client_id", partner.client_id.as_str()), ("client_secret", partner.secret.as_str())]);
            }
            let answer = send(at, &request.form(&fields)).await.expect("an answer");
            let (status, body) = (answer.status, serde_json::from_str(&answer.body).unwrap_or(serde_json::Value::Null));
            assert!(status < 500, "{path} {status} {body}\n{}", profile.to_json());
            let nothing = body.get("access_token").is_none() && body["active"] != true;
            assert!(nothing, "{path} {body}\n{}", profile.to_json());
        }
    }
}

/// A live code and live tokens of a tenant that no noise is meant for.
async fn foreign(world: &World) -> (String, serde_json::Value) {
    let tenant = world.tenant_with("foreign", "openid", |_| {}).await;
    let (partner, person) = (world.partner(&tenant).await, world.person(&tenant, "grace@example.com").await);
    let url = AuthorizeUrl::new(&tenant, &partner, "openid offline_access");
    let mut browser = Browser::new();
    let code = browser.code(&url, &person).await;
    let (status, body) = grantor_testkit::Tokens::new(&tenant, &partner).exchange(&code, &[]).await;
    assert_eq!(status, 200, "{body}");
    (browser.code(&url, &person).await, body)
}

#[test]
fn noise_at_the_operators_routes_is_refused() {
    let runtime = runtime();
    let _inside = runtime.enter();
    let world = runtime.block_on(World::start());
    runtime.block_on(world.tenant("openid"));
    let host = world.admin.trim_start_matches("http://").to_owned();
    let targets: Vec<_> = world
        .platform
        .admin
        .routes()
        .iter()
        .map(|route| {
            let path = admin_path(route, |name| if name == "slug" { "openid".to_owned() } else { "x%FFy".to_owned() });
            let methods = route.methods.iter().map(|method| match method.as_str() {
                "GET" => "GET",
                "PUT" => "PUT",
                "PATCH" => "PATCH",
                "DELETE" => "DELETE",
                _ => "POST",
            });
            (host.parse().expect("an address"), host.clone(), path, methods.collect())
        })
        .collect();
    fire(&runtime, CASES, &targets, &format!("Bearer {}", world.operator_token));
}

#[test]
fn noise_that_is_no_http_harms_nobody() {
    let runtime = runtime();
    let _inside = runtime.enter();
    let world = runtime.block_on(World::start());
    let tenant = runtime.block_on(world.tenant("openid"));
    let host = tenant.issuer.trim_start_matches("http://").to_owned();
    let at: SocketAddr = host.parse().expect("an address");
    let lines = (noise(), noise(), noise()).prop_map(|(target, name, value)| {
        [b"GET /".as_slice(), &target, b" HTTP/1.1\r\nHost: ", &name, b"\r\n", &value, b"\r\nConnection: close\r\n\r\n"]
            .concat()
    });
    let outcome = runner(CASES).run(&lines, |mut bytes| {
        // Whatever came, the connection is told that this was all.
        bytes.extend_from_slice(b"\r\n\r\n");
        if let Some(answer) = runtime.block_on(send_bytes(at, &bytes)) {
            prop_assert!(answer.status < 500, "{:?}", answer);
        }
        Ok(())
    });
    if let Err(found) = outcome {
        panic!("{found}");
    }
    let still = runtime.block_on(send(at, &Ask::new("GET", "/oauth/jwks").host(&host)));
    assert_eq!(still.expect("an answer").status, 200);
}
