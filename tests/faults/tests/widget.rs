//! Flows of the widget with everything in them marked: what partners send, people type, banks say.

use grantor_tests_faults::{Page, Partner, Visitor};
use reqwest::Method;
use serde_json::{Value, json};

use crate::marks::Marks;

/// An account that the partner names; it is somebody else's.
const IBAN: &str = "DE82900948150000002881";
const CARD: &str = "4012888888881881";
const CUSTOMER: [(&str, &str); 2] = [("username", "jonas.keller"), ("pin", "24680")];

/// A number as it is, and as people read it.
fn mark_number(marks: &mut Marks, name: &str, number: &str) {
    marks.add(name, number);
    let groups: Vec<&str> = number.as_bytes().chunks(4).filter_map(|group| std::str::from_utf8(group).ok()).collect();
    marks.add(&format!("{name} in groups"), &groups.join(" "));
}

/// A link, marked: whole, and each of its token's parts.
async fn link(partner: &Partner, marks: &mut Marks) -> String {
    let state = "state-of-the-partner-5be1";
    marks.add("the state of a flow", state);
    let body = json!({
        "redirect_uri": partner.redirect_uri, "state": state, "language": "en",
        "accounts": [{ "id": CARD }, { "id": IBAN }]
    });
    let url = format!("{}/onetime/access", partner.issuer);
    let (status, answer) = partner.raw(&url, "application/json", &body.to_string()).await.expect("an answer");
    assert_eq!(status, 200, "{answer}");
    let link = answer["location"].as_str().expect("a location").to_owned();
    let token = link.split("token=").nth(1).expect("a token");
    marks.add("a link's token", token);
    marks.add("a link's signature", token.rsplit('.').next().expect("a signature"));
    link
}

async fn press(visitor: &mut Visitor, page: &Page, button: &str, filled: &[(&str, &str)]) -> Page {
    let page = visitor.press(page, button, filled).await.expect("a page");
    match &page.location {
        Some(next) if next.authority() == page.url.authority() => visitor.open(next.as_str()).await.expect("a page"),
        _ => page,
    }
}

async fn mailed_code(partner: &Partner) -> String {
    for _ in 0..400 {
        let found = partner.admin("GET", "/admin/v1/mails?to=jonas.keller@sandbox-bank.example", None).await;
        let subject = found.ok().and_then(|(_, mails)| Some(mails["items"][0]["subject"].as_str()?.to_owned()));
        if let Some(code) = subject.and_then(|subject| Some(subject.split_once(':')?.0.to_owned())) {
            return code;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("the bank mailed no code in ten seconds")
}

/// One flow to its end and its tokens used, one given up, one left open.
pub async fn through_the_widget(demo: &Value, marks: &mut Marks) {
    let partner = Partner::of(demo, "finx");
    mark_number(marks, "an IBAN", IBAN);
    mark_number(marks, "a card's number", CARD);
    for (name, value) in [("a bank customer's name", CUSTOMER[0].1), ("an account's holder", "Jonas Keller")] {
        marks.add(name, value);
    }
    marks.add("an account's name", "Geschäftskonto");
    marks.add("a card's name", "Kreditkarte");
    marks.add("what was typed as a PIN", "wrong-pin-77b1");
    let mut visitor = Visitor::new("", "");
    let at = link(&partner, marks).await;
    let login = visitor.open(&at).await.expect("the bank's login");
    let login = press(&mut visitor, &login, "login", &[CUSTOMER[0], ("pin", "wrong-pin-77b1")]).await;
    let factor = press(&mut visitor, &login, "login", &CUSTOMER).await;
    let code = mailed_code(&partner).await;
    let accounts = press(&mut visitor, &factor, "verify", &[("code", &code)]).await;
    let consent = press(&mut visitor, &accounts, "share", &[("account_1", "1"), ("account_2", "1")]).await;
    for (_, cookie) in visitor.cookies() {
        marks.add("a cookie of the widget", cookie);
    }
    // The demo's client may frame the widget, so whoever does not say that they are in no frame is asked twice.
    let confirm = press(&mut visitor, &consent, "approve", &[]).await;
    let back = press(&mut visitor, &confirm, "confirm", &[("agreed", "1")]).await;
    let to = back.body.split("id=\"back\" href=\"").nth(1).and_then(|rest| rest.split('"').next());
    let to = to.unwrap_or_else(|| panic!("no way back: {}", back.body));
    let code = to.split("code=").nth(1).and_then(|rest| rest.split('&').next()).expect("a code").to_owned();
    marks.add("a code of the widget", &code);
    let url = format!("{}/auth/token", partner.issuer);
    let request =
        json!({ "grant_type": "authorization_code", "code": code, "redirect_uri": partner.redirect_uri }).to_string();
    let (status, tokens) = partner.raw(&url, "application/json", &request).await.expect("an answer");
    assert_eq!(status, 200, "{tokens}");
    let text = |name: &str| tokens[name].as_str().expect("a token").to_owned();
    let (access, refresh) = (text("access_token"), text("refresh_token"));
    marks.add("an access token of the widget", &access);
    marks.add("a refresh token of the widget", &refresh);
    let seen = accounts_of(demo, &access).await;
    let numbers: Vec<&str> = seen.iter().filter_map(|account| account["number"].as_str()).collect();
    assert!(numbers.len() == 2 && numbers[1] == "•••• 1881", "{numbers:?}");
    mark_number(marks, "the IBAN of a chosen account", numbers[0]);
    let request = json!({ "grant_type": "refresh_token", "refresh_token": refresh }).to_string();
    let (_, next) = partner.raw(&url, "application/json", &request).await.expect("an answer");
    marks.add("the next refresh token of the widget", next["refresh_token"].as_str().expect("a token"));
    // A code that comes again, links that are broken, and a flow that somebody gives up.
    partner.raw(&url, "application/json", &request.replace("refresh_token\":\"", "refresh_token\":\"x")).await.ok();
    visitor.open(&format!("{at}x")).await.expect("a page");
    visitor.open(&at).await.expect("a page");
    let open = visitor.open(&link(&partner, marks).await).await.expect("a page");
    press(&mut visitor, &open, "cancel", &[]).await;
    visitor.open(&link(&partner, marks).await).await.expect("a page");
}

async fn accounts_of(demo: &Value, token: &str) -> Vec<Value> {
    let api = demo.pointer("/tenants/finx/api").and_then(Value::as_str).expect("an address");
    // The API has a name of its own; by its path no name is needed.
    let port = api.rsplit(':').next().expect("a port");
    let url = format!("http://127.0.0.1:{port}/t/finx/accounts");
    let request = reqwest::Client::new().request(Method::GET, url).bearer_auth(token);
    let answer = request.send().await.expect("an answer").text().await.expect("a body");
    let document: Value = serde_json::from_str(&answer).unwrap_or_else(|_| panic!("{answer}"));
    document["accounts"].as_array().unwrap_or_else(|| panic!("{document}")).clone()
}
