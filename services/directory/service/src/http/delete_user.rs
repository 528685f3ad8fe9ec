//! `DELETE` of a user: by themselves, or by a client. Their key is destroyed; the event
//! `identity.user.erased` tells everybody.

use std::sync::Arc;

use grantor_eventsourcing::Actor;
use grantor_ids::UserId;
use grantor_web::{ApiCaller, Call};

use super::{Outcome, client_key};
use crate::{Directory, client_users::refused, commands};

pub(super) async fn own(directory: Arc<Directory>, call: Arc<Call>, caller: ApiCaller) -> Outcome {
    let user = directory.client_user_by_key(call.tenant.id, caller.user()?).await?;
    erase(&directory, &call, user.id, Actor::User(user.id)).await
}

pub(super) async fn of_client(directory: Arc<Directory>, call: Arc<Call>, caller: ApiCaller) -> Outcome {
    let client = client_key(&directory, &call, caller).await?;
    let user = directory.client_user(call.tenant.id, client, call.param("id")).await?;
    erase(&directory, &call, user.id, Actor::Client(client)).await
}

async fn erase(directory: &Directory, call: &Call, user: UserId, actor: Actor) -> Outcome {
    let api = call.tenant.profile.users()?;
    let meta = call.meta(actor);
    commands::erase_user(directory, call.tenant.id, user, &meta).await.map_err(refused)?;
    directory.end_tokens(call.tenant.id, user, &meta).await;
    Ok(api.done())
}
