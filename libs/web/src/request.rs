use std::net::IpAddr;

use actix_web::{
    cookie::Cookie,
    http::header::{HeaderMap, HeaderName, HeaderValue},
};
use bytes::Bytes;
use grantor_eventsourcing::{Actor, Meta};
use grantor_oauth::{Params, ParamsRefusal};
use uuid::Uuid;

pub use actix_web::http::Method;

/// Headers that we decide by and that are no lists.
const SAY_ONE_THING: [&str; 3] = ["authorization", "content-type", "origin"];

/// A request, read.
#[derive(Debug, Clone)]
pub struct Request {
    /// Its method; `GET` for `HEAD`.
    pub method: Method,
    /// Its path, as sent, without the tenant's prefix.
    pub path: String,
    /// Its query, as sent, without the question mark.
    pub query: String,
    /// Its body, at most [`crate::MAX_BODY`] bytes.
    pub body: Bytes,
    /// Who sent it; behind a trusted proxy, whom the proxy names.
    pub peer: Option<IpAddr>,
    /// Whether the browser's connection is encrypted.
    pub https: bool,
    /// Joins the events and log lines of this request.
    pub id: Uuid,
    pub(crate) headers: HeaderMap,
    pub(crate) params: Vec<(String, String)>,
}

impl Request {
    /// A header's first value, if it is visible ASCII.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Whether no header is there twice that says one thing. Who stands in front of us may have
    /// believed the other one (RFC 9110 5.3).
    pub(crate) fn is_unambiguous(&self) -> bool {
        SAY_ONE_THING.iter().all(|name| self.headers.get_all(*name).count() < 2)
    }

    /// All values of a header.
    pub fn headers_all(&self, name: &str) -> Vec<&str> {
        self.headers.get_all(name).filter_map(|value| value.to_str().ok()).collect()
    }

    /// A cookie's value.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.headers_all("cookie")
            .into_iter()
            .flat_map(|header| header.split(';'))
            .filter_map(|pair| Cookie::parse(pair.trim().to_owned()).ok())
            .find(|cookie| cookie.name() == name)
            .map(|cookie| cookie.value().to_owned())
    }

    /// The part of the path that `{name}` of the route's pattern stands for; empty when the
    /// pattern has no such part.
    pub fn param(&self, name: &str) -> &str {
        self.params.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The media type of the body, lower case, without parameters.
    pub fn content_type(&self) -> Option<String> {
        let essence = self.header("content-type")?.split(';').next()?.trim().to_ascii_lowercase();
        (!essence.is_empty()).then_some(essence)
    }

    /// The query's parameters.
    pub fn query_params(&self) -> Result<Params, ParamsRefusal> {
        Params::parse(&self.query)
    }

    /// The parameters of a form body; a body of another type has none.
    pub fn form_params(&self) -> Result<Params, ParamsRefusal> {
        match self.content_type().as_deref() {
            Some("application/x-www-form-urlencoded") => Params::parse(&self.body),
            _ => Params::parse(""),
        }
    }

    /// The circumstances of the events that this request causes.
    pub fn meta(&self, actor: Actor) -> Meta {
        Meta { actor, cause: None, correlation: Some(self.id), trace: grantor_telemetry::trace_parent() }
    }

    /// What a person quotes so that support finds the log lines of this request.
    pub fn reference(&self) -> String {
        self.id.simple().to_string()
    }

    pub(crate) fn set_header(&mut self, name: &str, value: &str) {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            self.headers.append(name, value);
        }
    }

    /// Whether the caller wants a page.
    pub(crate) fn wants_page(&self) -> bool {
        self.header("accept").is_some_and(|accept| accept.contains("text/html"))
    }
}
