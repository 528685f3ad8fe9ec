//! A client sets a new password for a user: first the token that allows it, then the password.

use std::sync::Arc;

use grantor_eventsourcing::Actor;
use grantor_web::{ApiCaller, Call, incoming};

use super::{Outcome, client_key};
use crate::{Directory, client_users::unavailable, commands};

pub(super) async fn allow(directory: Arc<Directory>, call: Arc<Call>, caller: ApiCaller) -> Outcome {
    let api = call.tenant.profile.users()?;
    let client = client_key(&directory, &call, caller).await?;
    let id = api.parse_user_id(&incoming(&call))?;
    let user = directory.client_user(call.tenant.id, client, &id).await?;
    let token = commands::allow_password_change(&directory, call.tenant.id, &user).await.map_err(unavailable)?;
    let shown = user.profile.login.as_deref().unwrap_or_default();
    Ok(api.password_token_answer(shown, user.profile.email.as_deref(), &token))
}

pub(super) async fn replace(directory: Arc<Directory>, call: Arc<Call>, caller: ApiCaller) -> Outcome {
    let api = call.tenant.profile.users()?;
    let client = client_key(&directory, &call, caller).await?;
    let wanted = api.parse_password_change(&incoming(&call))?;
    let meta = call.meta(Actor::Client(client));
    commands::replace_password(&directory, call.tenant.id, api, (client, call.peer), wanted, &meta).await?;
    Ok(api.done())
}
