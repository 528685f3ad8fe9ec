//! The operators' dashboard: pages of one tenant show nothing of another, and every form is bound.

use grantor_testkit::{Browser, World, hidden};
use grantor_tests_isolation::Twins;
use grantor_web::Method;

use crate::{
    admin::{path, reach},
    list::Reach,
};

/// An operator's browser.
pub async fn signed_in(world: &World) -> Browser {
    let mut browser = Browser::new();
    let form = browser.get(&format!("{}/", world.admin)).await;
    assert_eq!(form.status, 401);
    let entered = browser.press(&form, "login", &[("token", &world.operator_token)]).await;
    assert_eq!((entered.status, entered.header("location")), (303, "/"));
    browser
}

#[tokio::test]
async fn the_dashboard_keeps_tenants_apart() {
    let twins = Twins::of("openid").await;
    let world = &twins.world;
    world.settle().await;
    let mut browser = signed_in(world).await;
    let page = browser.get(&format!("{}/sign-out", world.admin)).await;
    let csrf = hidden(&page.body, "csrf").expect("a token");
    let [a, b] = &twins.sides;
    for (here, there) in [(a, b), (b, a)] {
        for route in world.platform.admin.routes().iter().filter(|route| route.name.starts_with("panel")) {
            let own = format!("{}{}", world.admin, path(route, here, here));
            let foreign = format!("{}{}", world.admin, path(route, here, there));
            let reads = route.methods[0] == Method::GET;
            // Nothing was sent to anybody.
            if reads && matches!(reach(route), Reach::Shows | Reach::Thing) && route.name != "panel_delivery" {
                let page = browser.get(&own).await;
                assert_eq!(page.status, 200, "{}", route.name);
                for name in [there.own_client.clone(), there.person.id.to_string(), there.name.clone()] {
                    assert!(!page.body.contains(&name), "{} shows {name}: {}", route.name, page.body);
                }
            }
            if reach(route) == Reach::Thing {
                let answer = match reads {
                    true => browser.get(&foreign).await,
                    false => browser.post(&foreign, &[("csrf", &csrf)]).await,
                };
                assert_eq!(answer.status, 404, "{}: {}", route.name, answer.body);
            }
            if !reads && route.name != "panel_sign_in" {
                for token in ["", "x"] {
                    let answer = browser.post(&own, &[("csrf", token)]).await;
                    assert_eq!((answer.status, answer.page_error()), (403, Some("form_expired")), "{}", route.name);
                }
                assert_eq!(Browser::new().post(&own, &[("csrf", &csrf)]).await.status, 401, "{}", route.name);
            }
        }
    }
}
