//! A run over every endpoint, good and bad, in which every secret and every personal datum is a
//! marked value.

use grantor_tests_faults::{Answer, Outcome, Page, Partner, Visitor};
use reqwest::Method;
use serde_json::{Value, json};

use crate::marks::Marks;

/// Somebody with every claim there is.
#[derive(Clone)]
pub struct Somebody {
    pub id: String,
    pub email: String,
    pub password: String,
}

/// Everything a tenant has to give.
fn scope(partner: &Partner) -> &'static str {
    if partner.slug == "openid" { "openid profile email address phone offline_access" } else { "openid profile plan" }
}

/// Makes a user of whom every datum is marked.
pub async fn somebody(partner: &Partner, marks: &mut Marks, word: &str) -> Somebody {
    let email = format!("{word}.canary-mail@marks.example");
    let password = format!("{word}-canary-Passw0rd!\u{f6}");
    let text = |name: &str| format!("{word} canary {name} \u{eb}\u{2713}");
    let claims = json!({
        "name": text("name"), "given_name": text("given"), "family_name": text("family"), "middle_name": text("middle"),
        "nickname": text("nick"), "preferred_username": text("preferred"), "gender": text("gender"),
        "birthdate": "1903-07-19", "zoneinfo": "Antarctica/Vostok", "locale": "de-AT",
        "phone_number": "+43 1 5557 40913", "phone_number_verified": true,
        "profile": format!("https://{word}-canary-profile.example/"),
        "picture": format!("https://{word}-canary-picture.example/"),
        "website": format!("https://{word}-canary-site.example/"),
        "address": {
            "formatted": text("formatted"), "street_address": text("street"), "locality": text("locality"),
            "region": text("region"), "postal_code": text("postal"), "country": text("country")
        }
    });
    let attributes = json!({ "plan": { "name": text("plan") } });
    marks.add("an e-mail address", &email);
    marks.add("a password", &password);
    mark_all(marks, "claims", &claims);
    mark_all(marks, "attributes", &attributes);
    let wanted = json!({ "email": email, "email_verified": true, "password": password, "claims": claims, "attributes": attributes });
    let path = format!("/admin/v1/tenants/{}/users", partner.slug);
    let (status, made) = partner.admin("POST", &path, Some(&wanted)).await.expect("an answer");
    assert_eq!(status, 201, "{made}");
    Somebody { id: made["id"].as_str().expect("an id").to_owned(), email, password }
}

/// Every text in a document, by its path; those too short to be told from chance are left out.
pub fn mark_all(marks: &mut Marks, path: &str, document: &Value) {
    match document {
        Value::String(text) if text.len() >= 8 => marks.add(path, text),
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| mark_all(marks, &format!("{path}.{name}"), value));
        }
        Value::Array(items) => items.iter().for_each(|value| mark_all(marks, path, value)),
        _ => {}
    }
}

/// A token and all it can be used for, and misused.
pub async fn use_tokens(partner: &Partner, person: &Somebody, marks: &mut Marks) {
    let mut visitor = Visitor::new(&person.email, &person.password);
    let verifier = "a-canary-code-verifier-of-forty-three-characters-0001";
    marks.add("a code verifier", verifier);
    let hinted = format!("{}&login_hint={}&max_age=3600", partner.authorize_url(scope(partner)), person.email);
    let code = visitor.code(&hinted).await.expect("a code");
    marks.add("a code", &code);
    keep_cookies(&visitor, marks);
    // Spoilt: with a verifier where no challenge was sent.
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", partner.redirect_uri.as_str()),
        ("code_verifier", verifier),
    ];
    partner.form("/oauth/token", &fields).await.expect("an answer");

    let code = visitor.code(&partner.authorize_url(scope(partner))).await.expect("a code");
    marks.add("a code", &code);
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", partner.redirect_uri.as_str()),
    ];
    let (status, tokens) = partner.form("/oauth/token", &fields).await.expect("an answer");
    assert_eq!(status, 200, "{tokens}");
    let token = |name: &str| tokens[name].as_str().unwrap_or_default().to_owned();
    let (access, mut refresh, id_token) = (token("access_token"), token("refresh_token"), token("id_token"));
    marks.add("an access token", &access);
    marks.add("an id_token", &id_token);
    marks.add("an id_token's signature", id_token.rsplit('.').next().expect("three parts"));
    if !refresh.is_empty() {
        marks.add("a refresh token", &refresh);
        let outcome = partner.refresh(&refresh).await.expect("an answer");
        let Outcome::Acknowledged(Answer::Tokens { access, refresh: Some(next) }) = outcome else {
            panic!("{outcome:?}")
        };
        marks.add("an access token", &access);
        marks.add("a refresh token", &next);
        refresh = next;
    }
    for token in [&access, &refresh, &id_token, &code] {
        partner.introspect(token).await.expect("an answer");
        partner.bearer(Method::GET, "/oauth/userinfo", token).await.expect("an answer");
        partner.bearer(Method::GET, "/oauth/userinfo?access_token=", token).await.expect("an answer");
        // In the wrong place each: a query, another parameter, another method, a path.
        for path in ["/oauth/userinfo?access_token=", "/oauth/token?code=", "/oauth/introspect?token=", "/nowhere/"] {
            visitor.send(Method::GET, &format!("{}{path}{token}", partner.issuer), &[]).await.expect("an answer");
        }
        partner.form("/oauth/token", &[("grant_type", token), ("scope", token)]).await.expect("an answer");
        partner
            .form("/oauth/token", &[("grant_type", "client_credentials"), ("scope", token)])
            .await
            .expect("an answer");
        partner.form("/oauth/userinfo", &[("access_token", token)]).await.expect("an answer");
    }
    if !id_token.is_empty() {
        let hinted = format!("{}&prompt=none&id_token_hint={id_token}", partner.authorize_url(scope(partner)));
        visitor.visit(&hinted).await.expect("an answer");
        let out = format!("{}/oauth/logout?id_token_hint={id_token}&logout_hint={}", partner.issuer, person.email);
        visitor.visit(&out).await.expect("an answer");
    }
    partner.exchange(&code).await.expect("a refusal");
    partner.revoke(&refresh).await.expect("an answer");
    partner.revoke(&access).await.expect("an answer");
}

