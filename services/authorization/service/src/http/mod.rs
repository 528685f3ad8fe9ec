//! One endpoint, one file: parse, call one command, render.

mod apps;
mod assets;
mod authorize;
mod callback;
mod client;
mod consent;
mod details;
mod failure;
mod flow;
mod interaction;
mod login;
mod logout;
mod new_password;
mod pages;
mod push;
mod reset;
mod select;
mod sign_up;
mod verify;
mod visit;

use std::sync::Arc;

use grantor_profile::Endpoint;
use grantor_web::{Answer, Call, CorsClass, Handler, Method, PathSpec, Route, handler};

pub(crate) use failure::Fault;

use crate::{Authorization, SERVICE};

type Answered = Result<Answer, Fault>;

const GET: &[Method] = &[Method::GET];
const POST: &[Method] = &[Method::POST];

pub(crate) fn routes(service: &Arc<Authorization>) -> Vec<Route> {
    let route = |name, methods, at, handler| Route::new(SERVICE, name, methods, at, handler);
    let fixed = PathSpec::Fixed;
    let pattern = PathSpec::Pattern;
    let mut all = vec![
        route("authorize", GET, PathSpec::Profile(Endpoint::Authorize), on(service, authorize::get)),
        route("authorize_post", POST, PathSpec::Profile(Endpoint::Authorize), on(service, authorize::post)),
        route("pushed_authorization", POST, PathSpec::Profile(Endpoint::PushedAuthorization), on(service, push::post))
            .cors(CorsClass::Token),
        route("interaction", GET, pattern("/interaction/{id}"), on(service, interaction::get)),
        route("interaction_login", POST, pattern("/interaction/{id}/login"), on(service, login::post)),
        route("interaction_signup", GET, pattern("/interaction/{id}/signup"), on(service, sign_up::get)),
        route("interaction_signup_post", POST, pattern("/interaction/{id}/signup"), on(service, sign_up::post)),
        route("interaction_verify", GET, pattern("/interaction/{id}/verify"), on(service, verify::get)),
        route("interaction_verify_post", POST, pattern("/interaction/{id}/verify"), on(service, verify::post)),
        route("interaction_reset", GET, pattern("/interaction/{id}/reset"), on(service, reset::get)),
        route("interaction_reset_post", POST, pattern("/interaction/{id}/reset"), on(service, reset::post)),
        route("interaction_password", GET, pattern("/interaction/{id}/password"), on(service, new_password::get)),
        route(
            "interaction_password_post",
            POST,
            pattern("/interaction/{id}/password"),
            on(service, new_password::post),
        ),
        route("interaction_select", POST, pattern("/interaction/{id}/select"), on(service, select::post)),
        route("interaction_consent", POST, pattern("/interaction/{id}/consent"), on(service, consent::post)),
        route("interaction_details", POST, pattern("/interaction/{id}/details"), on(service, details::post)),
        route("login", GET, fixed("/login"), on(service, login::own)),
        route("signup", GET, fixed("/signup"), on(service, login::own_sign_up)),
        route("reset", GET, fixed("/reset"), on(service, login::own_reset)),
        route("end_session", GET, PathSpec::Profile(Endpoint::EndSession), on(service, logout::get)),
        route("end_session_post", POST, PathSpec::Profile(Endpoint::EndSession), on(service, logout::post)),
        route("logout", GET, fixed("/logout"), on(service, logout::get)),
        route("logout_post", POST, fixed("/logout"), on(service, logout::post)),
        route("logout_confirm", POST, fixed("/logout/confirm"), on(service, logout::confirm)),
        route("logged_out", GET, fixed("/logged-out"), on(service, logout::done)),
        route("apps", GET, fixed("/apps"), on(service, apps::get)),
        route("apps_post", POST, fixed("/apps"), on(service, apps::post)),
        route("brand_css", GET, fixed(grantor_pages::BRAND_CSS_PATH), handler(assets::brand_css)).shared(),
        route("asset", GET, pattern("/assets/{file}"), handler(assets::file)).shared(),
        route("favicon", GET, fixed("/favicon.ico"), handler(assets::favicon)).shared(),
    ];
    all.extend(flow::routes(service));
    all
}

/// Wraps an endpoint: what stops it becomes an error page.
fn on<F, A>(service: &Arc<Authorization>, endpoint: F) -> Handler
where
    F: Fn(Arc<Authorization>, Arc<Call>) -> A + Send + Sync + 'static,
    A: Future<Output = Answered> + Send + 'static,
{
    let service = Arc::clone(service);
    handler(move |call: Call| {
        let call = Arc::new(call);
        let answer = endpoint(Arc::clone(&service), Arc::clone(&call));
        async move { answer.await.unwrap_or_else(|fault| fault.page(&call)) }
    })
}
