use std::{net::IpAddr, ops::Deref, sync::Arc};

use actix_web::http::header::HeaderMap;
use bytes::Bytes;
use grantor_pages::Lang;
use grantor_ports::{AuthorityRole, TenantView};
use uuid::Uuid;

use crate::{Method, Request};

/// A request to a tenant. Derefs to its [`Request`].
#[derive(Debug, Clone)]
pub struct Call {
    /// To whom.
    pub tenant: Arc<TenantView>,
    /// Prefix of every link to the same tenant: empty, or `/t/{slug}`.
    pub base: String,
    /// What the authority serves.
    pub role: AuthorityRole,
    /// The request itself.
    pub request: Request,
}

impl Deref for Call {
    type Target = Request;
    fn deref(&self) -> &Request {
        &self.request
    }
}

impl Call {
    /// A path of this tenant, for a link or a redirect.
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// A path of this tenant as an absolute URL, from the stored issuer (C20).
    pub fn absolute(&self, path: &str) -> String {
        format!("{}{path}", self.tenant.issuer.trim_end_matches('/'))
    }

    /// Names this request to the caller: as they named it in `X-REQUEST-ID`, where the tenant takes
    /// that word, or else as our logs do.
    pub fn request_id(&self) -> String {
        request_id(self.tenant.profile.errors.request_id, &self.request)
    }

    /// The language to answer in.
    pub fn lang(&self, ui_locales: Option<&str>) -> Lang {
        Lang::choose(ui_locales, self.header("accept-language"))
    }
}

/// Longer ids of requests are not taken over.
const LONGEST_REQUEST_ID: usize = 255;

pub(crate) fn request_id(taken: bool, request: &Request) -> String {
    let fits = |id: &&str| (1..=LONGEST_REQUEST_ID).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic());
    let named = request.header("x-request-id").filter(|_| taken).filter(fits);
    named.map_or_else(|| request.reference(), str::to_owned)
}

/// Makes a call without a connection, for tests of handlers.
#[derive(Debug)]
pub struct CallBuilder(Call);

impl CallBuilder {
    /// `GET path` to a tenant's identity authority.
    pub fn new(tenant: Arc<TenantView>, path: &str) -> Self {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        Self(Call {
            tenant,
            base: String::new(),
            role: AuthorityRole::Identity,
            request: Request {
                method: Method::GET,
                path: path.to_owned(),
                query: query.to_owned(),
                body: Bytes::new(),
                peer: None,
                https: false,
                id: Uuid::nil(),
                headers: HeaderMap::new(),
                params: Vec::new(),
            },
        })
    }

    /// Another method.
    pub fn method(mut self, method: Method) -> Self {
        self.0.request.method = method;
        self
    }

    /// A header more.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.0.request.set_header(name, value);
        self
    }

    /// A `POST` of this body.
    pub fn post(mut self, content_type: &str, body: impl Into<Bytes>) -> Self {
        self.0.request.method = Method::POST;
        self.0.request.set_header("content-type", content_type);
        self.0.request.body = body.into();
        self
    }

    /// A `POST` of a form.
    pub fn form(self, body: impl Into<Bytes>) -> Self {
        self.post("application/x-www-form-urlencoded", body)
    }

    /// The value of a path parameter.
    pub fn param(mut self, name: &str, value: &str) -> Self {
        self.0.request.params.push((name.to_owned(), value.to_owned()));
        self
    }

    /// From this address.
    pub fn peer(mut self, peer: IpAddr) -> Self {
        self.0.request.peer = Some(peer);
        self
    }

    /// Over TLS.
    pub fn https(mut self) -> Self {
        self.0.request.https = true;
        self
    }

    /// The call.
    pub fn build(self) -> Call {
        self.0
    }
}
