use std::{panic::AssertUnwindSafe, sync::Arc, time::Instant};

use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use futures_util::FutureExt;
use grantor_ids::TenantId;
use grantor_oauth::{ErrorCode, ProtocolError};
use grantor_pages::PageError;
use grantor_ports::{AuthorityRole, Entropy, EntropyExt, PortError, Registry, TenantState, TenantView};
use grantor_telemetry::HttpMetrics;
use tracing::{Instrument, Span};

use crate::{
    AdminRoute, Answer, Call, CorsClass, MAX_BODY, MAX_INTERNAL_BODY, Method, Proxies, Request, Route, asset_file,
    body::read_body,
    problem::{bare_error, oauth_error, problem},
    proxy::Outside,
    resolve::resolve,
    route::Place,
    router::{Entry, Found, Router},
};

/// Answers for the tenants.
pub struct TenantDispatcher {
    routes: Vec<Route>,
    router: Router,
    registry: Arc<dyn Registry>,
    shared: Shared,
}

/// Answers on the admin listener.
pub struct AdminDispatcher {
    routes: Vec<AdminRoute>,
    router: Router,
    shared: Shared,
    service: &'static str,
    largest: usize,
}

struct Shared {
    proxies: Proxies,
    metrics: HttpMetrics,
    entropy: Arc<dyn Entropy>,
}

/// What an answer is counted under.
struct Label {
    service: &'static str,
    route: &'static str,
}

/// For `Strict-Transport-Security`.
const ONE_YEAR: &str = "max-age=31536000";
const NOWHERE: Label = Label { service: "web", route: "none" };
const ASSET: Label = Label { service: "web", route: "asset" };

impl TenantDispatcher {
    /// Answers with these routes, for the tenants that `registry` knows.
    pub fn new(
        routes: Vec<Route>,
        registry: Arc<dyn Registry>,
        proxies: Proxies,
        metrics: HttpMetrics,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        let entry =
            |route: &Route| Entry { at: route.at, methods: route.methods, place: route.place(), shared: route.shared };
        let router = Router::new(routes.iter().map(entry).collect());
        Self { routes, router, registry, shared: Shared { proxies, metrics, entropy } }
    }

    /// Its routes, for the lists that tests keep complete.
    pub fn routes(&self) -> &[Route] {
        &self.routes
    }

    /// Answers one request of a listener, `tls` when that is encrypted.
    pub async fn answer(&self, request: HttpRequest, payload: web::Payload, tls: bool) -> HttpResponse {
        let started = Instant::now();
        let method = request.method().clone();
        let span = request_span(&request);
        let outside = self.shared.proxies.outside(&request, tls);
        let https = outside.https;
        let (answer, label) = self.route(request, payload, outside).instrument(span.clone()).await;
        // Who came encrypted once is to come so again (RFC 6797 7.1).
        let answer = if https { answer.header("strict-transport-security", ONE_YEAR) } else { answer };
        self.shared.finish(&span, &method, answer, &label, started)
    }

    async fn route(&self, http: HttpRequest, payload: web::Payload, outside: Outside) -> (Answer, Label) {
        let mut request = self.shared.request(&http, outside.peer, outside.https);
        let Some(authority) = outside.authority.filter(|_| request.is_unambiguous()) else {
            return (bare_error(&request, PageError::BadRequest), NOWHERE);
        };
        // Before anything else: the page that says that there is no tenant loads them too.
        if matches!(*http.method(), Method::GET | Method::HEAD)
            && let Some(file) = asset_file(&request.path)
        {
            return (file, ASSET);
        }
        let resolved = match resolve(self.registry.as_ref(), &authority, &request.path).await {
            Ok(Some(resolved)) => resolved,
            Ok(None) => return (bare_error(&request, PageError::UnknownTenant), NOWHERE),
            Err(_) => return (bare_error(&request, PageError::Unavailable), NOWHERE),
        };
        request.path = resolved.path;
        let (tenant, role) = (resolved.tenant, resolved.role);
        if tenant.state == TenantState::Suspended {
            return (bare_error(&request, PageError::TenantSuspended), NOWHERE);
        }
        let profile = Arc::clone(&tenant.profile);
        if http.method() == Method::OPTIONS
            && let Some(preflight) = self.preflight(&request, role, &tenant)
        {
            return preflight;
        }
        let (index, params) = match self.router.find(&request.path, http.method(), role, Some(&profile)) {
            Found::Route(index, params) => (index, params),
            Found::Method(methods) => return (not_allowed(&request, &methods), NOWHERE),
            Found::Nothing => return (bare_error(&request, PageError::NotFound), NOWHERE),
        };
        let route = &self.routes[index];
        let label = Label { service: route.service, route: route.name };
        request.params = params;
        request.body = match read_body(&http, payload, MAX_BODY).await {
            Ok(body) => body,
            Err(kind) => return (bare_error(&request, kind), label),
        };
        let role = role.unwrap_or(AuthorityRole::Identity);
        let call = Call { tenant, base: resolved.base, role, request };
        (self.handled(route, call).await, label)
    }

