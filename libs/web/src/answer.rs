use actix_web::{
    HttpResponse,
    cookie::{Cookie, SameSite, time::Duration},
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue},
    },
};
use bytes::Bytes;
use grantor_ports::EndpointAnswer;
use serde::Serialize;

/// A cookie to set. Always `HttpOnly`, `Path=/` and, on https, `Secure`; `SameSite=Lax` unless it
/// is for a frame.
#[derive(Debug, Clone)]
pub struct SetCookie {
    /// Its name; `__Host-…` on https.
    pub name: String,
    /// Its value.
    pub value: String,
    /// Seconds to live; `None` until the browser closes; 0 removes it.
    pub max_age: Option<i64>,
    /// `Secure`.
    pub secure: bool,
    /// For pages in a frame of another site: `SameSite=None; Secure; Partitioned`, so that it is
    /// sent there, and nowhere but below the site that holds the frame.
    pub framed: bool,
}

/// An answer on its way out.
#[derive(Debug)]
pub struct Answer {
    status: u16,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
    page: Option<PagePolicy>,
}

/// What a page may do, beyond nothing (C16, C18).
#[derive(Debug, Default)]
struct PagePolicy {
    form_action: Vec<String>,
    frame_ancestors: Vec<String>,
}

impl Answer {
    /// A status and nothing else.
    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Bytes::new(), page: None }
    }

    /// Bytes of a media type.
    pub fn bytes(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let mut answer = Self::empty(status);
        answer.headers.push((HeaderName::from_static("content-type"), HeaderValue::from_static(content_type)));
        answer.body = body.into();
        answer
    }

    /// A JSON document.
    pub fn json(status: u16, document: &impl Serialize) -> Self {
        // Our answers are plain records with string keys: they always have a JSON form.
        Self::json_bytes(status, serde_json::to_vec(document).unwrap_or_default())
    }

    /// A JSON document, rendered.
    pub fn json_bytes(status: u16, body: impl Into<Bytes>) -> Self {
        Self::bytes(status, "application/json", body)
    }

    /// A page, with a content security policy that allows our own styles, our own script files
    /// and forms back to us.
    pub fn html(status: u16, body: String) -> Self {
        let mut answer = Self::bytes(status, "text/html; charset=utf-8", body);
        answer.page = Some(PagePolicy::default());
        answer.no_store()
    }

    /// 303, the only redirect we use after a form (C15).
    pub fn see_other(location: &str) -> Self {
        Self::empty(303).header("location", location).no_store()
    }

    /// A header more. A value that is no header value is dropped.
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((HeaderName::from_static(name), value));
        }
        self
    }

    /// A cookie more.
    pub fn cookie(self, cookie: SetCookie) -> Self {
        let same_site = if cookie.framed { SameSite::None } else { SameSite::Lax };
        self.cookie_within(cookie, same_site)
    }

    /// A cookie more that no link from elsewhere brings along: `SameSite=Strict`.
    pub fn strict_cookie(self, cookie: SetCookie) -> Self {
        self.cookie_within(cookie, SameSite::Strict)
    }

    fn cookie_within(self, cookie: SetCookie, same_site: SameSite) -> Self {
        let mut built = Cookie::build(cookie.name, cookie.value)
            .path("/")
            .http_only(true)
            .secure(cookie.secure || cookie.framed)
            .same_site(same_site);
        if let Some(seconds) = cookie.max_age {
            built = built.max_age(Duration::seconds(seconds));
        }
        let mut text = built.finish().to_string();
        if cookie.framed {
            // CHIPS; the crate does not know it yet.
            text.push_str("; Partitioned");
        }
        self.header("set-cookie", &text)
    }

    /// May not be kept by any cache (RFC 6749 5.1).
    pub fn no_store(self) -> Self {
        self.header("cache-control", "no-store").header("pragma", "no-cache")
    }

    /// The page's form may end at this origin too: browsers apply `form-action` to the whole
    /// redirect chain (C18).
    pub fn form_action(mut self, origin: impl Into<String>) -> Self {
        if let Some(page) = &mut self.page {
            page.form_action.push(origin.into());
        }
        self
    }

    /// The page may be framed by these origins (C16).
    pub fn frame_ancestors(mut self, origins: impl IntoIterator<Item = String>) -> Self {
        if let Some(page) = &mut self.page {
            page.frame_ancestors.extend(origins);
        }
        self
    }

    /// Its status.
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// Its body.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The `Content-Security-Policy` of a page; `None` for what is no page.
    pub fn content_security_policy(&self) -> Option<String> {
        self.page.as_ref().map(PagePolicy::policy)
    }

    /// All values of a header.
    pub fn header_values(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|(known, _)| known == name).filter_map(|(_, value)| value.to_str().ok()).collect()
    }

    /// Its headers as they go out, names in lower case.
    pub fn headers(&self) -> Vec<(String, String)> {
        let own = self.headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap_or_default()));
        let every = [("x-content-type-options", "nosniff"), ("referrer-policy", "no-referrer")];
        own.chain(every).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    /// What another process answered.
    pub(crate) fn relayed(answer: EndpointAnswer) -> Self {
        let header = |(name, value): (String, String)| {
            Some((HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_str(&value).ok()?))
        };
        let headers = answer.headers.into_iter().filter_map(header).collect();
        Self { status: answer.status, headers, body: answer.body.into(), page: None }
    }

    /// What travels to another process; of a page, its policy does not.
    pub(crate) fn into_parts(self) -> EndpointAnswer {
        let headers = self
            .headers
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), value.to_str().unwrap_or_default().to_owned()));
        EndpointAnswer { status: self.status, headers: headers.collect(), body: self.body.to_vec() }
    }

    pub(crate) fn into_response(self) -> HttpResponse {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = HttpResponse::build(status);
        for (name, value) in self.headers {
            response.append_header((name, value));
        }
        response.append_header(("x-content-type-options", "nosniff"));
        response.append_header(("referrer-policy", "no-referrer"));
        if let Some(page) = self.page {
            response.append_header(("content-security-policy", page.policy()));
            if page.frame_ancestors.is_empty() {
                response.append_header(("x-frame-options", "DENY"));
            }
        }
        response.body(self.body)
    }
}

impl PagePolicy {
    fn policy(&self) -> String {
        let list = |none: &str, origins: &[String]| match origins {
            [] => none.to_owned(),
            origins => origins.join(" "),
        };
        format!(
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'; \
             form-action 'self'{}{}; frame-ancestors {}",
            if self.form_action.is_empty() { "" } else { " " },
            self.form_action.join(" "),
            list("'none'", &self.frame_ancestors)
        )
    }
}
