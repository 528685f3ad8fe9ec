//! FA-12 to FA-15 and FA-30: the API explorer, without JavaScript.

use grantor_testkit::{Browser, Visit, hidden};
use serde_json::Value;

use super::access::{Access, PASSWORD};

/// A visitor at the explorer.
struct Visitor<'a> {
    access: &'a Access,
    browser: Browser,
    page: Visit,
}

impl<'a> Visitor<'a> {
    async fn arrives(access: &'a Access) -> Self {
        let mut browser = Browser::new();
        let page = browser.get(&format!("{}/explorer", access.tenant.issuer)).await;
        assert_eq!(page.status, 200, "{}", page.body);
        Self { access, browser, page }
    }

    /// Presses a button with these fields filled in; hidden fields go along.
    async fn send(&mut self, fields: &[(&str, &str)]) {
        let kept = self.page.form_with("run").fields;
        let kept = kept.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let kept: Vec<_> = kept.filter(|(name, _)| !fields.iter().any(|(known, _)| known == name)).collect();
        let fields: Vec<_> = kept.into_iter().chain(fields.iter().copied()).collect();
        let url = format!("{}/explorer?ui_locales=en", self.access.tenant.issuer);
        self.page = self.browser.post(&url, &fields).await;
    }

    async fn go(&mut self, task: &str) {
        self.send(&[("go", task)]).await;
    }

    async fn run(&mut self, fields: &[(&str, &str)]) {
        let fields: Vec<_> = fields.iter().copied().chain([("run", "run")]).collect();
        self.send(&fields).await;
    }

    fn text(&self, id: &str) -> String {
        text_of(&self.page, id)
    }

    fn token(&self) -> String {
        hidden(&self.page.body, "token_box").expect("a token box")
    }

    fn status(&self) -> &str {
        let at = self.page.body.find("data-status=\"").unwrap_or_else(|| panic!("no call:\n{}", self.page.body));
        &self.page.body[at + "data-status=\"".len()..][..3]
    }
}

/// The text of an element without elements in it.
fn text_of(page: &Visit, id: &str) -> String {
    let from = page.body.find(&format!(" id=\"{id}\"")).unwrap_or_else(|| panic!("no {id} in:\n{}", page.body));
    let rest = page.body[from..].split_once('>').map(|(_, rest)| rest).unwrap_or_default();
    let text = rest.split_once('<').map(|(text, _)| text).unwrap_or_default();
    let plain = [("&#34;", "\""), ("&#39;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&#38;", "&"), ("&amp;", "&")];
    plain.iter().fold(text.to_owned(), |text, (entity, character)| text.replace(entity, character))
}

#[tokio::test(flavor = "multi_thread")]
async fn fa_12_the_token_box_takes_a_clients_and_a_users_token() {
    let access = Access::start().await;
    let (id, secret) = (access.partner.client_id.as_str(), access.partner.secret.as_str());
    let mut visitor = Visitor::arrives(&access).await;
    assert!(visitor.page.body.contains("QUICK AUTH"));
    visitor.run(&[("client_id", id), ("client_secret", secret)]).await;
    assert_eq!(visitor.status(), "200", "{}", visitor.page.body);
    let client = visitor.token();
    assert!(access.is_active(&client).await, "the answer's token is in the box");
    visitor.go("create_user").await;
    assert_eq!(visitor.token(), client, "and stays there from task to task");
    visitor.run(&[("id", "username"), ("password", PASSWORD), ("email", "email@localhost.de")]).await;
    assert_eq!(visitor.status(), "201", "{}", visitor.page.body);
    visitor.go("get_user_token").await;
    assert_eq!(hidden(&visitor.page.body, "client_id").as_deref(), Some(id), "who the client is goes along");
    assert_eq!(hidden(&visitor.page.body, "username").as_deref(), Some("username"), "and who the user is");
    visitor.run(&[("client_secret", secret), ("password", PASSWORD)]).await;
    assert_eq!(visitor.status(), "200", "{}", visitor.page.body);
    let user = visitor.token();
    assert_ne!(user, client);
    visitor.go("get_user").await;
    visitor.run(&[]).await;
    assert_eq!(visitor.status(), "200", "{}", visitor.page.body);
    assert!(visitor.text("body").contains("\"id\": \"username\""), "{}", visitor.page.body);
    // One's own token, of either kind.
    visitor.go("get_client_configuration").await;
    visitor.run(&[("token_box", &client)]).await;
    assert_eq!(visitor.status(), "200");
    visitor.run(&[("token_box", &user)]).await;
    assert_eq!(visitor.status(), "403");
}

