//! `GET` and `PATCH` of a client's own settings, with its own token (knob 44).

use std::sync::Arc;

use grantor_eventsourcing::Actor;
use grantor_ports::{ClientChange, ClientView, PortError};
use grantor_profile::{ApiProblem, ApiRefusal, Lifetimes, Profile, WireAnswer};
use grantor_web::{Answer, Call, api_caller, api_refusal, incoming, wire};

use crate::{
    Registry,
    commands::{Failure, Patch},
};

pub(super) async fn get(registry: Arc<Registry>, call: Call) -> Answer {
    let outcome = async {
        let client = own(&registry, &call).await?;
        shown(&call.tenant.profile, &client)
    };
    answered(&registry, &call, outcome.await)
}

pub(super) async fn patch(registry: Arc<Registry>, call: Call) -> Answer {
    let outcome = changed(&registry, &call).await;
    answered(&registry, &call, outcome)
}

fn answered(registry: &Registry, call: &Call, outcome: Result<WireAnswer, ApiRefusal>) -> Answer {
    match outcome {
        Ok(answer) => wire(answer),
        Err(refusal) => api_refusal(call, &refusal, registry.clock.now(call.tenant.id)),
    }
}

fn unavailable(_: PortError) -> ApiRefusal {
    ApiRefusal::new(ApiProblem::Unavailable, "the service cannot answer now; try again")
}

/// The client whose own token came with the call, as it is now.
async fn own(registry: &Registry, call: &Call) -> Result<Arc<ClientView>, ApiRefusal> {
    let client_id = api_caller(call, registry.tokens.as_ref()).await?.client()?;
    let found = grantor_ports::Registry::client(registry, call.tenant.id, &client_id).await.map_err(unavailable)?;
    found.ok_or_else(|| ApiRefusal::new(ApiProblem::UnknownEntity, "there is no such client"))
}

async fn changed(registry: &Registry, call: &Call) -> Result<WireAnswer, ApiRefusal> {
    let profile = &call.tenant.profile;
    let client = own(registry, call).await?;
    let lifetimes = profile.users()?.parse_configuration(&incoming(call))?;
    let change = ClientChange { lifetimes, ..ClientChange::default() };
    let meta = call.meta(Actor::Client(client.key));
    let patch = Patch { change, by_developer: false };
    match registry.update(&call.tenant, client.key, patch, &meta).await {
        Ok(client) => shown(profile, &client),
        Err(Failure::Store(_)) => Err(unavailable(PortError::Busy)),
        Err(Failure::Refused(_) | Failure::TooMany) => {
            Err(ApiRefusal::new(ApiProblem::IllegalFieldValue, "these settings cannot be had"))
        }
    }
}

/// Those in force: the client's own, or else the tenant's.
fn shown(profile: &Profile, client: &ClientView) -> Result<WireAnswer, ApiRefusal> {
    let ttl = Some(profile.access_tokens.ttl_seconds);
    let refresh = Some(profile.refresh_tokens.idle_seconds.unwrap_or(0));
    let tenants = Lifetimes { user_access: ttl, client_access: ttl, refresh };
    Ok(profile.users()?.configuration_answer(&client.name, client.lifetimes.or(tenants)))
}
