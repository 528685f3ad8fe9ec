//! `POST` to the users: a client makes one.

use std::sync::Arc;

use grantor_eventsourcing::Actor;
use grantor_profile::UserAnswer;
use grantor_web::{ApiCaller, Call, incoming};

use super::{Outcome, client_key};
use crate::{Directory, commands};

/// The answer repeats the password where the profile says so: from this request's memory, from
/// which it goes nowhere else. It is never cached.
pub(super) async fn post(directory: Arc<Directory>, call: Arc<Call>, caller: ApiCaller) -> Outcome {
    let api = call.tenant.profile.users()?;
    let client = client_key(&directory, &call, caller).await?;
    let wanted = api.parse_new_user(&incoming(&call))?;
    let meta = call.meta(Actor::Client(client));
    let created = commands::create_client_user(&directory, call.tenant.id, api, client, wanted, &meta).await?;
    let profile = &created.profile;
    let user = UserAnswer {
        id: profile.login.as_deref().unwrap_or_default(),
        password: api.echo_password.then_some(&created.password),
        email: profile.email.as_deref(),
        phone: profile.claims.get("phone_number").and_then(|phone| phone.as_str()),
        attributes: &profile.attributes,
    };
    Ok(api.user_answer(api.created_status, &user))
}
