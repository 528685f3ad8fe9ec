//! The dashboard: what operators do over the admin API and the CLI, as pages on the same listener.
//!
//! Pages are opened with a browser session and with nothing else, and every form is bound to it.
//! What they command are the use cases of the admin API; the operator is the actor of all that
//! follows.

mod clients;
mod operators;
mod overview;
mod profile;
mod session;
mod tenant;
mod tenants;
mod timeline;
mod users;
mod visit;
mod waiting;
mod webhooks;

use std::sync::Arc;

use futures_util::future::BoxFuture;
use grantor_pages::{PageError, PanelPlace, PanelTenantKind};
use grantor_ports::{AdminError, PortError, TenantKind, TenantState, TenantView};
use grantor_web::{AdminRoute, Answer, Method, PathSpec, Request, admin_handler};

use crate::Console;
pub(crate) use session::{sign_in, sign_in_form};
pub(crate) use visit::{OPERATOR, Visit, cookie_name, frame};

const GET: &[Method] = &[Method::GET];
const POST: &[Method] = &[Method::POST];

/// Rows of a page of a list.
const SHOWN: u32 = 25;

type Outcome = Result<Answer, Halt>;
type Run = for<'a> fn(&'a Console, &'a Visit) -> BoxFuture<'a, Outcome>;

/// Why a page cannot be shown.
#[derive(Debug)]
pub(crate) struct Halt(PageError);

impl From<PortError> for Halt {
    fn from(_: PortError) -> Self {
        Self(PageError::Unavailable)
    }
}

impl From<AdminError> for Halt {
    fn from(cause: AdminError) -> Self {
        Self(match cause {
            AdminError::NotFound(_) => PageError::NotFound,
            AdminError::Invalid { .. } | AdminError::Conflict(_) => PageError::BadRequest,
            AdminError::Port(_) => PageError::Unavailable,
        })
    }
}

const fn kind(kind: TenantKind) -> PanelTenantKind {
    match kind {
        TenantKind::Production => PanelTenantKind::Production,
        TenantKind::Development => PanelTenantKind::Development,
        TenantKind::Sandbox => PanelTenantKind::Sandbox,
    }
}

/// The tenant, as its pages name it.
fn place(tenant: &TenantView) -> PanelPlace {
    PanelPlace {
        slug: tenant.slug.clone(),
        name: tenant.name.clone(),
        suspended: tenant.state == TenantState::Suspended,
    }
}

const NOT_FOUND: Halt = Halt(PageError::NotFound);

/// Every route of the dashboard.
pub(crate) fn routes(console: &Arc<Console>) -> Vec<AdminRoute> {
    macro_rules! route {
        ($name:literal, $methods:expr, $path:literal, $function:path) => {
            route(console, $name, $methods, $path, |console, visit| Box::pin($function(console, visit)))
        };
    }
    let entering = Arc::clone(console);
    let enter = admin_handler(move |request| {
        let console = Arc::clone(&entering);
        async move { sign_in(&console, &request, None).await }
    });
    vec![
        AdminRoute { name: "panel_sign_in", at: PathSpec::Fixed("/"), methods: POST, handler: enter },
        route!("panel", GET, "/", overview::show),
        route!("panel_sign_out", GET, "/sign-out", session::ask),
        route!("panel_sign_out_post", POST, "/sign-out", session::leave),
        route!("panel_waiting", GET, "/waiting", waiting::show),
        route!("panel_tenants", GET, "/tenants", tenants::list),
        route!("panel_new_tenant", GET, "/new-tenant", tenants::ask),
        route!("panel_new_tenant_post", POST, "/new-tenant", tenants::create),
        route!("panel_tenant", GET, "/tenants/{slug}", tenant::show),
        route!("panel_tenant_post", POST, "/tenants/{slug}", tenant::act),
        route!("panel_profile", GET, "/tenants/{slug}/profile", profile::show),
        route!("panel_profile_post", POST, "/tenants/{slug}/profile", profile::save),
        route!("panel_clients", GET, "/tenants/{slug}/clients", clients::list),
        route!("panel_client", GET, "/tenants/{slug}/clients/{client_id}", clients::show),
        route!("panel_client_post", POST, "/tenants/{slug}/clients/{client_id}", clients::act),
        route!("panel_users", GET, "/tenants/{slug}/users", users::list),
        route!("panel_user", GET, "/tenants/{slug}/users/{user}", users::show),
        route!("panel_user_post", POST, "/tenants/{slug}/users/{user}", users::act),
        route!("panel_webhooks", GET, "/tenants/{slug}/webhooks", webhooks::list),
        route!("panel_webhook", GET, "/tenants/{slug}/webhooks/{webhook}", webhooks::show),
        route!("panel_webhook_post", POST, "/tenants/{slug}/webhooks/{webhook}", webhooks::act),
        route!("panel_delivery", GET, "/tenants/{slug}/webhooks/{webhook}/deliveries/{message}", webhooks::delivery),
        route!(
            "panel_delivery_post",
            POST,
            "/tenants/{slug}/webhooks/{webhook}/deliveries/{message}",
            webhooks::resend
        ),
        route!("panel_timeline", GET, "/tenants/{slug}/timeline", timeline::show),
        route!("panel_operators", GET, "/operators", operators::list),
        route!("panel_operators_post", POST, "/operators", operators::act),
    ]
}

fn route(
    console: &Arc<Console>,
    name: &'static str,
    methods: &'static [Method],
    path: &'static str,
    run: Run,
) -> AdminRoute {
    let console = Arc::clone(console);
    let handler = admin_handler(move |request| answer(Arc::clone(&console), run, request));
    let at = if path.contains('{') { PathSpec::Pattern(path) } else { PathSpec::Fixed(path) };
    AdminRoute { name, at, methods, handler }
}

/// Whoever asks must be signed in; a form must have come from a page of theirs.
async fn answer(console: Arc<Console>, run: Run, request: Request) -> Answer {
    let visit = match Visit::of(&console, request).await {
        Ok(visit) => visit,
        Err(instead) => return *instead,
    };
    match run(&console, &visit).await {
        Ok(answer) => answer,
        Err(Halt(kind)) => visit.error(kind),
    }
}
