//! Twins of each guide: what one tenant issued is worth nothing at another that follows the same
//! guide, byte for byte the same way (C31, I13).

use base64::{Engine, engine::general_purpose::STANDARD};
use grantor_oauth::ClientAuthMethod;
use grantor_profile::{Endpoint, Profile};
use grantor_testkit::{AuthorizeUrl, Browser, Partner, PartnerTenant, Person, World, hidden};
use grantor_tests_isolation::{Ask, Reply, send};
use serde_json::{Value, json};

/// One of two tenants, with all that a thief could have stolen there. Everything is alive.
struct Side {
    tenant: PartnerTenant,
    profile: Profile,
    partner: Partner,
    person: Person,
    /// A code nobody has redeemed, where there are codes.
    code: Option<String>,
    access: String,
    refresh: Option<String>,
    /// The account that access is given to, where there are accounts.
    account: Option<String>,
    /// A client's own token, where clients speak for themselves.
    client: Option<String>,
    cookies: Vec<(String, String)>,
}

/// A user that a client has made, where clients make users.
const MADE: (&str, &str) = ("made-by-a-client", "correct horse");

async fn ask(base: &str, ask: Ask) -> Reply {
    let host = base.trim_start_matches("http://");
    send(host.parse().expect("an address"), &ask.host(host)).await.expect("an answer")
}

fn text(document: &Value, name: &str) -> String {
    document[name].as_str().unwrap_or_else(|| panic!("no {name} in {document}")).to_owned()
}

impl Side {
    async fn of(world: &World, slug: &str, preset: &str) -> Self {
        let tenant = world.tenant_with(slug, preset, |_| {}).await;
        let partner = world.partner_with(&tenant, |client| client.password_grant = true).await;
        let person = world.person(&tenant, "grace@example.com").await;
        let profile = Profile::preset(preset).expect("a preset");
        let mut side = Self {
            tenant,
            profile,
            partner,
            person,
            code: None,
            access: String::new(),
            refresh: None,
            account: None,
            client: None,
            cookies: Vec::new(),
        };
        if side.profile.users_api.is_some() {
            side.as_a_client_of_users().await;
        } else {
            side.with_codes(world).await;
        }
        side
    }

    async fn with_codes(&mut self, world: &World) {
        let mut browser = Browser::new();
        let code = self.new_code(world, &mut browser).await;
        let tokens = self.redeem(&code).await;
        assert_eq!(tokens.status, 200, "{}", tokens.body);
        let tokens = tokens.json();
        self.access = text(&tokens, "access_token");
        self.refresh = tokens["refresh_token"].as_str().map(str::to_owned);
        self.account = tokens["account_id"].as_str().map(str::to_owned);
        self.code = Some(self.new_code(world, &mut browser).await);
        let jar = browser.cookies("127.0.0.1").into_iter();
        self.cookies = jar.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    }

    async fn new_code(&self, world: &World, browser: &mut Browser) -> String {
        if self.profile.paths.authorize.is_some() {
            let scope = self.profile.scopes.catalogue.first().map(|entry| entry.name.clone()).unwrap_or_default();
            return browser.code(&AuthorizeUrl::new(&self.tenant, &self.partner, &scope), &self.person).await;
        }
        let pair = STANDARD.encode(format!("{}:{}", self.partner.client_id, self.partner.secret));
        let body = json!({ "redirect_uri": self.partner.redirect_uri }).to_string();
        let start = Ask::new("POST", "/onetime/access").header("authorization", format!("Basic {pair}"));
        let started = ask(&self.tenant.issuer, start.body("application/json", body)).await;
        let back = browser.through_the_widget(world, &text(&started.json(), "location")).await;
        back.returned("code").unwrap_or_else(|| panic!("no code: {}", back.body))
    }

    async fn as_a_client_of_users(&mut self) {
        let token = self.form(Endpoint::Token, &[("grant_type", "client_credentials")], &self.partner).await;
        let client = text(&token.json(), "access_token");
        let body = json!({ "id": MADE.0, "password": MADE.1 }).to_string();
        let made = self.bearer("POST", "/users", &client, &body).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let token = self.log_in().await;
        assert_eq!(token.status, 200, "{}", token.body);
        self.access = text(&token.json(), "access_token");
        self.client = Some(client);
    }

    /// The made user's password, at this tenant and by its client.
    async fn log_in(&self) -> Reply {
        let login = [("grant_type", "password"), ("username", MADE.0), ("password", MADE.1)];
        self.form(Endpoint::Token, &login, &self.partner).await
    }

