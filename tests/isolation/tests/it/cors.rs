//! C17: other origins read the token endpoint, the metadata and the keys where the profile says
//! so, and nothing else anywhere.

use grantor_profile::Profile;
use grantor_testkit::{PartnerTenant, World};
use grantor_tests_isolation::{Ask, Reply, base_of, is_served, send, tenant_path, whole};
use grantor_web::CorsClass;

/// The default of OpenID Connect's libraries, and the five guides.
const PRESETS: [&str; 6] = ["openid", "financefeast", "finexer", "finapi", "generic", "finx"];

async fn ask(base: &str, ask: Ask) -> Reply {
    let host = base.trim_start_matches("http://");
    let ask = ask.host(host).header("origin", "https://spa.example");
    send(host.parse().expect("an address"), &ask).await.expect("an answer")
}

async fn check(world: &World, tenant: &PartnerTenant, profile: &Profile) {
    for route in world.platform.tenants.routes().iter().filter(|route| is_served(route, profile)) {
        let base = base_of(route, tenant);
        let path = tenant_path(route, profile, "x");
        let open = match route.cors {
            Some(CorsClass::Token) => profile.cors.token,
            Some(CorsClass::Metadata) => profile.cors.metadata,
            None => false,
        };
        for method in route.methods {
            let answer = ask(base, Ask::new(method.as_str(), path.clone())).await;
            let allowed = answer.header("access-control-allow-origin");
            assert_eq!(allowed, if open { "*" } else { "" }, "{method} {}", route.name);
            assert_eq!(answer.header("access-control-allow-credentials"), "", "{}", route.name);
        }
        let preflight = Ask::new("OPTIONS", path).header("access-control-request-method", "POST");
        let answer = ask(base, preflight).await;
        let allowed = answer.header("access-control-allow-origin");
        let expected = if open { (204, "*") } else { (405, "") };
        assert_eq!((answer.status, allowed), expected, "preflight of {}", route.name);
        if open {
            assert_eq!(answer.header("access-control-allow-methods"), "GET, POST");
        } else {
            assert!(!answer.header("allow").is_empty(), "{}", route.name);
        }
    }
}

#[tokio::test]
async fn other_origins_read_what_the_profile_opens_and_nothing_else() {
    let world = World::start().await;
    for preset in PRESETS {
        let tenant = world.tenant_with(preset, preset, |tenant| tenant.profile = whole(preset)).await;
        check(&world, &tenant, &whole(preset)).await;
    }
    let closed = world
        .tenant_with("closed", "openid", |tenant| {
            tenant.profile = whole("openid");
            tenant.profile.cors.token = false;
            tenant.profile.cors.metadata = false;
        })
        .await;
    let mut profile = whole("openid");
    (profile.cors.token, profile.cors.metadata) = (false, false);
    check(&world, &closed, &profile).await;
}

#[tokio::test]
async fn operators_are_read_from_no_other_origin() {
    let world = World::start().await;
    for (method, path) in [("GET", "/admin/v1/tenants"), ("OPTIONS", "/admin/v1/tenants"), ("GET", "/health")] {
        let asked = Ask::new(method, path).header("authorization", format!("Bearer {}", world.operator_token));
        let answer = ask(&world.admin, asked).await;
        assert_eq!(answer.header("access-control-allow-origin"), "", "{method} {path}");
    }
}
