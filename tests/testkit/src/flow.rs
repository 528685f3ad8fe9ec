use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{Browser, Partner, PartnerTenant, Person, Visit};

/// An authorization request on its way to being a URL.
#[derive(Debug, Clone)]
pub struct AuthorizeUrl {
    endpoint: String,
    pairs: Vec<(String, String)>,
}

/// A PKCE pair (RFC 7636).
#[derive(Debug, Clone)]
pub struct Pkce {
    /// `code_verifier`.
    pub verifier: String,
    /// `code_challenge`, S256.
    pub challenge: String,
}

impl Pkce {
    /// The pair of this seed.
    pub fn of(seed: &str) -> Self {
        let verifier = URL_SAFE_NO_PAD.encode(Sha256::digest(seed.as_bytes()));
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
        Self { verifier, challenge }
    }
}

impl AuthorizeUrl {
    /// What a client of the code flow sends: `response_type`, `client_id`, `redirect_uri`,
    /// `scope`, `state`, `nonce`.
    pub fn new(tenant: &PartnerTenant, partner: &Partner, scope: &str) -> Self {
        Self::bare(&format!("{}{}", tenant.issuer, tenant.authorize))
            .with("response_type", "code")
            .with("client_id", &partner.client_id)
            .with("redirect_uri", &partner.redirect_uri)
            .with("scope", scope)
            .with("state", "Pxx5fVv8sMue8eymdg1hhCtkvERe0Z")
            .with("nonce", "0jUUjAJskDY4ivq5CgvY")
    }

    /// A request to this endpoint without any parameter.
    pub fn bare(endpoint: &str) -> Self {
        Self { endpoint: endpoint.to_owned(), pairs: Vec::new() }
    }

    /// With a parameter, replaced if it is there.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.pairs.retain(|(known, _)| known != name);
        self.pairs.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Without a parameter.
    pub fn without(mut self, name: &str) -> Self {
        self.pairs.retain(|(known, _)| known != name);
        self
    }

    /// With a PKCE challenge.
    pub fn pkce(self, pkce: &Pkce) -> Self {
        self.with("code_challenge", &pkce.challenge).with("code_challenge_method", "S256")
    }

    /// Its parameters.
    pub fn pairs(&self) -> Vec<(&str, &str)> {
        self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    /// The endpoint without the query.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The URL.
    pub fn url(&self) -> String {
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.pairs).finish();
        format!("{}?{query}", self.endpoint)
    }
}

impl Browser {
    /// Goes to an authorize URL and does what the pages ask: logs in, approves. Answers the
    /// visit that leads back to the client (or to an error page).
    pub async fn authorize(&mut self, url: &AuthorizeUrl, person: &Person) -> Visit {
        let visit = self.get(&url.url()).await;
        let mut visit = self.follow(visit).await;
        for _ in 0..4 {
            visit = if visit.has_button("login") {
                let filled = [("username", person.email.as_str()), ("password", person.password.as_str())];
                self.press(&visit, "login", &filled).await
            } else if visit.has_button("approve") {
                self.press(&visit, "approve", &[]).await
            } else {
                return visit;
            };
            visit = self.follow(visit).await;
        }
        visit
    }

    /// The same, down to the code.
    pub async fn code(&mut self, url: &AuthorizeUrl, person: &Person) -> String {
        let visit = self.authorize(url, person).await;
        visit
            .returned("code")
            .unwrap_or_else(|| panic!("no code: {} {:?} {}", visit.status, visit.location(), visit.body))
    }
}

/// The token endpoint and its neighbours, as a client calls them.
pub struct Tokens<'a> {
    http: reqwest::Client,
    tenant: &'a PartnerTenant,
    partner: &'a Partner,
}

impl<'a> Tokens<'a> {
    /// As this client.
    pub fn new(tenant: &'a PartnerTenant, partner: &'a Partner) -> Self {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build();
        Self { http: http.expect("an HTTP client"), tenant, partner }
    }

    /// Exchanges a code, with the secret in the body.
    pub async fn exchange(&self, code: &str, more: &[(&str, &str)]) -> (u16, Value) {
        let mut fields =
            vec![("grant_type", "authorization_code"), ("code", code), ("redirect_uri", &self.partner.redirect_uri)];
        fields.extend_from_slice(more);
        self.post("/oauth/token", &fields).await
    }

    /// Refreshes.
    pub async fn refresh(&self, token: &str) -> (u16, Value) {
        self.post("/oauth/token", &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    /// Introspects (RFC 7662).
    pub async fn introspect(&self, token: &str) -> Value {
        self.post("/oauth/introspect", &[("token", token)]).await.1
    }

    /// Revokes (RFC 7009); answers the status.
    pub async fn revoke(&self, token: &str) -> u16 {
        self.post("/oauth/revoke", &[("token", token)]).await.0
    }

    /// Asks for the user's claims.
    pub async fn userinfo(&self, token: &str) -> (u16, Value) {
        let answer = self.http.get(format!("{}/oauth/userinfo", self.tenant.issuer)).bearer_auth(token).send().await;
        let answer = answer.expect("an answer");
        (answer.status().as_u16(), answer.json().await.unwrap_or(Value::Null))
    }

    /// Posts a form, with the client's credentials in the body.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> (u16, Value) {
        let mut fields = fields.to_vec();
        fields.push(("client_id", &self.partner.client_id));
        if !self.partner.secret.is_empty() {
            fields.push(("client_secret", &self.partner.secret));
        }
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = self.http.post(format!("{}{path}", self.tenant.issuer));
        let answer = request.header("content-type", "application/x-www-form-urlencoded").body(body).send().await;
        let answer = answer.expect("an answer");
        let status = answer.status().as_u16();
        (status, serde_json::from_str(&answer.text().await.unwrap_or_default()).unwrap_or(Value::Null))
    }
}
