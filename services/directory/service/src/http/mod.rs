//! The users of clients, over HTTP (knob 44). One endpoint, one file: read, call one command,
//! render. The wire is the profile's.

mod create_user;
mod delete_user;
mod get_user;
mod password;
mod verify_user;

use std::sync::Arc;

use grantor_ids::ClientKey;
use grantor_profile::{ApiProblem, ApiRefusal, Endpoint, UserAnswer, WireAnswer};
use grantor_web::{Answer, ApiCaller, Call, Handler, Method, PathSpec, Route, api_caller, api_refusal, handler, wire};

use crate::{Directory, LOG, client_users::ClientUser};

/// Every endpoint of the service.
pub(crate) fn routes(directory: &Arc<Directory>) -> Vec<Route> {
    const GET: &[Method] = &[Method::GET];
    const POST: &[Method] = &[Method::POST];
    const DELETE: &[Method] = &[Method::DELETE];
    let users = PathSpec::Profile(Endpoint::Users);
    let below = |pattern| PathSpec::Below(Endpoint::Users, pattern);
    let route = |name, methods, at, handler| Route::new(LOG, name, methods, at, handler).with_users();
    vec![
        route("create_client_user", POST, users, on(directory, create_user::post)),
        route("get_own_user", GET, users, on(directory, get_user::own)),
        route("delete_own_user", DELETE, users, on(directory, delete_user::own)),
        route("user_verification", GET, below("/verificationStatus"), on(directory, get_user::verification)),
        route("allow_password_change", POST, below("/requestPasswordChange"), on(directory, password::allow)),
        route("replace_password", POST, below("/executePasswordChange"), on(directory, password::replace)),
        route("verify_client_user", POST, below("/verify/{id}"), on(directory, verify_user::post)),
        route("delete_client_user", DELETE, below("/{id}"), on(directory, delete_user::of_client)),
    ]
}

/// What an endpoint comes to.
type Outcome = Result<WireAnswer, ApiRefusal>;

fn on<F, A>(directory: &Arc<Directory>, function: F) -> Handler
where
    F: Fn(Arc<Directory>, Arc<Call>, ApiCaller) -> A + Copy + Send + Sync + 'static,
    A: Future<Output = Outcome> + Send + 'static,
{
    let directory = Arc::clone(directory);
    handler(move |call| answered(Arc::clone(&directory), Arc::new(call), function))
}

/// Who calls comes first: nothing is read of a request without a token.
async fn answered<F, A>(directory: Arc<Directory>, call: Arc<Call>, function: F) -> Answer
where
    F: Fn(Arc<Directory>, Arc<Call>, ApiCaller) -> A + Send + Sync,
    A: Future<Output = Outcome> + Send,
{
    let outcome = match api_caller(&call, directory.tokens.as_ref()).await {
        Ok(caller) => function(Arc::clone(&directory), Arc::clone(&call), caller).await,
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(answer) => wire(answer),
        Err(refusal) => api_refusal(&call, &refusal, directory.clock.now(call.tenant.id)),
    }
}

/// The client that calls, by its key.
async fn client_key(directory: &Directory, call: &Call, caller: ApiCaller) -> Result<ClientKey, ApiRefusal> {
    let client_id = caller.client()?;
    let found = directory.tenants.client(call.tenant.id, &client_id).await;
    let client = found.map_err(crate::client_users::unavailable)?;
    let gone = || ApiRefusal::new(ApiProblem::Unauthorized, "the access token is unknown, expired or revoked");
    client.map(|client| client.key).ok_or_else(gone)
}

/// A user as they are answered; the password is not known here.
fn shown(user: &ClientUser) -> UserAnswer<'_> {
    UserAnswer {
        id: user.profile.login.as_deref().unwrap_or_default(),
        password: None,
        email: user.profile.email.as_deref(),
        phone: user.profile.claims.get("phone_number").and_then(|phone| phone.as_str()),
        attributes: &user.profile.attributes,
    }
}
