//! `POST`: a client says that a user is who they are.

use std::sync::Arc;

use grantor_eventsourcing::Actor;
use grantor_ports::UserChange;
use grantor_profile::{ApiProblem, ApiRefusal};
use grantor_web::{ApiCaller, Call};

use super::{Outcome, client_key};
use crate::{Directory, client_users::refused, commands};

pub(super) async fn post(directory: Arc<Directory>, call: Arc<Call>, caller: ApiCaller) -> Outcome {
    let api = call.tenant.profile.users()?;
    let client = client_key(&directory, &call, caller).await?;
    let user = directory.client_user(call.tenant.id, client, call.param("id")).await?;
    if user.verified {
        return Err(ApiRefusal::new(ApiProblem::IllegalEntityState, "the user is verified already"));
    }
    let change = UserChange { email_verified: Some(true), ..UserChange::default() };
    let meta = call.meta(Actor::Client(client));
    commands::change_user(&directory, call.tenant.id, user.id, change, &meta).await.map_err(refused)?;
    Ok(api.done())
}
