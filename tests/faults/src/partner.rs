use std::{
    net::{IpAddr, Ipv4Addr},
    time::Duration,
};

use grantor_ports::{EntropyExt, OsEntropy};
use reqwest::{Client, Method, RequestBuilder, Response, redirect::Policy};
use serde_json::{Value, json};

use crate::{Answer, Gateway, Outcome, Page, judge_calls::trace_of};

/// No answer to count on: the connection died before it was there, or it was 503.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// What was seen.
    pub reason: String,
}

impl From<reqwest::Error> for Lost {
    fn from(cause: reqwest::Error) -> Self {
        let mut reason = cause.to_string();
        let mut source = std::error::Error::source(&cause);
        while let Some(cause) = source {
            reason = format!("{reason}: {cause}");
            source = cause.source();
        }
        Self { reason }
    }
}

impl Lost {
    /// Something else came.
    pub(crate) fn instead(answer: &impl std::fmt::Debug) -> Self {
        Self { reason: format!("{answer:?}") }
    }

    /// A page that says that the service is busy.
    pub(crate) fn busy(page: &Page) -> Self {
        Self { reason: format!("{} at {}", page.status, page.url) }
    }
}

/// The demo's client at one of its tenants, and the operator beside it. Whatever happens to a
/// connection, it is an answer.
#[derive(Clone)]
pub struct Partner {
    gateway: Gateway,
    /// The tenant's slug.
    pub slug: String,
    /// The tenant's issuer.
    pub issuer: String,
    /// The demo client's id.
    pub client_id: String,
    /// Its secret.
    pub secret: String,
    /// Where codes go.
    pub redirect_uri: String,
    admin: String,
    operator_token: String,
}

impl Partner {
    /// The client at this tenant of a demo.
    ///
    /// # Panics
    /// When the demo's document has no such tenant.
    pub fn of(demo: &Value, slug: &str) -> Self {
        Self::at(demo, slug, Gateway::direct())
    }

    /// The same, where each service is a process of its own.
    ///
    /// # Panics
    /// When the demo's document has no such tenant.
    pub fn at(demo: &Value, slug: &str, gateway: Gateway) -> Self {
        let text = |pointer: String| demo.pointer(&pointer).and_then(Value::as_str).expect(&pointer).to_owned();
        let own = |name: &str| text(format!("/tenants/{slug}/{name}"));
        Self {
            gateway,
            slug: slug.to_owned(),
            issuer: own("issuer"),
            client_id: own("client_id"),
            secret: own("client_secret"),
            redirect_uri: own("redirect_uri"),
            admin: text("/admin".into()),
            operator_token: text("/operator_token".into()),
        }
    }

    /// The URL that a person is sent to.
    pub fn authorize_url(&self, scope: &str) -> String {
        let pairs = [
            ("response_type", "code"),
            ("client_id", &self.client_id),
            ("redirect_uri", &self.redirect_uri),
            ("scope", scope),
            ("state", "a-state-that-is-long-enough"),
        ];
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        format!("{}/oauth/authorize?{query}", self.issuer)
    }

    /// A code for tokens.
    pub async fn exchange(&self, code: &str) -> Result<Outcome, Lost> {
        let fields = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", &self.redirect_uri)];
        self.tokens(&fields, code).await
    }

    /// A refresh token for its successor.
    pub async fn refresh(&self, token: &str) -> Result<Outcome, Lost> {
        self.tokens(&[("grant_type", "refresh_token"), ("refresh_token", token)], token).await
    }

    /// Whether a token is active.
    pub async fn introspect(&self, token: &str) -> Result<Outcome, Lost> {
        let (status, body) = self.form("/oauth/introspect", &[("token", token)]).await?;
        Ok(outcome(status, &body, || Answer::Active(body["active"] == true)))
    }

    /// Gives a token back.
    pub async fn revoke(&self, token: &str) -> Result<Outcome, Lost> {
        let (status, body) = self.traced("/oauth/revoke", &[("token", token)], token).await?;
        Ok(outcome(status, &body, || Answer::Done))
    }

    /// The operator makes a client; it is approved from birth.
    pub async fn make_client(&self, name: &str) -> Result<(u16, Value), Lost> {
        let body = json!({
            "name": name, "kind": "confidential", "website": "https://client.example",
            "redirect_uris": ["https://client.example/callback"], "scopes": ["openid"],
        });
        self.admin("POST", &format!("/admin/v1/tenants/{}/clients", self.slug), Some(&body)).await
    }

    /// The operator lets a client be used.
    pub async fn approve(&self, client_id: &str) -> Result<Outcome, Lost> {
        let path = format!("/admin/v1/tenants/{}/clients/{client_id}/approve", self.slug);
        let (status, body) = self.admin("POST", &path, None).await?;
        Ok(outcome(status, &body, || Answer::Done))
    }

    /// How far a client is.
    pub async fn look(&self, client_id: &str) -> Result<Outcome, Lost> {
        let path = format!("/admin/v1/tenants/{}/clients/{client_id}", self.slug);
        let (status, body) = self.admin("GET", &path, None).await?;
        Ok(outcome(status, &body, || Answer::State(body["state"].as_str().unwrap_or_default().to_owned())))
    }

