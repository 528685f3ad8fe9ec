use std::collections::BTreeMap;

use grantor_ports::AuthorityRole;
use grantor_profile::Endpoint;
use grantor_web::{Answer, CallBuilder, Method, PathSpec, Route};
use parking_lot::Mutex;
use url::{Url, form_urlencoded};

use crate::world::{CALLBACK, PASSWORD, World};

/// A browser: a cookie jar, and what a person does.
pub struct Browser<'w> {
    pub world: &'w World,
    pub jar: Mutex<BTreeMap<String, String>>,
    pub https: bool,
    pub language: &'static str,
}

/// One page, as a person reads it.
pub struct Seen {
    pub answer: Answer,
    pub html: String,
}

impl World {
    pub fn browser(&self) -> Browser<'_> {
        Browser { world: self, jar: Mutex::default(), https: true, language: "en" }
    }

    fn route(&self, method: &Method, path: &str) -> Option<(&Route, Vec<(String, String)>)> {
        let endpoint = |endpoint: Endpoint| self.tenant.profile.endpoint_at(path) == Some(endpoint);
        let matches = |route: &Route| match route.at {
            PathSpec::Fixed(fixed) => (fixed == path).then(Vec::new),
            PathSpec::Profile(wanted) => endpoint(wanted).then(Vec::new),
            PathSpec::Pattern(pattern) => captured(pattern, path),
            PathSpec::Below(..) => None,
        };
        // A browser stays on the identity host; the widget has one of its own.
        let here = self.routes.iter().filter(|route| route.role == AuthorityRole::Identity);
        let found = here.filter(|route| route.methods.contains(method));
        found.filter_map(|route| Some((route, matches(route)?))).next()
    }
}

fn captured(pattern: &str, path: &str) -> Option<Vec<(String, String)>> {
    let (wanted, given): (Vec<_>, Vec<_>) = (pattern.split('/').collect(), path.split('/').collect());
    if wanted.len() != given.len() {
        return None;
    }
    let mut parts = Vec::new();
    for (wanted, given) in wanted.into_iter().zip(given) {
        match wanted.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(name) => parts.push((name.to_owned(), given.to_owned())),
            None if wanted == given => {}
            None => return None,
        }
    }
    Some(parts)
}

pub fn encode(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// The guide's link: `state`, `nonce`, all required parameters, and these on top.
pub fn authorize(extra: &[(&str, &str)]) -> String {
    let mut pairs = vec![
        ("response_type", "code"),
        ("client_id", "partner"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid profile"),
        ("state", "st"),
        ("nonce", "no"),
    ];
    for (name, value) in extra {
        pairs.retain(|(known, _)| known != name);
        if !value.is_empty() {
            pairs.push((name, value));
        }
    }
    format!("/oauth/authorize?{}", encode(&pairs))
}

impl Browser<'_> {
    async fn send(&self, method: Method, path: &str, body: Option<String>, cookies: bool) -> Answer {
        let bare = path.split_once('?').map_or(path, |(path, _)| path);
        let Some((route, params)) = self.world.route(&method, bare) else { panic!("nothing at {method} {bare}") };
        let mut call = CallBuilder::new(self.world.tenant.clone(), path).header("accept-language", self.language);
        if self.https {
            call = call.https();
        }
        for (name, value) in params {
            call = call.param(&name, &value);
        }
        let jar: Vec<String> = self.jar.lock().iter().map(|(name, value)| format!("{name}={value}")).collect();
        if cookies && !jar.is_empty() {
            call = call.header("cookie", &jar.join("; "));
        }
        if let Some(body) = body {
            call = call.form(body);
        }
        let answer = (route.handler)(call.build()).await;
        for cookie in answer.header_values("set-cookie") {
            let (pair, flags) = cookie.split_once(';').unwrap();
            assert!(
                flags.contains("HttpOnly") && flags.contains("SameSite=Lax") && flags.contains("Path=/"),
                "{cookie}"
            );
            assert_eq!(flags.contains("Secure"), self.https, "{cookie}");
            let (name, value) = pair.split_once('=').unwrap();
            assert_eq!(name.starts_with("__Host-"), self.https, "{cookie}");
            let mut jar = self.jar.lock();
            if flags.contains("Max-Age=0") {
                jar.remove(name);
            } else {
                jar.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None, true).await
    }

    pub async fn post(&self, path: &str, pairs: &[(&str, &str)]) -> Answer {
        self.send(Method::POST, path, Some(encode(pairs)), true).await
    }

    /// As a form on another site sends it: without `SameSite=Lax` cookies.
    pub async fn post_from_elsewhere(&self, path: &str, pairs: &[(&str, &str)]) -> Answer {
        self.send(Method::POST, path, Some(encode(pairs)), false).await
    }

    /// Follows redirects as long as they stay here.
    pub async fn follow(&self, mut answer: Answer) -> Seen {
        while let Some(location) = location(&answer).filter(|location| location.starts_with('/')) {
            if self.world.route(&Method::GET, location.split('?').next().unwrap()).is_none() {
                break;
            }
            answer = self.get(&location).await;
        }
        let html = String::from_utf8(answer.body().to_vec()).unwrap();
        Seen { answer, html }
    }

    pub async fn open(&self, path: &str) -> Seen {
        self.follow(self.get(path).await).await
    }

    /// Fills the form of a page and presses a button.
    pub async fn submit(&self, page: &Seen, fields: &[(&str, &str)], button: &str) -> Seen {
        let csrf = page.csrf();
        let mut pairs = vec![("csrf", csrf.as_str()), (button, button)];
        pairs.extend(fields);
        self.follow(self.post(&page.action(), &pairs).await).await
    }

    pub async fn log_in(&self, page: &Seen, email: &str) -> Seen {
        self.submit(page, &[("username", email), ("password", PASSWORD)], "login").await
    }

    /// Ada, signed in, who agreed to `openid profile`.
    pub async fn settle(&self) {
        let login = self.open(&authorize(&[])).await;
        let consent = self.log_in(&login, "ada@example.org").await;
        let end = self.submit(&consent, &[], "approve").await;
        assert_eq!(end.answer.status(), 303, "{}", end.html);
    }
}

pub fn location(answer: &Answer) -> Option<String> {
    (answer.status() == 303).then(|| answer.header_values("location")[0].to_owned())
}

impl Seen {
    pub fn csrf(&self) -> String {
        self.between("name=\"csrf\" value=\"")
    }

    pub fn action(&self) -> String {
        self.between("method=\"post\" action=\"").replace("&amp;", "&").replace("&#38;", "&")
    }

    fn between(&self, before: &str) -> String {
        let rest = self.html.split_once(before).unwrap_or_else(|| panic!("no {before} in:\n{}", self.html)).1;
        rest.split_once('"').unwrap().0.to_owned()
    }

    pub fn has(&self, text: &str) -> bool {
        self.html.contains(text)
    }

    /// Which page it is, by its main button.
    pub fn kind(&self) -> &'static str {
        ["approve", "login", "signup", "verify", "reset", "change", "other", "logout", "form_post"]
            .into_iter()
            .find(|id| self.has(&format!("id=\"{id}\"")))
            .unwrap_or("none")
    }

    pub fn error(&self) -> String {
        self.between("data-error=\"")
    }

    /// The parameters that the client got at its callback.
    pub fn callback(&self) -> BTreeMap<String, String> {
        let url = location(&self.answer).unwrap_or_else(|| panic!("no redirect but:\n{}", self.html));
        assert!(url.starts_with(CALLBACK), "{url}");
        Url::parse(&url).unwrap().query_pairs().into_owned().collect()
    }
}
