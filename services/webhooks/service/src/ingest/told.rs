//! What is told of an event, and whom it concerns. Ids, times, scopes and reasons: no token, no
//! personal datum.

use grantor_bus::HandleError;
use grantor_contracts::{
    Message,
    registry::v1::{ClientRejected, ClientSuspended},
    token::v1::AuthorizationRevoked,
};
use grantor_eventsourcing::Envelope;
use grantor_ids::{AccountId, ClientKey, GrantId, UserId};
use grantor_oauth::ScopeSet;
use grantor_webhooks_domain::{Audience, EventType, body::Datum};
use uuid::Uuid;

use super::known::{Known, created, poison, uuid};

/// What is told.
pub(super) struct Told {
    /// Whose endpoints hear of it, beside the tenant's own.
    pub clients: Vec<ClientKey>,
    /// The id of whom it is about.
    pub subject: String,
    /// The members of `data`, in order.
    pub data: Vec<(&'static str, Datum)>,
}

/// `None` when there is nothing to tell.
pub(super) async fn told(event: &Envelope, kind: &EventType, known: &Known) -> Result<Option<Told>, HandleError> {
    match kind.audience {
        Audience::Grant => of_grant(event, known).await,
        Audience::Client => of_client(event, known).await,
        Audience::User => of_user(event, known).await.map(Some),
    }
}

async fn of_grant(event: &Envelope, known: &Known) -> Result<Option<Told>, HandleError> {
    let subject = GrantId::from_uuid(event.aggregate_id).to_string();
    let mut data = vec![("id", text(&subject))];
    let (client, verb) = match event.event_type.as_str() {
        "oauth.authorization.created" | "oauth.authorization.opened" => {
            let created = created(event)?;
            account(&mut data, &created.account_id)?;
            data.push(("client_id", text(&created.client_id)));
            scope(&mut data, &created.scope);
            (Some(ClientKey::from_uuid(uuid(&created.client_key)?)), "created_at")
        }
        "oauth.authorization.revoked" => {
            let revoked = AuthorizationRevoked::decode(event.payload.clone()).map_err(poison)?;
            account(&mut data, &revoked.account_id)?;
            let grant = known.grant(event.tenant, event.aggregate_id).await?;
            let client_id = grant.as_ref().map_or(revoked.client_id.clone(), |grant| grant.client_id.clone());
            let client = match grant {
                Some(grant) => Some(grant.client),
                None => known.client(event.tenant, &client_id).await?,
            };
            data.push(("client_id", text(&client_id)));
            scope(&mut data, &revoked.scope);
            data.push(("revoked_at", Datum::Time(event.occurred_at)));
            data.push(("revoked_by", text(&revoked.revoked_by)));
            return Ok(Some(Told { clients: client.into_iter().collect(), subject, data }));
        }
        kind => {
            let Some(grant) = known.grant(event.tenant, event.aggregate_id).await? else { return Ok(None) };
            data.push(("client_id", text(&grant.client_id)));
            (Some(grant.client), if kind.ends_with("expired") { "expired_at" } else { "detected_at" })
        }
    };
    data.push((verb, Datum::Time(event.occurred_at)));
    Ok(Some(Told { clients: client.into_iter().collect(), subject, data }))
}

async fn of_client(event: &Envelope, known: &Known) -> Result<Option<Told>, HandleError> {
    let client = ClientKey::from_uuid(event.aggregate_id);
    let Some(client_id) = known.client_id(event.tenant, event.aggregate_id).await? else { return Ok(None) };
    let mut data = vec![("client_id", text(&client_id))];
    let reason = match event.event_type.as_str() {
        "oauth.client.rejected" => ClientRejected::decode(event.payload.clone()).map_err(poison)?.reason,
        "oauth.client.suspended" => ClientSuspended::decode(event.payload.clone()).map_err(poison)?.reason,
        _ => String::new(),
    };
    if !reason.is_empty() {
        data.push(("reason", text(&reason)));
    }
    Ok(Some(Told { clients: vec![client], subject: client_id, data }))
}

async fn of_user(event: &Envelope, known: &Known) -> Result<Told, HandleError> {
    let clients = known.clients_of(event.tenant, event.aggregate_id, event.occurred_at).await?;
    Ok(of_user_to(event, clients))
}

/// What is told of a person, to these.
pub(super) fn of_user_to(event: &Envelope, clients: Vec<ClientKey>) -> Told {
    let subject = UserId::from_uuid(event.aggregate_id).to_string();
    Told { clients, data: vec![("user_id", text(&subject))], subject }
}

fn text(text: &str) -> Datum {
    Datum::Text(text.to_owned())
}

/// Where the tenant has accounts.
fn account(data: &mut Vec<(&'static str, Datum)>, bytes: &[u8]) -> Result<(), HandleError> {
    if !bytes.is_empty() {
        let account: Uuid = uuid(bytes)?;
        data.push(("account_id", text(&AccountId::from_uuid(account).to_string())));
    }
    Ok(())
}

fn scope(data: &mut Vec<(&'static str, Datum)>, spaced: &str) {
    if let Ok(scopes) = ScopeSet::from_spaced(spaced) {
        data.push(("scope", Datum::Scope(scopes)));
    }
}