/// People who mistype, and programs that send what they have to where it does not belong.
pub async fn misuse(partner: &Partner, person: &Somebody, marks: &mut Marks) {
    let wrong = "canary-wrong-Passw0rd-of-somebody";
    let stranger = "stranger.canary-mail@marks.example";
    marks.add("a wrong password", wrong);
    marks.add("an unknown address", stranger);
    for (username, password) in [(person.email.as_str(), wrong), (stranger, wrong), (wrong, person.email.as_str())] {
        let mut visitor = Visitor::new(username, password);
        let page = visitor.open(&partner.authorize_url(scope(partner))).await.expect("the login page");
        visitor.press(&page, "login", &[("username", username), ("password", password)]).await.expect("a page");
        keep_cookies(&visitor, marks);
    }
    let mut visitor = Visitor::new(&person.email, &person.password);
    for (name, value) in [
        ("client_id", partner.secret.as_str()),
        ("redirect_uri", stranger),
        ("scope", wrong),
        ("state", stranger),
        ("login_hint", stranger),
        ("claims", stranger),
        ("response_type", wrong),
        ("acr_values", wrong),
        ("id_token_hint", wrong),
        ("request", wrong),
        ("nonsense", wrong),
    ] {
        let pair = url::form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish();
        let url = format!("{}&{pair}", partner.authorize_url(scope(partner)));
        visitor.send(Method::GET, &url, &[]).await.expect("an answer");
        let bare = format!("{}/oauth/authorize?{pair}", partner.issuer);
        visitor.send(Method::GET, &bare, &[]).await.expect("an answer");
        visitor
            .send(Method::POST, &format!("{}/oauth/authorize", partner.issuer), &[(name, value)])
            .await
            .expect("an answer");
        for path in ["/oauth/token", "/oauth/revoke", "/oauth/introspect", "/oauth/userinfo"] {
            let url = format!("{}{path}", partner.issuer);
            visitor.send(Method::POST, &url, &[(name, value), ("client_secret", wrong)]).await.expect("an answer");
            partner.raw(&url, "application/json", &format!("{{\"{name}\": \"{value}\", ")).await.expect("an answer");
            partner.raw(&url, "text/plain", value).await.expect("an answer");
        }
    }
    let path = |rest: &str| format!("/admin/v1/tenants/{}{rest}", partner.slug);
    for body in [
        json!({ "email": stranger, "password": "short", "claims": { "name": 7 } }),
        json!({ "email": wrong, "password": person.password }),
        json!({ "email": person.email, "password": person.password }),
        json!({ "email": stranger, "nonsense": wrong }),
        json!({ "email": [stranger] }),
    ] {
        let (status, _) = partner.admin("POST", &path("/users"), Some(&body)).await.expect("an answer");
        assert!((400..500).contains(&status), "{status} for {body}");
    }
    for rest in [format!("/users/{stranger}"), format!("/users/{}", person.email), format!("/clients/{wrong}")] {
        partner.admin("GET", &path(&rest), None).await.expect("an answer");
    }
    partner.admin("GET", &format!("/admin/v1/mails?to={}", person.email), None).await.expect("an answer");
    partner.admin("GET", &format!("/admin/v1/users?{wrong}={stranger}"), None).await.expect("an answer");
    partner.with_operator_token(wrong).admin("GET", "/admin/v1/tenants", None).await.expect("an answer");
}

