//! The listener's own pages: health, metrics, and the mailbox for people.

use grantor_ports::{Mail, Mailer};
use grantor_web::Answer;

use crate::{
    ports::{EMAIL, TENANT},
    support::{House, bare, document},
};

async fn get(house: &House, path: &str) -> Answer {
    house.send(bare("GET", path).build().request).await
}

fn cookies(answer: &Answer) -> Vec<(String, String)> {
    let pair = |header: &str| header.split(';').next().unwrap().split_once('=').map(|(n, v)| (n.into(), v.into()));
    answer.header_values("set-cookie").into_iter().filter_map(pair).collect()
}

fn body(answer: &Answer) -> String {
    String::from_utf8(answer.body().to_vec()).unwrap()
}

async fn sign_in(house: &House, cookie: &str, csrf: &str, token: &str) -> Answer {
    let request = bare("POST", "/mailbox").header("cookie", &format!("grantor_form={cookie}"));
    house.send(request.form(format!("csrf={csrf}&token={token}&login=login")).build().request).await
}

#[tokio::test]
async fn a_process_that_is_up_says_so() {
    let house = House::new().await;
    assert_eq!(document(&get(&house, "/health").await)["status"].as_str(), Some("up"));
    let metrics = get(&house, "/metrics").await;
    assert_eq!(
        (metrics.status(), metrics.header_values("content-type")),
        (200, vec!["text/plain; version=0.0.4; charset=utf-8"])
    );
    assert_eq!(document(&get(&house, "/ready").await)["status"].as_str(), Some("ready"));
}

#[tokio::test]
async fn what_is_not_ready_is_named() {
    let house = House::with(false, vec![("registry", true), ("token", false)]).await;
    let answer = get(&house, "/ready").await;
    assert_eq!((answer.status(), answer.header_values("retry-after")), (503, vec!["1"]));
    assert_eq!(document(&answer)["checks"][1], serde_json::json!({ "name": "token", "ready": false }));
}

#[tokio::test]
async fn without_a_mailbox_there_is_no_page_for_it() {
    let house = House::with(false, Vec::new()).await;
    let names: Vec<_> = house.console.admin_routes().iter().map(|route| route.name).collect();
    assert!(!names.iter().any(|name| name.contains("mailbox") || name.contains("mails")), "{names:?}");
}

#[tokio::test]
async fn a_person_signs_in_with_the_token() {
    let house = House::new().await;
    let mail = Mail {
        tenant: TENANT,
        from_name: "Bank".into(),
        to: EMAIL.into(),
        subject: "<b>Hello</b>".into(),
        body: "Your code: 482913".into(),
        at: "2026-03-04T10:00:00Z".parse().unwrap(),
    };
    house.mailbox.send(&mail).await.unwrap();
    let form = get(&house, "/mailbox").await;
    assert_eq!(form.status(), 401);
    assert!(body(&form).contains("name=\"token\"") && !body(&form).contains(EMAIL));
    let (name, csrf) = cookies(&form).remove(0);
    assert_eq!(name, "grantor_form");
    assert!(body(&form).contains(&csrf));
    let entered = sign_in(&house, &csrf, &csrf, &house.token()).await;
    assert_eq!((entered.status(), entered.header_values("location")), (303, vec!["/mailbox"]));
    let (name, session) = cookies(&entered).remove(0);
    assert_eq!(name, "grantor_operator");
    assert!(entered.header_values("set-cookie")[0].contains("HttpOnly"));
    let show = || bare("GET", "/mailbox").header("cookie", &format!("grantor_operator={session}")).build().request;
    let page = house.send(show()).await;
    assert_eq!(page.status(), 200);
    assert!(body(&page).contains(EMAIL) && body(&page).contains("482913") && !body(&page).contains("<b>Hello"));
    house.clock.advance_seconds(8 * 3600 + 1);
    assert_eq!(house.send(show()).await.status(), 401);
}

#[tokio::test]
async fn a_script_brings_the_token_along() {
    let house = House::new().await;
    assert_eq!(house.ask("GET", "/mailbox").await.status(), 200);
    let wrong = house.send(house.request("GET", "/mailbox", "wrong").build().request).await;
    assert_eq!(wrong.status(), 401);
}

#[tokio::test]
async fn a_form_from_elsewhere_or_a_wrong_token_opens_nothing() {
    let house = House::new().await;
    for (cookie, csrf) in [("", ""), ("a", "b"), ("a", "")] {
        let answer = sign_in(&house, cookie, csrf, &house.token()).await;
        assert_eq!(answer.status(), 400);
        assert!(cookies(&answer).iter().all(|(name, _)| name != "grantor_operator"));
    }
    for _ in 0..20 {
        assert_eq!(sign_in(&house, "a", "a", "wrong").await.status(), 401);
    }
    assert_eq!(sign_in(&house, "a", "a", "wrong").await.status(), 429);
}

#[tokio::test]
async fn a_rotated_token_ends_its_sessions() {
    let house = House::new().await;
    let entered = sign_in(&house, "a", "a", &house.token()).await;
    let (_, session) = cookies(&entered).remove(0);
    house.ask("POST", &format!("/admin/v1/operators/{}/rotate-token", house.first.id)).await;
    let show = bare("GET", "/mailbox").header("cookie", &format!("grantor_operator={session}"));
    assert_eq!(house.send(show.build().request).await.status(), 401);
}

#[tokio::test]
async fn on_https_cookies_are_bound_to_the_host() {
    let house = House::new().await;
    let form = house.send(bare("GET", "/mailbox").https().build().request).await;
    let cookie = form.header_values("set-cookie")[0].to_owned();
    assert!(cookie.starts_with("__Host-grantor_form=") && cookie.contains("Secure"), "{cookie}");
}

#[tokio::test]
async fn pages_find_their_assets() {
    let house = House::new().await;
    let page = body(&get(&house, "/mailbox").await);
    let (_, rest) = page.split_once("rel=\"stylesheet\" href=\"").unwrap();
    let css = get(&house, rest.split('"').next().unwrap()).await;
    assert_eq!((css.status(), css.header_values("content-type")), (200, vec!["text/css; charset=utf-8"]));
}