    /// A tenant that can be called.
    pub(crate) async fn tenant(&self, id: TenantId) -> Result<Option<Arc<TenantView>>, PortError> {
        Ok(self.registry.tenant(id).await?.filter(|tenant| tenant.state != TenantState::Suspended))
    }

    /// The answer to a call from inside; `None` when no route of ours has its path and method.
    pub(crate) async fn own(&self, mut call: Call) -> Option<Answer> {
        let profile = Arc::clone(&call.tenant.profile);
        let found = self.router.find(&call.path, &call.method, Some(call.role), Some(&profile));
        let Found::Route(index, params) = found else { return None };
        call.request.params = params;
        Some(self.handled(&self.routes[index], call).await)
    }

    async fn handled(&self, route: &Route, call: Call) -> Answer {
        let tenant = Arc::clone(&call.tenant);
        let request_id = tenant.profile.errors.request_id.then(|| call.request_id());
        let answer = AssertUnwindSafe((route.handler)(call)).catch_unwind().await.unwrap_or_else(|_| crashed());
        let answer = match route.cors {
            Some(class) if allows_cors(class, &tenant) => answer
                .header("access-control-allow-origin", "*")
                .header("access-control-expose-headers", "www-authenticate"),
            _ => answer,
        };
        match &request_id {
            Some(id) => answer.header("x-request-id", id),
            None => answer,
        }
    }

    /// The answer to a CORS preflight, where the profile opens the route; `None` is a plain 405.
    fn preflight(
        &self,
        request: &Request,
        role: Option<AuthorityRole>,
        tenant: &TenantView,
    ) -> Option<(Answer, Label)> {
        request.header("origin")?;
        let route = &self.routes[self.router.any(&request.path, role, &tenant.profile)?];
        let class = route.cors.filter(|class| allows_cors(*class, tenant))?;
        let headers = if class == CorsClass::Token { "authorization, content-type, dpop" } else { "" };
        let answer = Answer::empty(204)
            .header("access-control-allow-origin", "*")
            .header("access-control-allow-methods", "GET, POST")
            .header("access-control-allow-headers", headers)
            .header("access-control-max-age", "600");
        Some((answer, Label { service: route.service, route: route.name }))
    }
}

impl AdminDispatcher {
    /// Answers with these routes.
    pub fn new(routes: Vec<AdminRoute>, metrics: HttpMetrics, entropy: Arc<dyn Entropy>) -> Self {
        let place = Place::On(AuthorityRole::Identity);
        let entry = |route: &AdminRoute| Entry { at: route.at, methods: route.methods, place, shared: false };
        let router = Router::new(routes.iter().map(entry).collect());
        let shared = Shared { proxies: Proxies::default(), metrics, entropy };
        Self { routes, router, shared, service: "admin", largest: MAX_BODY }
    }

    /// The same for the listener on which services call each other: what they say may be larger.
    pub fn internal(routes: Vec<AdminRoute>, metrics: HttpMetrics, entropy: Arc<dyn Entropy>) -> Self {
        Self { service: "internal", largest: MAX_INTERNAL_BODY, ..Self::new(routes, metrics, entropy) }
    }

