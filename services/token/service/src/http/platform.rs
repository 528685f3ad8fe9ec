//! A platform's own resources, opened by its API key where the client's secret is one:
//! `Authorization: Bearer <secret>`, or Basic with the client's id. `GET` of
//! `/platforms/{client_id}/accounts` lists the connected accounts, `DELETE` of one below it
//! disconnects it.

use std::sync::Arc;

use grantor_eventsourcing::Actor;
use grantor_ids::AccountId;
use grantor_oauth::{ClientAuthMethod, ClientCredentials, ErrorCode, Params, bearer_token, client_credentials};
use grantor_ports::ClientView;
use grantor_web::{Answer, Call, oauth_error};
use serde::Serialize;
use serde_json::json;

use crate::{Token, readmodel::Owner, refused::Refused};

#[derive(Serialize)]
struct Connected {
    account_id: Option<AccountId>,
    scope: String,
    connected_at: i64,
    last_used_at: i64,
}

pub(super) async fn accounts(token: Arc<Token>, call: Call) -> Answer {
    match token.platform(&call).await {
        Ok(client) => token.connected(&call, &client).await.unwrap_or_else(|refused| refused),
        Err(refused) => refused,
    }
}

pub(super) async fn disconnect(token: Arc<Token>, call: Call) -> Answer {
    let client = match token.platform(&call).await {
        Ok(client) => client,
        Err(refused) => return refused,
    };
    let Ok(account) = call.param("account").parse::<AccountId>() else { return nothing() };
    let meta = call.meta(Actor::Client(client.key));
    match token.disconnect_account(call.tenant.id, &client.client_id, account, &meta).await {
        Ok(true) => Answer::empty(204).no_store(),
        Ok(false) => nothing(),
        Err(_) => Refused::Unavailable.answer(&call.tenant.profile),
    }
}

fn nothing() -> Answer {
    oauth_error(404, &ErrorCode::InvalidRequest.because("there is no such connected account"))
}

impl Token {
    /// The client that the path names and whose key is shown.
    async fn platform(&self, call: &Call) -> Result<Arc<ClientView>, Answer> {
        if !call.tenant.profile.clients.secret_is_api_key {
            return Err(oauth_error(404, &ErrorCode::InvalidRequest.because("this tenant has no API keys")));
        }
        let refused = || {
            let error = ErrorCode::InvalidToken.because("the API key is missing or wrong");
            oauth_error(401, &error).header("www-authenticate", "Bearer realm=\"platform\"")
        };
        let credentials = key_shown(call).ok_or_else(refused)?;
        match self.authenticate(&call.tenant, call.peer, &credentials).await {
            Ok(client) => Ok(client),
            Err(Refused::Because(..) | Refused::Protocol(_)) => Err(refused()),
            Err(other) => Err(other.answer(&call.tenant.profile)),
        }
    }

    async fn connected(&self, call: &Call, client: &ClientView) -> Result<Answer, Answer> {
        let profile = &call.tenant.profile;
        let grants = self.live_grants(call.tenant.id, Owner::Client(&client.client_id)).await;
        let grants = grants.map_err(|_| Refused::Unavailable.answer(profile))?;
        let scope = |names: &[String]| {
            let set = grantor_oauth::ScopeSet::from_names(names.iter().map(String::as_str)).unwrap_or_default();
            profile.scope_text(&set)
        };
        let data: Vec<Connected> = grants
            .iter()
            .map(|grant| Connected {
                account_id: grant.account,
                scope: scope(&grant.scope),
                connected_at: grant.created_at.timestamp(),
                last_used_at: grant.used_at.timestamp(),
            })
            .collect();
        Ok(Answer::json(200, &json!({ "object": "list", "data": data })).no_store())
    }
}

/// The key of the client in the path, in either form.
fn key_shown(call: &Call) -> Option<ClientCredentials> {
    let client_id = call.param("client_id").to_owned();
    let header = call.header("authorization");
    if let Ok(Some(secret)) = bearer_token(header, None) {
        return Some(ClientCredentials { client_id, secret: Some(secret), method: ClientAuthMethod::ClientSecretPost });
    }
    let basic = client_credentials(header, &Params::default()).ok()??;
    (basic.client_id == client_id && basic.secret.is_some()).then_some(basic)
}