    /// A call of the admin API: status and document.
    pub async fn admin(&self, method: &str, path: &str, body: Option<&Value>) -> Result<(u16, Value), Lost> {
        let method: Method = method.parse().expect("a method");
        let request =
            self.gateway.http().request(method, format!("{}{path}", self.admin)).bearer_auth(&self.operator_token);
        answer(if let Some(body) = body { request.json(body) } else { request }).await
    }

    /// The same with another operator's token.
    #[must_use]
    pub fn with_operator_token(&self, token: &str) -> Self {
        Self { operator_token: token.to_owned(), ..self.clone() }
    }

    /// A resource asked for with a bearer token; one that ends in `=` gets the token there too.
    pub async fn bearer(&self, method: Method, path: &str, token: &str) -> Result<(u16, Value), Lost> {
        let more = if path.ends_with('=') { token } else { "" };
        answer(self.gateway.request(method, &format!("{}{path}{more}", self.issuer)).bearer_auth(token)).await
    }

    /// Any body at all, with the client's credentials in the header.
    pub async fn raw(&self, url: &str, content_type: &str, body: &str) -> Result<(u16, Value), Lost> {
        let request = self.gateway.request(Method::POST, url).basic_auth(&self.client_id, Some(&self.secret));
        answer(request.header("content-type", content_type).body(body.to_owned())).await
    }

    /// What the admin listener says at a path that is no document.
    pub async fn page(&self, path: &str) -> Result<String, Lost> {
        Ok(self.gateway.http().get(format!("{}{path}", self.admin)).send().await?.text().await?)
    }

    /// The code in the newest mail to an address, once it is there and another than this.
    ///
    /// # Panics
    /// When no mail comes.
    pub async fn mailed_code(&self, address: &str, other_than: &str) -> String {
        for _ in 0..400 {
            let found = self.admin("GET", &format!("/admin/v1/mails?to={address}"), None).await;
            let body = found.ok().and_then(|(_, mails)| Some(mails["items"][0]["body"].as_str()?.to_owned()));
            let is_code =
                |word: &&str| word.len() == 8 && word.bytes().all(|byte| byte.is_ascii_digit()) && *word != other_than;
            if let Some(code) = body.as_deref().unwrap_or_default().split_whitespace().find(is_code) {
                return code.to_owned();
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("no code for {address} after ten seconds")
    }

    /// A form with the client's credentials in it.
    pub async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Result<(u16, Value), Lost> {
        answer(self.filled(path, fields)).await
    }

    /// The same within a trace ([`trace_of`]), which what it leads to carries on.
    async fn traced(&self, path: &str, fields: &[(&str, &str)], about: &str) -> Result<(u16, Value), Lost> {
        let trace = format!("00-{}-0000000000000001-01", trace_of(about));
        answer(self.filled(path, fields).header("traceparent", trace)).await
    }

    fn filled(&self, path: &str, fields: &[(&str, &str)]) -> RequestBuilder {
        let own = [("client_id", self.client_id.as_str()), ("client_secret", &self.secret)];
        let pairs = fields.iter().copied().chain(own);
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let request = self.gateway.request(Method::POST, &format!("{}{path}", self.issuer));
        request.header("content-type", "application/x-www-form-urlencoded").body(body)
    }

    async fn tokens(&self, fields: &[(&str, &str)], about: &str) -> Result<Outcome, Lost> {
        let (status, body) = self.traced("/oauth/token", fields, about).await?;
        let text = |name: &str| body[name].as_str().map(str::to_owned);
        let access = text("access_token").unwrap_or_default();
        Ok(outcome(status, &body, || Answer::Tokens { access, refresh: text("refresh_token") }))
    }
}

/// A client that neither follows redirects nor waits for ever. It has a loopback address of its own:
/// what one address may ask for in an hour is limited, and a long run has many people.
pub(crate) fn http() -> Client {
    let [a, b, c, ..] = OsEntropy.uuid4().into_bytes();
    let address = Ipv4Addr::new(127, a, b, c.clamp(2, 254));
    let builder = Client::builder().redirect(Policy::none()).timeout(Duration::from_secs(30)).no_proxy();
    let builder = builder.local_address(IpAddr::from(address));
    // Shorter than servers keep an idle connection: on a busy machine one that is being closed would
    // look like an answer that was lost.
    builder.pool_idle_timeout(Duration::from_secs(1)).build().expect("an HTTP client")
}

async fn answer(request: RequestBuilder) -> Result<(u16, Value), Lost> {
    let answer = request.send().await?;
    check_busy(&answer)?;
    let status = answer.status().as_u16();
    Ok((status, serde_json::from_str(&answer.text().await?).unwrap_or(Value::Null)))
}

/// Whoever says 503 says when to come again (I15). A process that was stopped says 408 to what lay
/// there meanwhile: it has not looked at the request (RFC 9110, section 15.5.9), which is lost.
pub(crate) fn check_busy(answer: &Response) -> Result<(), Lost> {
    let silent = answer.status() == 503 && !answer.headers().contains_key("retry-after");
    assert!(!silent, "I15: 503 without Retry-After at {}", answer.url().path());
    if answer.status() == 408 { Err(Lost { reason: "408".to_owned() }) } else { Ok(()) }
}

fn outcome(status: u16, body: &Value, answer: impl FnOnce() -> Answer) -> Outcome {
    match status {
        200..=299 => Outcome::Acknowledged(answer()),
        400..=499 => Outcome::Refused(status),
        503 => Outcome::Unknown(format!("503: {body}")),
        _ => Outcome::Broken(status),
    }
}
