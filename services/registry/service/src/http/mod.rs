//! The developers' pages. Handlers read, call one command, render.

mod accounts;
mod client_action;
mod client_configuration;
mod client_details;
mod client_form;
mod create_client;
mod developers;
mod edit_client;
mod explorer;
mod home;
mod team;
mod visitor;
mod webhooks;

use std::sync::Arc;

use grantor_pages::{Frame, Lang, PageError};
use grantor_profile::{Endpoint, Locale};
use grantor_store::StoreError;
use grantor_web::{Answer, Call, Method, PathSpec, Route, error_page, frame, handler};

use crate::{Registry, SERVICE};

/// An answer, or the one that comes instead.
type Outcome = Result<Answer, Answer>;

const GET: &[Method] = &[Method::GET];
const POST: &[Method] = &[Method::POST];

/// Every page of this service.
pub(crate) fn routes(registry: &Arc<Registry>) -> Vec<Route> {
    macro_rules! route {
        ($name:literal, $methods:expr, $at:expr, $function:path) => {{
            let registry = Arc::clone(registry);
            let answer = handler(move |call| {
                let registry = Arc::clone(&registry);
                async move { $function(&registry, &call).await.unwrap_or_else(|instead| instead) }
            });
            Route::new(SERVICE, $name, $methods, $at, answer)
        }};
    }
    let create = PathSpec::Profile(Endpoint::CreateClient);
    let details = PathSpec::Pattern("/clients/{client_id}");
    let accounts = PathSpec::Pattern("/clients/{client_id}/accounts");
    let edit = PathSpec::Pattern("/clients/{client_id}/edit");
    let own = Arc::clone(registry);
    let configuration = handler(move |call| client_configuration::get(Arc::clone(&own), call));
    let own = Arc::clone(registry);
    let configure = handler(move |call| client_configuration::patch(Arc::clone(&own), call));
    let at = PathSpec::Profile(Endpoint::ClientConfiguration);
    vec![
        Route::new(SERVICE, "client_configuration", GET, at, configuration).with_users(),
        Route::new(SERVICE, "change_client_configuration", &[Method::PATCH], at, configure).with_users(),
        route!("home", GET, PathSpec::Fixed("/"), home::show),
        route!("explorer", GET, PathSpec::Fixed(explorer::PATH), explorer::show),
        route!("explorer_post", POST, PathSpec::Fixed(explorer::PATH), explorer::submit),
        route!("explorer_openapi", GET, PathSpec::Fixed(explorer::OPENAPI), explorer::openapi),
        route!("explorer_postman", GET, PathSpec::Fixed(explorer::POSTMAN), explorer::postman),
        route!("developers", GET, PathSpec::Fixed(developers::START), developers::start),
        route!("developers_security", GET, PathSpec::Fixed(developers::SECURITY), developers::security),
        route!("developers_oauth", GET, PathSpec::Fixed(developers::OAUTH), developers::oauth),
        route!("developers_templates", GET, PathSpec::Fixed(developers::TEMPLATES), developers::templates),
        route!("developers_dashboard", GET, PathSpec::Fixed(developers::DASHBOARD), developers::dashboard),
        route!("team", GET, PathSpec::Fixed(team::TEAM), team::show),
        route!("team_post", POST, PathSpec::Fixed(team::TEAM), team::act),
        route!("team_member", GET, PathSpec::Pattern(team::MEMBER), team::member),
        route!("create_client_form", GET, create, create_client::show),
        route!("create_client", POST, create, create_client::submit),
        route!("client", GET, details, client_details::show),
        route!("client_action", POST, details, client_action::act),
        route!("client_accounts", GET, accounts, accounts::show),
        route!("client_accounts_post", POST, accounts, accounts::act),
        route!("client_webhooks", GET, PathSpec::Pattern(webhooks::OF_CLIENT), webhooks::list),
        route!("client_webhooks_post", POST, PathSpec::Pattern(webhooks::OF_CLIENT), webhooks::create),
        route!("client_webhook", GET, PathSpec::Pattern(webhooks::ENDPOINT), webhooks::endpoint),
        route!("client_webhook_post", POST, PathSpec::Pattern(webhooks::ENDPOINT), webhooks::act),
        route!("client_webhook_delivery", GET, PathSpec::Pattern(webhooks::DELIVERY), webhooks::delivery),
        route!("client_webhook_delivery_post", POST, PathSpec::Pattern(webhooks::DELIVERY), webhooks::resend),
        route!("webhooks", GET, PathSpec::Fixed(webhooks::OWN), webhooks::list),
        route!("webhooks_post", POST, PathSpec::Fixed(webhooks::OWN), webhooks::create),
        route!("webhook", GET, PathSpec::Pattern(webhooks::OWN_ENDPOINT), webhooks::endpoint),
        route!("webhook_post", POST, PathSpec::Pattern(webhooks::OWN_ENDPOINT), webhooks::act),
        route!("webhook_delivery", GET, PathSpec::Pattern(webhooks::OWN_DELIVERY), webhooks::delivery),
        route!("webhook_delivery_post", POST, PathSpec::Pattern(webhooks::OWN_DELIVERY), webhooks::resend),
        route!("edit_client_form", GET, edit, edit_client::show),
        route!("edit_client", POST, edit, edit_client::save),
    ]
}

/// The language of the page: the one chosen by the page's own switch, or the browser's.
fn lang(call: &Call) -> Lang {
    let query = call.query_params().ok();
    call.lang(query.as_ref().and_then(|query| query.get("ui_locales")))
}

/// The frame of a page that can be had in the other language by a link.
fn framed(call: &Call, lang: Lang) -> Frame {
    let mut frame = once(call, lang);
    let other = Lang::ALL.into_iter().find(|other| *other != lang);
    frame.other_language_path = other.map(|other| format!("{}?ui_locales={}", call.path, other.tag()));
    frame
}

/// The frame of a page that cannot be had again.
fn once(call: &Call, lang: Lang) -> Frame {
    Frame { menu: Some(developers::menu(call, lang)), ..frame(call, lang) }
}

/// The profile's word for a language.
const fn locale(lang: Lang) -> Locale {
    match lang {
        Lang::En => Locale::En,
        Lang::De => Locale::De,
    }
}

/// The page of a store that does not answer.
fn unavailable(call: &Call) -> impl Fn(StoreError) -> Answer + '_ {
    move |_| error_page(call, PageError::Unavailable)
}

fn create_client_path(call: &Call) -> &str {
    &call.tenant.profile.paths.create_client.path
}

fn client_path(client_id: &str) -> String {
    format!("/clients/{client_id}")
}