#[tokio::test(flavor = "multi_thread")]
async fn fa_13_tasks_have_names_and_no_paths() {
    let access = Access::start().await;
    let page = Visitor::arrives(&access).await.page.body;
    for task in ["Get client token", "Create user", "Get user token"] {
        assert!(page.contains(task), "{task}");
    }
    for low in ["/oauth/token", "POST ", "grant_type", "Content-Type", "application/"] {
        assert!(!page.contains(low), "{low}");
    }
    let mut german = Browser::new();
    let page = german.get(&format!("{}/explorer?ui_locales=de", access.tenant.issuer)).await;
    assert!(page.body.contains("Client-Token holen") && page.body.contains("<html lang=\"de\""));
}

/// Runs the text in a shell, as whoever copied it does.
fn in_bash(curl: &str) -> String {
    let output = std::process::Command::new("bash").arg("-c").arg(curl).env_remove("http_proxy").output();
    let output = output.expect("bash");
    assert!(output.status.success(), "{curl}\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

#[tokio::test(flavor = "multi_thread")]
async fn fa_14_the_exact_curl_is_beside_the_headers() {
    let access = Access::start().await;
    let mut visitor = Visitor::arrives(&access).await;
    visitor.run(&[("client_id", &access.partner.client_id), ("client_secret", &access.partner.secret)]).await;
    let headers = visitor.text("headers");
    for line in ["content-type: application/json", "cache-control: no-store", "x-request-id: "] {
        assert!(headers.contains(line), "{headers}");
    }
    let curl = visitor.text("curl");
    let expected = format!(
        "curl -i -X POST '{}/oauth/token' \\\n  -H 'Content-Type: application/x-www-form-urlencoded' \\\n  --data-raw \
         'grant_type=client_credentials&client_id={}&client_secret={}'",
        access.tenant.issuer, access.partner.client_id, access.partner.secret
    );
    assert_eq!(curl, expected);
    let answered = in_bash(&curl);
    assert!(answered.starts_with("HTTP/1.1 200 OK") && answered.contains("\"token_type\":\"bearer\""), "{answered}");
}

#[tokio::test(flavor = "multi_thread")]
async fn fa_15_the_curl_runs_unchanged_whatever_was_typed() {
    let access = Access::start().await;
    let token = access.client_token().await;
    let mut visitor = Visitor::arrives(&access).await;
    visitor.go("create_user").await;
    let nasty = "it's $HOME `id` \"x\" \\ & é";
    let fields = [("token_box", token.as_str()), ("id", "first"), ("password", nasty), ("isAutoUpdateEnabled", "true")];
    visitor.run(&fields).await;
    assert_eq!(visitor.status(), "201", "{}", visitor.page.body);
    let curl = visitor.text("curl").replace("\"first\"", "\"second\"");
    let answered = in_bash(&curl);
    assert!(answered.starts_with("HTTP/1.1 201 Created"), "{answered}");
    let body: Value = serde_json::from_str(answered.split_once("\r\n\r\n").expect("a body").1).expect("JSON");
    assert_eq!((body["password"].as_str(), body["isAutoUpdateEnabled"].as_bool()), (Some(nasty), Some(true)));
    access.user_token("second", nasty).await;

    let collection = access.get("/explorer/postman.json").await;
    assert!(collection.header("content-disposition").starts_with("attachment"));
    let collection = collection.json();
    assert_eq!(collection["info"]["schema"], "https://schema.getpostman.com/json/collection/v2.1.0/collection.json");
    let items = collection["item"].as_array().expect("items");
    assert!(items.iter().any(|item| item["name"] == "Get user token"), "{collection}");
    let document = access.get("/explorer/openapi.json").await.json();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["servers"][0]["url"], access.tenant.issuer.as_str());
    let token = &document["paths"]["/oauth/token"]["post"]["requestBody"]["content"];
    assert_eq!(token["application/x-www-form-urlencoded"]["schema"]["oneOf"].as_array().map(Vec::len), Some(2));
    assert!(document["paths"]["/users"]["post"]["responses"]["201"].is_object(), "{document}");
}

#[tokio::test(flavor = "multi_thread")]
async fn fa_30_a_browser_without_scripts_lacks_nothing() {
    let access = Access::start().await;
    let mut visitor = Visitor::arrives(&access).await;
    visitor.run(&[("client_id", "nobody"), ("client_secret", "nothing")]).await;
    assert_eq!(visitor.status(), "401", "{}", visitor.page.body);
    assert!(!visitor.page.body.contains("<script"));
    let policy = visitor.page.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_is_secret_comes_back_but_in_the_curl() {
    let access = Access::start().await;
    let mut visitor = Visitor::arrives(&access).await;
    let secret = "canary-of-the-explorer";
    visitor.run(&[("client_id", "nobody"), ("client_secret", secret)]).await;
    assert_eq!(visitor.page.body.matches(secret).count(), 1, "{}", visitor.page.body);
    assert_eq!(visitor.page.header("cache-control"), "no-store");
    visitor.go("create_user").await;
    assert!(!visitor.page.body.contains(secret));
    access.world.settle().await;
    let folder = access.0.world.stop().await;
    for entry in std::fs::read_dir(folder.path().join("db")).expect("the databases") {
        let bytes = std::fs::read(entry.expect("a file").path()).expect("a file");
        assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_site_sends_nothing_through_a_visitor() {
    let access = Access::start().await;
    let url = format!("{}/explorer", access.tenant.issuer);
    let fields = [
        ("task", "get_client_token"),
        ("run", "run"),
        ("client_id", access.partner.client_id.as_str()),
        ("client_secret", access.partner.secret.as_str()),
    ];
    let mut browser = Browser::new();
    let page = browser.get(&url).await;
    let ours = hidden(&page.body, "csrf").expect("a form token");
    // Without the form's token, with a made-up one, with a good one in another browser.
    let made_up = "0".repeat(64);
    for (token, mut browser) in [("", browser), (made_up.as_str(), Browser::new()), (&ours, Browser::new())] {
        let fields: Vec<_> = fields.iter().copied().chain([("csrf", token)]).collect();
        let refused = browser.post(&url, &fields).await;
        assert_eq!(refused.status, 400, "{}", refused.body);
        assert!(!refused.body.contains("access_token") && !refused.body.contains("data-status"), "{}", refused.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_calls_nobody_but_this_tenant() {
    let access = Access::start().await;
    let other = access.world.tenant("openid").await;
    let mut visitor = Visitor::arrives(&access).await;
    // A path that is typed is a part of a path; a task that the tenant has not is no task.
    visitor.go("verify_user").await;
    let token = access.client_token().await;
    let typed = format!("../../t/{}/oauth/token?x=#", other.slug);
    visitor.run(&[("token_box", &token), ("userId", &typed)]).await;
    assert_eq!(visitor.status(), "404");
    let curl = visitor.text("curl");
    assert!(curl.contains("/users/verify/..%2F..%2Ft%2Fopenid%2Foauth%2Ftoken%3Fx%3D%23'"), "{curl}");
    visitor.go("get_userinfo").await;
    assert_eq!(text_of(&visitor.page, "task-title"), "Get client token", "it has no such task");
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_through_the_explorer_count_like_any_others() {
    let access = Access::start().await;
    let mut visitor = Visitor::arrives(&access).await;
    let id = access.partner.client_id.clone();
    for _ in 0..30 {
        visitor.run(&[("client_id", &id), ("client_secret", "a wrong guess")]).await;
    }
    visitor.run(&[("client_id", &id), ("client_secret", &access.partner.secret)]).await;
    assert_eq!(visitor.status(), "429", "{}", visitor.page.body);
}
