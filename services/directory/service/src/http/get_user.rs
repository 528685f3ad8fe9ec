//! `GET` of the users: the token's own, and whether one is verified.

use std::sync::Arc;

use grantor_profile::{ApiProblem, ApiRefusal};
use grantor_web::{ApiCaller, Call};

use super::{Outcome, client_key, shown};
use crate::Directory;

pub(super) async fn own(directory: Arc<Directory>, call: Arc<Call>, caller: ApiCaller) -> Outcome {
    let api = call.tenant.profile.users()?;
    let user = directory.client_user_by_key(call.tenant.id, caller.user()?).await?;
    Ok(api.user_answer(200, &shown(&user)))
}

pub(super) async fn verification(directory: Arc<Directory>, call: Arc<Call>, caller: ApiCaller) -> Outcome {
    let api = call.tenant.profile.users()?;
    let client = client_key(&directory, &call, caller).await?;
    let bad = |_| ApiRefusal::new(ApiProblem::BadRequest, "the query cannot be read");
    let params = call.query_params().map_err(bad)?;
    let id = params.get("userId").ok_or_else(|| ApiRefusal::new(ApiProblem::MissingField, "'userId' is missing"))?;
    let user = directory.client_user(call.tenant.id, client, id).await?;
    Ok(api.verification_answer(user.profile.login.as_deref().unwrap_or_default(), user.verified))
}
