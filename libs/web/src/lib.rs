//! The actix kit: from a connection to a [`Call`], from an [`Answer`] to bytes.
//!
//! Every listener has one dispatcher. It resolves the tenant from the request's authority or
//! its `/t/{slug}` prefix, finds the route, reads the body (bounded), calls the handler, and
//! adds the headers that every answer carries. Services see neither actix nor a socket.

mod answer;
mod api;
mod assets;
mod body;
mod call;
mod dispatch;
mod ingress;
mod own;
mod problem;
mod proxy;
mod request;
mod resolve;
mod route;
mod router;
mod shown;
mod webhooks;

pub use answer::{Answer, SetCookie};
pub use api::{ApiCaller, api_caller, api_refusal, incoming, wire};
pub use assets::asset_file;
pub use call::{Call, CallBuilder};
pub use dispatch::{AdminDispatcher, TenantDispatcher};
pub use ingress::endpoint_of_path;
pub use own::OwnEndpoints;
pub use problem::{error_page, frame, oauth_error, oauth_unavailable, page, problem};
pub use proxy::Proxies;
pub use request::{Method, Request};
pub use route::{AdminRoute, CorsClass, Handler, PathSpec, Route, admin_handler, handler};
pub use shown::Shown;
pub use webhooks::{
    asked_delivery_state, delivery_state, shown_limit, typed_limit, webhook_attempt, webhook_form, webhook_health,
    webhook_keys, webhook_log_entry, webhook_state,
};

/// Largest request body, in bytes. The largest honest one is a profile document.
pub const MAX_BODY: usize = 64 * 1024;

/// Largest body of a call between services, in bytes: a profile within a command, escaped.
pub const MAX_INTERNAL_BODY: usize = 1024 * 1024;