    /// Its routes, for the lists that tests keep complete.
    pub fn routes(&self) -> &[AdminRoute] {
        &self.routes
    }

    /// Answers one request.
    pub async fn answer(&self, request: HttpRequest, payload: web::Payload, tls: bool) -> HttpResponse {
        let started = Instant::now();
        let method = request.method().clone();
        let span = request_span(&request);
        let (answer, label) = self.route(request, payload, tls).instrument(span.clone()).await;
        self.shared.finish(&span, &method, answer, &label, started)
    }

    async fn route(&self, http: HttpRequest, payload: web::Payload, tls: bool) -> (Answer, Label) {
        let outside = self.shared.proxies.outside(&http, tls);
        let mut request = self.shared.request(&http, outside.peer, outside.https);
        if !request.is_unambiguous() {
            return (
                problem(400, "malformed", "Malformed request", "A header was sent more than once.", None),
                NOWHERE,
            );
        }
        let (index, params) = match self.router.find(&request.path, http.method(), None, None) {
            Found::Route(index, params) => (index, params),
            Found::Method(methods) => {
                let answer =
                    problem(405, "method-not-allowed", "Method not allowed", "This path has other methods.", None);
                return (answer.header("allow", &list(&methods)), NOWHERE);
            }
            Found::Nothing => {
                return (problem(404, "not-found", "Not found", "There is nothing at this path.", None), NOWHERE);
            }
        };
        let route = &self.routes[index];
        let label = Label { service: self.service, route: route.name };
        request.params = params;
        request.body = match read_body(&http, payload, self.largest).await {
            Ok(body) => body,
            Err(kind) => {
                return (
                    problem(kind.status(), kind.code(), "Unreadable body", "The body cannot be read.", None),
                    label,
                );
            }
        };
        let answer = AssertUnwindSafe((route.handler)(request)).catch_unwind().await;
        (answer.unwrap_or_else(|_| problem(500, "internal", "Internal error", "The request failed.", None)), label)
    }
}

impl Shared {
    fn request(&self, http: &HttpRequest, peer: Option<std::net::IpAddr>, https: bool) -> Request {
        Request {
            method: if http.method() == Method::HEAD { Method::GET } else { http.method().clone() },
            path: http.uri().path().to_owned(),
            query: http.uri().query().unwrap_or_default().to_owned(),
            body: Bytes::new(),
            peer,
            https,
            id: self.entropy.uuid4(),
            headers: http.headers().clone(),
            params: Vec::new(),
        }
    }

    fn finish(&self, span: &Span, method: &Method, answer: Answer, label: &Label, started: Instant) -> HttpResponse {
        let took = started.elapsed();
        let status = answer.status();
        tracing::record_all!(span, route = label.route, status = status);
        span.in_scope(|| {
            let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
            tracing::debug!(service = label.service, route = label.route, status, duration_ms, "answered");
        });
        self.metrics.answered(label.service, label.route, method.as_str(), status, took);
        answer.into_response()
    }
}

fn request_span(request: &HttpRequest) -> Span {
    // Traced always, logged at debug only: its fields are told once more when it ends.
    let span = tracing::debug_span!(
        "http", method = %request.method(), route = tracing::field::Empty, status = tracing::field::Empty
    );
    if let Some(parent) = request.headers().get("traceparent").and_then(|value| value.to_str().ok()) {
        grantor_telemetry::set_parent(&span, parent);
    }
    span
}

fn not_allowed(request: &Request, methods: &[Method]) -> Answer {
    bare_error(request, PageError::MethodNotAllowed).header("allow", &list(methods))
}

fn list(methods: &[Method]) -> String {
    methods.iter().map(Method::as_str).collect::<Vec<_>>().join(", ")
}

fn allows_cors(class: CorsClass, tenant: &TenantView) -> bool {
    match class {
        CorsClass::Token => tenant.profile.cors.token,
        CorsClass::Metadata => tenant.profile.cors.metadata,
    }
}

/// A bug of ours. The panic hook has logged where, without what.
fn crashed() -> Answer {
    oauth_error(500, &ProtocolError::new(ErrorCode::ServerError, "The request failed."))
}
