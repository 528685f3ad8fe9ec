use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use reqwest::{Client, Method, RequestBuilder};
use url::Url;

use crate::partner::http;

/// Where a tenant's requests go: to its own address, or, as an ingress would send them, to the
/// process of the service that has the path.
#[derive(Clone)]
pub struct Gateway {
    http: Client,
    places: Option<Arc<Places>>,
}

struct Places {
    registry: SocketAddr,
    authorization: SocketAddr,
    tokens: Vec<SocketAddr>,
    next: AtomicUsize,
}

/// Below these the token service answers.
const TOKEN: [&str; 6] =
    ["/oauth/token", "/oauth/introspect", "/oauth/revoke", "/oauth/userinfo", "/oauth/jwks", "/.well-known/"];
/// Below these the registry does; it has the first page too.
const REGISTRY: [&str; 2] = ["/oauth/create_client", "/clients/"];

impl Gateway {
    /// To the tenants' own addresses.
    pub fn direct() -> Self {
        Self { http: http(), places: None }
    }

    /// To the process that runs the service; to those of the token service in turn.
    pub fn split(registry: SocketAddr, authorization: SocketAddr, tokens: Vec<SocketAddr>) -> Self {
        let places = Places { registry, authorization, tokens, next: AtomicUsize::new(0) };
        Self { http: http(), places: Some(Arc::new(places)) }
    }

    /// The same for somebody else: neither connections nor the address they come from are shared.
    #[must_use]
    pub fn another(&self) -> Self {
        Self { http: http(), places: self.places.clone() }
    }

    /// The client for what is no tenant's.
    pub(crate) const fn http(&self) -> &Client {
        &self.http
    }

    /// A request for a URL of a tenant.
    ///
    /// # Panics
    /// When that is no URL.
    pub fn request(&self, method: Method, url: &str) -> RequestBuilder {
        let url = Url::parse(url).unwrap_or_else(|cause| panic!("{url}: {cause}"));
        let Some(places) = &self.places else { return self.http.request(method, url) };
        let at = places.of(url.path());
        let mut there = url.clone();
        there.set_ip_host(at.ip()).and_then(|()| there.set_port(Some(at.port()))).expect("an http URL");
        self.http.request(method, there).header("host", url.authority())
    }
}

impl Places {
    fn of(&self, path: &str) -> SocketAddr {
        let is_below = |known: &&str| path.starts_with(*known);
        if TOKEN.iter().any(is_below) {
            self.tokens[self.next.fetch_add(1, Ordering::Relaxed) % self.tokens.len()]
        } else if path == "/" || REGISTRY.iter().any(is_below) {
            self.registry
        } else {
            self.authorization
        }
    }
}