/// Somebody signs up in the middle of a flow, mistypes the code, asks for another, gets in; and
/// forgets the password afterwards.
pub async fn sign_up(partner: &Partner, marks: &mut Marks) -> Somebody {
    let word = format!("newcomer-{}", partner.slug);
    let (email, password) = (format!("{word}.canary-mail@marks.example"), format!("{word}-canary-Passw0rd"));
    let name = format!("{word} canary name \u{e9}");
    marks.add("a newcomer's address", &email);
    marks.add("a newcomer's password", &password);
    marks.add("a newcomer's name", &name);
    let mut visitor = Visitor::new(&email, &password);
    let page = visitor.open(&partner.authorize_url(scope(partner))).await.expect("the login page");
    let link = link(&page, "sign_up_link");
    let page = visitor.open(&link).await.expect("the sign-up page");
    let filled = [("name", name.as_str()), ("email", &email), ("password", &password)];
    let answer = visitor.press(&page, "signup", &filled).await.expect("an answer");
    let page = visitor.go_on(answer).await.expect("the page for the code");
    let wrong = visitor.press(&page, "verify", &[("code", "00000000")]).await.expect("an answer");
    visitor.go_on(wrong).await.expect("the page again");
    visitor.press(&page, "resend", &[]).await.expect("an answer");
    let mailed = partner.mailed_code(&email, "").await;
    marks.add("a sign-up code", &mailed);
    let answer = visitor.press(&page, "verify", &[("code", &mailed)]).await.expect("an answer");
    let back = visitor.go_on(answer).await.expect("back at the client");
    let code = back.location.as_ref().and_then(|to| to.query_pairs().find(|(name, _)| name == "code"));
    marks.add("a code", &code.unwrap_or_else(|| panic!("no code at {}: {}", back.url, back.body)).1);
    keep_cookies(&visitor, marks);
    let path = format!("/admin/v1/tenants/{}/users/{email}", partner.slug);
    let (status, user) = partner.admin("GET", &path, None).await.expect("an answer");
    assert_eq!(status, 200, "{user}");
    let mut newcomer = Somebody { id: user["id"].as_str().expect("an id").to_owned(), email, password };
    forget_password(partner, &mut newcomer, &mailed, marks).await;
    newcomer
}

/// Somebody forgets a password, and chooses a new one.
async fn forget_password(partner: &Partner, person: &mut Somebody, known_code: &str, marks: &mut Marks) {
    let password = format!("another-{}", person.password);
    marks.add("a new password", &password);
    let mut visitor = Visitor::new(&person.email, &password);
    let page = visitor.open(&partner.authorize_url(scope(partner))).await.expect("the login page");
    let page = visitor.open(&link(&page, "forgot_link")).await.expect("the page for the address");
    let answer = visitor.press(&page, "reset", &[("email", &person.email)]).await.expect("an answer");
    let page = visitor.go_on(answer).await.expect("the page for the code");
    let mailed = partner.mailed_code(&person.email, known_code).await;
    marks.add("a reset code", &mailed);
    visitor.press(&page, "change", &[("code", "00000000"), ("password", &password)]).await.expect("an answer");
    let filled = [("code", mailed.as_str()), ("password", password.as_str())];
    let answer = visitor.press(&page, "change", &filled).await.expect("an answer");
    let back = visitor.go_on(answer).await.expect("back at the client");
    let code = back.location.as_ref().and_then(|to| to.query_pairs().find(|(name, _)| name == "code"));
    marks.add("a code", &code.unwrap_or_else(|| panic!("no code at {}: {}", back.url, back.body)).1);
    keep_cookies(&visitor, marks);
    person.password = password;
}

/// A developer registers a client, rotates its secret, and looks around.
pub async fn develop(partner: &Partner, developer: &mut Visitor, marks: &mut Marks) {
    let (status, made) = partner.make_client("Operator's own").await.expect("an answer");
    assert_eq!(status, 201, "{made}");
    mark_secrets(marks, &made);
    let client = made["client_id"].as_str().expect("a client_id");
    let path = format!("/admin/v1/tenants/{}/clients/{client}", partner.slug);
    let (status, rotated) = partner.admin("POST", &format!("{path}/rotate-secret"), None).await.expect("an answer");
    assert_eq!(status, 200, "{rotated}");
    mark_secrets(marks, &rotated);
    for path in ["/oauth/create_client", "/", "/apps", "/logout"] {
        developer.visit(&format!("{}{path}", partner.issuer)).await.expect("a page");
    }
    keep_cookies(developer, marks);
}

fn mark_secrets(marks: &mut Marks, document: &Value) {
    let secret = document.pointer("/secret/secret").or(document.get("secret")).or(document.get("client_secret"));
    let secret = secret.and_then(Value::as_str).unwrap_or_else(|| panic!("no secret in {document}"));
    marks.add("a client secret", secret);
}

/// What a browser holds is a secret.
fn keep_cookies(visitor: &Visitor, marks: &mut Marks) {
    for (name, value) in visitor.cookies().filter(|(_, value)| value.len() >= 16) {
        marks.add(&format!("the cookie {name}"), value);
    }
}

fn link(page: &Page, id: &str) -> String {
    let tag = page.body.split("<a ").find(|tag| tag.contains(&format!("id=\"{id}\""))).expect("a link");
    let path = tag.split("href=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("an address");
    page.url.join(&path.replace("&#38;", "&").replace("&amp;", "&")).expect("a URL").into()
}
