//! FN-13 and FN-31: the widget itself.

use grantor_testkit::Browser;
use serde_json::json;

use super::walk::*;

const SHOP: &str = "https://shop.example";

#[tokio::test(flavor = "multi_thread")]
async fn fn_13_pages_are_framed_by_the_clients_origins_only() {
    let scene = with_origins(&[SHOP]).await;
    let mut browser = Browser::new();
    let page = open(&mut browser, &location(&scene, known()).await).await;
    assert!(page.header("content-security-policy").contains("frame-ancestors https://shop.example"));
    assert_eq!(page.header("x-frame-options"), "", "the policy says more than this header can");
    let accounts = sign_in(&scene, &mut browser, &page, MARA).await;
    let consent = press(&mut browser, &accounts, "share", &[]).await;
    assert!(consent.header("content-security-policy").contains("frame-ancestors https://shop.example"));
    let none = finx().await;
    let page = open(&mut Browser::new(), &location(&none, known()).await).await;
    assert!(page.header("content-security-policy").contains("frame-ancestors 'none'"));
    assert_eq!(page.header("x-frame-options"), "DENY");
}

#[tokio::test(flavor = "multi_thread")]
async fn fn_13_in_a_frame_it_is_asked_twice_and_left_in_the_whole_window() {
    let scene = with_origins(&[SHOP]).await;
    let mut framed = Browser::new();
    framed.headers.push(("sec-fetch-dest".into(), "iframe".into()));
    let consent = to_consent(&scene, &mut framed, &location(&scene, known()).await).await;
    let confirm = press(&mut framed, &consent, "approve", &[]).await;
    assert!(confirm.has_button("confirm"), "one click is not enough:\n{}", confirm.body);
    let unticked = press(&mut framed, &confirm, "confirm", &[]).await;
    assert!(unticked.has_button("confirm") && unticked.body.contains("role=\"alert\""));
    let done = press(&mut framed, &unticked, "confirm", &[("agreed", "1")]).await;
    assert!(done.body.contains("data-end=\"success\"") && done.body.contains("target=\"_top\""), "{}", done.body);
    assert!(done.body.contains("https://my-app.example.com/callback?code=eyJhbGciO"));
    // Alone, one answer is enough, and the redirect is the browser's own.
    let mut alone = Browser::new();
    alone.headers.push(("sec-fetch-dest".into(), "document".into()));
    let consent = to_consent(&scene, &mut alone, &location(&scene, known()).await).await;
    let back = press(&mut alone, &consent, "approve", &[]).await;
    assert_eq!(back.status, 303);
    assert!(back.returned("code").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn fn_31_the_widget_has_a_screen_for_every_step() {
    let scene = finx().await;
    let mut browser = Browser::new();
    let banks = open(&mut browser, &location(&scene, json!({ "language": "en" })).await).await;
    assert!(banks.body.contains("Choose your bank") && banks.body.contains("Sandbox Bank Nord"));
    let again = press(&mut browser, &banks, "choose", &[]).await;
    assert!(again.body.contains("Please choose your bank."));
    let login = press(&mut browser, &banks, "choose", &[("bank", "sandbox-sued")]).await;
    assert!(login.body.contains("Sandbox Bank Süd"));
    let other = press(&mut browser, &login, "other_bank", &[]).await;
    assert!(other.has_button("choose"));
    let login = press(&mut browser, &other, "choose", &[("bank", "sandbox-nord")]).await;
    let wrong = press(&mut browser, &login, "login", &[("username", MARA.0), ("pin", "00000")]).await;
    assert!(wrong.body.contains("The user name or the PIN is wrong."));
    let factor = press(&mut browser, &wrong, "login", &[("username", MARA.0), ("pin", MARA.1)]).await;
    assert!(factor.body.contains("m•••@sandbox-bank.example"), "{}", factor.body);
    let wrong = press(&mut browser, &factor, "verify", &[("code", "abcdef")]).await;
    assert!(wrong.body.contains("The code is wrong."));
    let code = tan(&scene, MARA.0).await;
    let accounts = press(&mut browser, &wrong, "verify", &[("code", &code)]).await;
    assert!(accounts.body.contains("DE82 9009 4815 0000 0028 81"), "{}", accounts.body);
    let none = press(&mut browser, &accounts, "share", &[]).await;
    assert!(none.body.contains("Please choose at least one account."));
    let consent = press(&mut browser, &none, "share", &[("account_2", "1")]).await;
    assert!(consent.body.contains("Tagesgeldkonto") && !consent.body.contains("Girokonto"), "{}", consent.body);
    for scope in ["accounts=ro", "balance=ro", "transactions=ro", "offline"] {
        assert!(consent.body.contains(&format!("data-scope=\"{scope}\"")), "{scope}");
    }
    let back = press(&mut browser, &consent, "approve", &[]).await;
    assert!(back.returned("code").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn fn_31_what_a_bank_refuses_ends_on_a_page_and_leads_back() {
    let scene = finx().await;
    let mut browser = Browser::new();
    let mut page = open(&mut browser, &location(&scene, known()).await).await;
    for _ in 0..5 {
        page = press(&mut browser, &page, "login", &[("username", "mara.brandt"), ("pin", "0")]).await;
    }
    assert!(page.body.contains("data-end=\"bank_refused\""), "{}", page.body);
    assert!(page.body.contains("success=false") && !page.body.contains("cancel"), "{}", page.body);
    let login = open(&mut browser, &location(&scene, known()).await).await;
    let nothing = sign_in(&scene, &mut browser, &login, ("lea.neu", "11223")).await;
    assert!(nothing.body.contains("data-end=\"no_accounts\""), "{}", nothing.body);
    // Three wrong codes end the bank's login; it begins anew.
    let login = open(&mut browser, &location(&scene, known()).await).await;
    let mut page = press(&mut browser, &login, "login", &[("username", MARA.0), ("pin", MARA.1)]).await;
    for _ in 0..3 {
        page = press(&mut browser, &page, "verify", &[("code", "abcdef")]).await;
    }
    assert!(page.has_button("login"), "{}", page.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn fn_31_production_tenants_have_no_sandbox_bank() {
    let world = grantor_testkit::World::start().await;
    let kind = grantor_ports::TenantKind::Production;
    let tenant = world.tenant_with("real", "finx", |tenant| tenant.kind = kind).await;
    let scene = grantor_tests_guides::Scene::at(world, tenant).await;
    let partner = scene.world.partner_with(&scene.tenant, |client| client.redirect_uris = vec![CALLBACK.into()]).await;
    let scene = scene.as_partner(partner);
    let page = open(&mut Browser::new(), &location(&scene, json!({})).await).await;
    assert!(page.body.contains("data-end=\"no_bank\"") && page.body.contains("success=false"), "{}", page.body);
}