    /// A form at one of this tenant's endpoints, sent by a client of whichever tenant.
    async fn form(&self, endpoint: Endpoint, fields: &[(&str, &str)], client: &Partner) -> Reply {
        let path = self.profile.path_of(endpoint).expect("the guide has it");
        let request = Ask::new("POST", path);
        let (id, secret) = (client.client_id.as_str(), client.secret.as_str());
        let request = if self.profile.token_request.client_auth.contains(&ClientAuthMethod::ClientSecretPost) {
            let own = [("client_id", id), ("client_secret", secret)];
            request.form(&fields.iter().copied().chain(own).collect::<Vec<_>>())
        } else {
            request.basic(id, secret).form(fields)
        };
        ask(&self.tenant.issuer, request).await
    }

    async fn redeem(&self, code: &str) -> Reply {
        self.redeem_as(code, &self.partner).await
    }

    async fn redeem_as(&self, code: &str, client: &Partner) -> Reply {
        let fields =
            [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", &self.partner.redirect_uri)];
        self.form(Endpoint::Token, &fields, client).await
    }

    async fn introspect(&self, token: &str) -> Reply {
        self.form(Endpoint::Introspect, &[("token", token)], &self.partner).await
    }

    /// A call at the issuer with a token; with a body, in JSON.
    async fn bearer(&self, method: &str, path: &str, token: &str, body: &str) -> Reply {
        let request = Ask::new(method, path).header("authorization", format!("Bearer {token}"));
        let request = if body.is_empty() { request } else { request.body("application/json", body) };
        ask(&self.tenant.issuer, request).await
    }

    /// Everything that was stolen, in turn.
    fn tokens(&self) -> impl Iterator<Item = &str> {
        [Some(&self.access), self.refresh.as_ref(), self.client.as_ref()].into_iter().flatten().map(String::as_str)
    }
}

fn refused(answer: &Reply, status: u16, error: &str, what: &str) {
    assert_eq!((answer.status, answer.json()["error"].as_str()), (status, Some(error)), "{what}: {answer:?}");
}

/// Codes, tokens and credentials of `from`, at every endpoint of `to`.
async fn wire(from: &Side, to: &Side) {
    if let Some(code) = &from.code {
        refused(&to.redeem(code).await, 400, "invalid_grant", "a code");
    }
    if let Some(refresh) = &from.refresh {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
        refused(&to.form(Endpoint::Token, &fields, &to.partner).await, 400, "invalid_grant", "a refresh token");
    }
    for token in from.tokens() {
        assert_eq!(to.introspect(token).await.body, r#"{"active":false}"#);
        for path in ["/data/eod?ticker=air.nz", "/customers", "/accounts"] {
            let call = Ask::new("GET", path).header("authorization", format!("Bearer {token}"));
            assert_eq!(ask(&to.tenant.api, call).await.status, 401, "{path}");
        }
        let userinfo = to.profile.path_of(Endpoint::Userinfo).expect("every guide has the path");
        assert_eq!(to.bearer("GET", userinfo, token, "").await.status, 401);
        revoke(to, token).await;
    }
    // Credentials: as they are, and with the id that is known here.
    let borrowed = Partner { client_id: to.partner.client_id.clone(), ..from.partner.clone() };
    for stranger in [&from.partner, &borrowed] {
        let answer = match &to.code {
            Some(code) => to.redeem_as(code, stranger).await,
            None => to.form(Endpoint::Token, &[("grant_type", "client_credentials")], stranger).await,
        };
        refused(&answer, 401, "invalid_client", "credentials");
        let answer = to.form(Endpoint::Introspect, &[("token", &to.access)], stranger).await;
        refused(&answer, 401, "invalid_client", "credentials at introspection");
    }
}

/// Whatever the guide answers to a token that is none: the token lives on at home.
async fn revoke(to: &Side, token: &str) {
    let mine = to.client.as_deref().unwrap_or_default();
    let by_bearer = Ask::new("POST", to.profile.path_of(Endpoint::Revoke).expect("a path"))
        .header("authorization", format!("Bearer {mine}"))
        .form(&[("token", token)]);
    let answers = [
        to.form(Endpoint::Revoke, &[("token", token)], &to.partner).await,
        to.form(Endpoint::Revoke, &[("refresh_token", token)], &to.partner).await,
        ask(&to.tenant.issuer, by_bearer).await,
    ];
    for answer in answers {
        assert!(answer.status < 500, "{answer:?}");
    }
}

/// A signed-in browser of `from` is nobody at `to`.
async fn pages(from: &Side, to: &Side) {
    for path in ["/apps", "/", "/oauth/create_client"] {
        let stolen = ask(&to.tenant.issuer, Ask::new("GET", path).page().cookies(&from.cookies)).await;
        let nobody = ask(&to.tenant.issuer, Ask::new("GET", path).page()).await;
        assert_eq!(stolen.status, nobody.status, "{path}");
        assert!(!stolen.body.contains("Grace Hopper"), "{path}: {}", stolen.body);
    }
}

/// The platform's own resources, where its secret is an API key.
async fn platforms(from: &Side, to: &Side) {
    if !to.profile.clients.secret_is_api_key {
        return;
    }
    let list = format!("/platforms/{}/accounts", to.partner.client_id);
    let theirs = format!("/platforms/{}/accounts", from.partner.client_id);
    for key in [&from.partner.secret, &from.access] {
        for path in [&list, &theirs] {
            assert_eq!(to.bearer("GET", path, key, "").await.status, 401, "{path}");
        }
    }
    let mine = &to.partner.secret;
    assert_eq!(to.bearer("GET", &theirs, mine, "").await.status, 401);
    let account = from.account.as_deref().expect("an account");
    let listed = to.bearer("GET", &list, mine, "").await;
    let own = to.account.as_deref().expect("an account");
    assert!(listed.status == 200 && listed.body.contains(own) && !listed.body.contains(account), "{listed:?}");
    assert_eq!(to.bearer("DELETE", &format!("{list}/{account}"), mine, "").await.status, 404);
    let stolen = [("refresh_token", from.refresh.as_deref().unwrap_or("x"))];
    let revoked = to.form(Endpoint::Revoke, &stolen, &to.partner).await;
    assert_eq!(revoked.status, 400, "the guide's own revocation");
}

/// The users of clients, where there are any: the other's tokens open nothing, and the other's user
/// is not there. Both tenants have a user of the same name.
async fn users(from: &Side, to: &Side) {
    let (Some(client), Some(mine)) = (&from.client, &to.client) else { return };
    let body = json!({ "id": "thief", "password": "a password" }).to_string();
    assert_eq!(to.bearer("POST", "/users", client, &body).await.status, 401);
    for (method, path, body) in [
        ("GET", "/users".to_owned(), String::new()),
        ("DELETE", "/users".to_owned(), String::new()),
        ("DELETE", format!("/users/{}", MADE.0), String::new()),
        ("POST", format!("/users/verify/{}", MADE.0), "{}".to_owned()),
        ("GET", format!("/users/verificationStatus?userId={}", MADE.0), String::new()),
        ("POST", "/users/requestPasswordChange".to_owned(), json!({ "userId": MADE.0 }).to_string()),
    ] {
        for token in [client, &from.access] {
            assert_eq!(to.bearer(method, &path, token, &body).await.status, 401, "{method} {path}");
        }
    }
    // A user that only the one tenant has.
    let only = json!({ "id": format!("only-{}", from.tenant.slug), "password": "correct horse" }).to_string();
    let made = from.bearer("POST", "/users", client, &only).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let gone = to.bearer("DELETE", &format!("/users/only-{}", from.tenant.slug), mine, "").await;
    assert_eq!(gone.status, 404, "{}", gone.body);
    let name = format!("only-{}", from.tenant.slug);
    let login = [("grant_type", "password"), ("username", name.as_str()), ("password", "correct horse")];
    refused(&to.form(Endpoint::Token, &login, &to.partner).await, 400, "invalid_grant", "a password");
}

/// At home everything that was tried elsewhere still works: nothing was refused because it was dead.
async fn still_alive(side: &Side) {
    for token in side.tokens() {
        assert_eq!(side.introspect(token).await.json()["active"], true, "{}", side.tenant.slug);
    }
    if let Some(code) = &side.code {
        assert_eq!(side.redeem(code).await.status, 200);
    }
    if let Some(refresh) = &side.refresh {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
        assert_eq!(side.form(Endpoint::Token, &fields, &side.partner).await.status, 200);
    }
    if side.client.is_some() {
        assert_eq!(side.log_in().await.status, 200);
    }
    if side.profile.paths.authorize.is_some() {
        let apps = ask(&side.tenant.issuer, Ask::new("GET", "/apps").page().cookies(&side.cookies)).await;
        assert!(hidden(&apps.body, "csrf").is_some() && apps.body.contains("Portfolio Planner"), "{}", apps.body);
    }
}

async fn strangers(preset: &str) {
    let world = World::start().await;
    let a = Side::of(&world, "castor", preset).await;
    let b = Side::of(&world, "pollux", preset).await;
    for (from, to) in [(&a, &b), (&b, &a)] {
        wire(from, to).await;
        pages(from, to).await;
        platforms(from, to).await;
        users(from, to).await;
    }
    still_alive(&a).await;
    still_alive(&b).await;
}

#[tokio::test]
async fn twins_of_financefeast_are_strangers() {
    strangers("financefeast").await;
}

#[tokio::test]
async fn twins_of_finexer_are_strangers() {
    strangers("finexer").await;
}

#[tokio::test]
async fn twins_of_finapi_are_strangers() {
    strangers("finapi").await;
}

#[tokio::test]
async fn twins_of_the_textbook_are_strangers() {
    strangers("generic").await;
}

#[tokio::test]
async fn twins_of_finx_are_strangers() {
    strangers("finx").await;
}
