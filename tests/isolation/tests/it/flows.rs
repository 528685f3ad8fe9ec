//! A flow of one tenant's widget is worth nothing at another's, on every route and by every way
//! there (C31).

use base64::{Engine, engine::general_purpose::STANDARD};
use grantor_testkit::{Browser, Partner, PartnerTenant, World, hidden};
use grantor_tests_isolation::{Ask, send};
use serde_json::{Value, json};

const CALLBACK: &str = "https://client.example/oauth/callback";

/// Asks for a link at `to` with the credentials of `partner`.
async fn start(to: &PartnerTenant, path: &str, partner: &Partner) -> (u16, Value) {
    let basic = STANDARD.encode(format!("{}:{}", partner.client_id, partner.secret));
    let host = to.issuer.trim_start_matches("http://");
    let body = json!({ "redirect_uri": CALLBACK, "user_id": "u" }).to_string();
    let ask = Ask::new("POST", path).host(host).header("authorization", format!("Basic {basic}"));
    let answer = send(host.parse().expect("an address"), &ask.body("application/json", body)).await.expect("an answer");
    (answer.status, serde_json::from_str(&answer.body).unwrap_or_default())
}

#[tokio::test]
async fn a_flow_is_one_tenants() {
    let world = World::start().await;
    let (a, b) = (world.tenant_with("castor", "finx", |_| {}).await, world.tenant_with("pollux", "finx", |_| {}).await);
    let (ours, theirs) = (world.partner(&a).await, world.partner(&b).await);
    for path in ["/onetime/access", "/ongoing/access"] {
        assert_eq!(start(&a, path, &ours).await.0, 200);
        let (status, answer) = start(&b, path, &ours).await;
        assert_eq!((status, &answer["error"]), (401, &json!("invalid_client")));
        let borrowed = Partner { client_id: theirs.client_id.clone(), ..ours.clone() };
        assert_eq!(start(&b, path, &borrowed).await.0, 401);
    }
    let (_, answer) = start(&a, "/onetime/access", &ours).await;
    let link = answer["location"].as_str().expect("a location");
    let token = link.split("token=").nth(1).expect("a token");
    let nobody = format!("http://{}/t/pollux", world.nobodys_address());
    for other in [
        format!("{}/?token={token}", b.widget),
        format!("{}/widget?token={token}", b.widget),
        format!("{nobody}/widget?token={token}"),
    ] {
        assert_eq!(Browser::new().get(&other).await.page_error(), Some("interaction_expired"), "{other}");
    }
    // The link is still good where it belongs.
    let mut browser = Browser::new();
    let visit = browser.get(link).await;
    let page = browser.follow(visit).await;
    assert!(page.has_button("choose"));
    let (csrf, flow) = (hidden(&page.body, "csrf").expect("a token"), page.url.path().to_owned());
    // Cookies know no ports: the same browser brings all it has to the other tenant.
    for base in [b.widget.clone(), nobody.clone()] {
        assert_eq!(browser.get(&format!("{base}{flow}")).await.page_error(), Some("interaction_expired"));
        for step in ["bank", "login", "factor", "accounts", "consent"] {
            let fields =
                [("csrf", csrf.as_str()), ("bank", "sandbox-nord"), ("approve", "approve"), ("cancel", "cancel")];
            let answer = browser.post(&format!("{base}{flow}/{step}"), &fields).await;
            assert_eq!(answer.page_error(), Some("interaction_expired"), "{step}");
        }
    }
    // … and by its own path it is the same flow.
    let own = format!("http://{}/t/castor{flow}", world.nobodys_address());
    assert!(browser.get(&own).await.has_button("choose"));
    let id = answer["id"].as_str().expect("an id");
    assert_eq!(world.admin("GET", &format!("/admin/v1/tenants/castor/flows/{id}"), None).await.0, 200);
    assert_eq!(world.admin("GET", &format!("/admin/v1/tenants/pollux/flows/{id}"), None).await.0, 404);
    // Pages of the widget are on its host alone, and nothing else is there.
    assert_eq!(browser.get(&format!("{}{flow}", a.issuer)).await.status, 404);
    for path in ["/login", "/auth/token", "/oauth/jwks", "/onetime/access", "/apps"] {
        assert_eq!(browser.get(&format!("{}{path}", a.widget)).await.status, 404, "{path}");
    }
}
