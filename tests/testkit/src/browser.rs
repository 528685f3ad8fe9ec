use std::{collections::HashMap, net::SocketAddr};

use reqwest::{Client, ClientBuilder, Method, header::HeaderMap, redirect::Policy};
use serde_json::Value;
use url::Url;

use crate::{Form, forms};

/// A browser without JavaScript: it keeps cookies as browsers do (by host, whatever the port),
/// sends forms, and follows redirects only when told to.
pub struct Browser {
    http: Client,
    cookies: HashMap<(String, String), String>,
    /// Headers sent with every request.
    pub headers: Vec<(String, String)>,
}

/// A page or answer that was received.
#[derive(Debug, Clone)]
pub struct Visit {
    /// Where it came from.
    pub url: Url,
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: String,
}

impl Default for Browser {
    fn default() -> Self {
        Self::new()
    }
}

impl Browser {
    /// A new one, without cookies.
    pub fn new() -> Self {
        Self::resolving(&[])
    }

    /// One for which these host names are at these addresses.
    pub fn resolving(names: &[(&str, SocketAddr)]) -> Self {
        Self::built(Client::builder(), names)
    }

    /// The same, trusting this certificate authority (PEM) and no other.
    pub fn trusting(authority: &str, names: &[(&str, SocketAddr)]) -> Self {
        let certificate = reqwest::Certificate::from_pem(authority.as_bytes()).expect("a certificate");
        Self::built(Client::builder().tls_certs_only([certificate]), names)
    }

    fn built(builder: ClientBuilder, names: &[(&str, SocketAddr)]) -> Self {
        let builder =
            names.iter().fold(builder.redirect(Policy::none()), |builder, (name, at)| builder.resolve(name, *at));
        let headers = vec![("accept".to_owned(), "text/html,application/xhtml+xml".to_owned())];
        Self { http: builder.build().expect("an HTTP client"), cookies: HashMap::new(), headers }
    }

    /// Fetches a page.
    pub async fn get(&mut self, url: &str) -> Visit {
        self.send(Method::GET, url, None).await
    }

    /// Posts a form body.
    pub async fn post(&mut self, url: &str, fields: &[(&str, &str)]) -> Visit {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.send(Method::POST, url, Some(body)).await
    }

    /// Presses a button of a page's form, with some fields filled in.
    pub async fn press(&mut self, page: &Visit, button: &str, filled: &[(&str, &str)]) -> Visit {
        let form = page.form_with(button);
        let value = form.buttons.iter().find(|(name, _)| name == button).map(|(_, value)| value.clone());
        let mut fields: Vec<(String, String)> =
            form.fields.into_iter().filter(|(name, _)| !filled.iter().any(|(known, _)| known == name)).collect();
        fields.extend(filled.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        fields.extend(value.map(|value| (button.to_owned(), value)));
        let target = page.url.join(&form.action).expect("a form's action");
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.post(target.as_str(), &fields).await
    }

    /// Follows redirects as long as they stay on the host they started from.
    pub async fn follow(&mut self, mut visit: Visit) -> Visit {
        for _ in 0..10 {
            let Some(next) = visit.location() else { return visit };
            if next.host_str() != visit.url.host_str() || next.port() != visit.url.port() {
                return visit;
            }
            visit = self.get(next.as_str()).await;
        }
        panic!("redirects without end, now at {}", visit.url);
    }

    /// The cookies it holds for a host: names and values.
    pub fn cookies(&self, host: &str) -> Vec<(&str, &str)> {
        let here = self.cookies.iter().filter(|((known, _), _)| known == host);
        here.map(|((_, name), value)| (name.as_str(), value.as_str())).collect()
    }

    /// Gives it a cookie.
    pub fn set_cookie(&mut self, host: &str, name: &str, value: &str) {
        self.cookies.insert((host.to_owned(), name.to_owned()), value.to_owned());
    }

    async fn send(&mut self, method: Method, url: &str, body: Option<String>) -> Visit {
        let url = Url::parse(url).expect("a URL");
        let host = url.host_str().unwrap_or_default().to_owned();
        let mut request = self.http.request(method, url.clone());
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let jar: Vec<String> = self.cookies(&host).into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !jar.is_empty() {
            request = request.header("cookie", jar.join("; "));
        }
        if let Some(body) = body {
            request = request
                .header("origin", url.origin().ascii_serialization())
                .header("content-type", "application/x-www-form-urlencoded")
                .body(body);
        }
        let answer = request.send().await.expect("an answer");
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        for cookie in headers.get_all("set-cookie") {
            self.keep(&host, cookie.to_str().expect("a cookie"));
        }
        let body = answer.text().await.expect("a body");
        Visit { url, status, headers, body }
    }

    fn keep(&mut self, host: &str, cookie: &str) {
        let pair = cookie.split(';').next().unwrap_or_default();
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let key = (host.to_owned(), name.trim().to_owned());
        let gone = cookie.to_ascii_lowercase().contains("max-age=0");
        if gone {
            self.cookies.remove(&key);
        } else {
            self.cookies.insert(key, value.trim().to_owned());
        }
    }
}

impl Visit {
    /// A header, empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Where a redirect leads.
    pub fn location(&self) -> Option<Url> {
        let location = self.headers.get("location")?.to_str().ok()?;
        self.url.join(location).ok()
    }

    /// A parameter of the redirect's query.
    pub fn returned(&self, name: &str) -> Option<String> {
        self.location()?.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
    }

    /// The body as a JSON document.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or(Value::Null)
    }

    /// Which of the fixed errors this page shows, if any.
    pub fn page_error(&self) -> Option<&str> {
        let from = self.body.find("data-error=\"")? + "data-error=\"".len();
        self.body[from..].split('"').next()
    }

    /// The form that has this button.
    pub fn form_with(&self, button: &str) -> Form {
        let found = forms(&self.body).into_iter().find(|form| form.buttons.iter().any(|(name, _)| name == button));
        found.unwrap_or_else(|| panic!("no button `{button}` at {} ({}):\n{}", self.url, self.status, self.body))
    }

    /// Whether a form of the page has this button.
    pub fn has_button(&self, button: &str) -> bool {
        forms(&self.body).iter().any(|form| form.buttons.iter().any(|(name, _)| name == button))
    }
}
