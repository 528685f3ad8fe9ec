use grantor_testkit::{AuthorizeUrl, Browser, Partner, PartnerTenant, Person, Settings, Tokens, Visit, World};
use reqwest::{Client, Method, header::HeaderMap, redirect::Policy};
use serde_json::Value;

/// A world with one tenant, one approved client and one person.
pub struct Scene {
    /// The platform.
    pub world: World,
    /// The tenant.
    pub tenant: PartnerTenant,
    /// The client.
    pub partner: Partner,
    /// The person.
    pub person: Person,
    http: Client,
}

/// An answer to a program.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: String,
}

impl Answer {
    /// The body as JSON; null when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or(Value::Null)
    }

    /// A header, empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The `error` member of its body.
    pub fn error(&self) -> String {
        self.json()["error"].as_str().unwrap_or_default().to_owned()
    }
}

impl Scene {
    /// Of a tenant with this preset.
    pub async fn of(preset: &str) -> Self {
        Self::with(Settings::default(), preset).await
    }

    /// In another kind of world.
    pub async fn with(settings: Settings, preset: &str) -> Self {
        let world = World::with(settings).await;
        let tenant = world.tenant(preset).await;
        Self::at(world, tenant).await
    }

    /// In a world and at a tenant that are there.
    pub async fn at(world: World, tenant: PartnerTenant) -> Self {
        let partner = world.partner(&tenant).await;
        let person = world.person(&tenant, "grace@example.com").await;
        let http = Client::builder().redirect(Policy::none()).build().expect("an HTTP client");
        Self { world, tenant, partner, person, http }
    }

    /// The same with another client.
    pub fn as_partner(self, partner: Partner) -> Self {
        Self { partner, ..self }
    }

    /// The same with another person.
    pub fn as_person(self, person: Person) -> Self {
        Self { person, ..self }
    }

    /// The tenant of the Financefeast guide.
    pub async fn financefeast() -> Self {
        Self::of("financefeast").await
    }

    /// The default that every OpenID Connect library speaks to.
    pub async fn openid() -> Self {
        Self::of("openid").await
    }

    /// An authorization request of the client.
    pub fn url(&self, scope: &str) -> AuthorizeUrl {
        AuthorizeUrl::new(&self.tenant, &self.partner, scope)
    }

    /// The client at its endpoints.
    pub fn tokens(&self) -> Tokens<'_> {
        Tokens::new(&self.tenant, &self.partner)
    }

    /// A browser in which the person has logged in and approved this scope.
    pub async fn approved(&self, scope: &str) -> Browser {
        let mut browser = Browser::new();
        browser.code(&self.url(scope), &self.person).await;
        browser
    }

    /// A fresh code for this scope.
    pub async fn code(&self, scope: &str) -> String {
        Browser::new().code(&self.url(scope), &self.person).await
    }

    /// The answer to a whole flow: login, approval, exchange.
    ///
    /// # Panics
    /// When the exchange is refused.
    pub async fn token(&self, scope: &str) -> Value {
        let (status, body) = self.tokens().exchange(&self.code(scope).await, &[]).await;
        assert_eq!(status, 200, "{body}");
        body
    }

    /// The answer to the exchange of a flow that a browser goes through with this URL.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn token_by(&self, browser: &mut Browser, url: &AuthorizeUrl) -> Value {
        let code = browser.code(url, &self.person).await;
        let (status, body) = self.tokens().exchange(&code, &[]).await;
        assert_eq!(status, 200, "{body}");
        body
    }

    /// What a browser gets for a URL, redirects of our own followed.
    pub async fn visit(&self, browser: &mut Browser, url: &AuthorizeUrl) -> Visit {
        let visit = browser.get(&url.url()).await;
        browser.follow(visit).await
    }

    /// Fetches a path of the tenant.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], None).await
    }

    /// Posts a form to a path of the tenant.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let form = [("content-type", "application/x-www-form-urlencoded")];
        self.send(Method::POST, path, &form, Some(body)).await
    }

    /// Sends a request to a path of the tenant, or to a URL.
    pub async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Option<String>) -> Answer {
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.tenant.issuer) };
        let mut request = self.http.request(method, url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        let answer = request.send().await.expect("an answer");
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Answer { status, headers, body: answer.text().await.expect("a body") }
    }

    /// What the tenant's API says to a token.
    pub async fn api(&self, token: &str) -> Answer {
        let url = format!("{}/data/eod?ticker=air.nz", self.tenant.api);
        let bearer = format!("Bearer {token}");
        self.send(Method::GET, &url, &[("accept", "application/json"), ("authorization", &bearer)], None).await
    }

    /// Whether a token is worth anything to the client that has it.
    pub async fn is_active(&self, token: &str) -> bool {
        self.tokens().introspect(token).await["active"] == true
    }

    /// A command of an operator, over the admin API: `…/approve`, `…/suspend`.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn operator(&self, method: &str, below: &str, body: Option<Value>) -> Value {
        let (status, answer) = self.try_operator(method, below, body).await;
        assert!((200..300).contains(&status), "{method} {below}: {status} {answer}");
        answer
    }

    /// The same, whatever comes of it.
    pub async fn try_operator(&self, method: &str, below: &str, body: Option<Value>) -> (u16, Value) {
        let path = format!("/admin/v1/tenants/{}{below}", self.tenant.slug);
        self.world.admin(method, &path, body).await
    }
}

/// The state that a page shows for a client (`data-state`), empty when it shows none.
pub fn state_of<'v>(page: &'v Visit, client_id: &str) -> &'v str {
    let Some(at) = page.body.find(&format!("data-client=\"{client_id}\"")) else { return "" };
    let rest = &page.body[at..];
    rest.split("data-state=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default()
}
