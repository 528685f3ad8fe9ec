//! The widget: from a partner's request to the person's answer, step by step.

mod accounts;
mod bank;
mod consent;
mod end;
mod factor;
mod framed;
mod link;
mod login;
mod pages;
mod show;
mod start;
mod visit;

use std::sync::Arc;

use grantor_authorization_domain::FlowKind;
use grantor_profile::Endpoint;
use grantor_web::{Call, Handler, PathSpec, Route, handler};

use self::framed::on;
use super::{GET, POST};
use crate::{Authorization, SERVICE};

/// The two starts are the issuer's; every page is the widget's.
pub(super) fn routes(service: &Arc<Authorization>) -> Vec<Route> {
    let start = |name, at, kind| Route::new(SERVICE, name, POST, PathSpec::Profile(at), starts(service, kind));
    let page = |name, methods, at, handler| Route::new(SERVICE, name, methods, at, handler).on_widget();
    let pattern = PathSpec::Pattern;
    vec![
        start("flow_start", Endpoint::FlowStart, FlowKind::OneTime),
        start("flow_start_ongoing", Endpoint::FlowStartOngoing, FlowKind::Ongoing),
        page("widget", GET, PathSpec::Fixed("/"), on(service, link::get)),
        page("widget_link", GET, PathSpec::Fixed("/widget"), on(service, link::get)),
        page("flow", GET, pattern("/flow/{id}"), on(service, show::get)),
        page("flow_bank", POST, pattern("/flow/{id}/bank"), on(service, bank::post)),
        page("flow_login", POST, pattern("/flow/{id}/login"), on(service, login::post)),
        page("flow_factor", POST, pattern("/flow/{id}/factor"), on(service, factor::post)),
        page("flow_accounts", POST, pattern("/flow/{id}/accounts"), on(service, accounts::post)),
        page("flow_consent", POST, pattern("/flow/{id}/consent"), on(service, consent::post)),
    ]
}

fn starts(service: &Arc<Authorization>, kind: FlowKind) -> Handler {
    let service = Arc::clone(service);
    handler(move |call: Call| {
        let service = Arc::clone(&service);
        async move { start::post(&service, &call, kind).await }
    })
}
