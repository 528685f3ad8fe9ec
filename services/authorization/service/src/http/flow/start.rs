use grantor_authorization_domain::FlowKind;
use grantor_oauth::{Params, ProtocolError, RedirectUri, RegistrationRule, ScopeSet};
use grantor_ports::{ClientView, PortError};
use grantor_profile::Incoming;
use grantor_web::{Answer, Call, oauth_unavailable, wire};

use crate::{Authorization, commands::initiate_flow::InitiateFlow, http::client::authenticated};

/// A partner asks for a link to the widget (FN-03): JSON, with the client's Basic credentials.
pub(crate) async fn post(service: &Authorization, call: &Call, kind: FlowKind) -> Answer {
    start(service, call, kind).await.unwrap_or_else(|refused| refused)
}

async fn start(service: &Authorization, call: &Call, kind: FlowKind) -> Result<Answer, Answer> {
    let profile = &call.tenant.profile;
    let refuse = |error: ProtocolError| wire(profile.token_error(&error));
    let incoming = Incoming {
        content_type: call.header("content-type"),
        authorization: call.header("authorization"),
        query: None,
        body: &call.body,
    };
    let nothing = Params::parse("").map_err(|refusal| refuse(refusal.into()))?;
    let client = authenticated(service, call, &incoming, &nothing).await?;
    let request = profile.parse_flow_request(&incoming, kind == FlowKind::Ongoing).map_err(refuse)?;
    let redirect_uri = service.registered(call, &client, &request.redirect_uri).await.map_err(oauth_unavailable)?;
    let redirect_uri = redirect_uri
        .ok_or_else(|| refuse(ProtocolError::invalid_request("redirect_uri is not one of the client's")))?;
    let mine = ScopeSet::from_names(client.scopes.iter().map(String::as_str)).unwrap_or_default();
    let scopes = profile.requested_scopes(None, &mine).map_err(refuse)?;
    let seconds = profile.interaction.widget.as_ref().map_or(60, |widget| widget.link_seconds);
    let command = InitiateFlow { client: &client, kind, request, redirect_uri, scopes };
    let id = service.initiate_flow(call, command).await.map_err(oauth_unavailable)?;
    let location = service.flow_link(&call.tenant, id, seconds).await.map_err(oauth_unavailable)?;
    Ok(wire(profile.flow_started(&location, &id.uuid().to_string())))
}

impl Authorization {
    /// The address, if it is one of the client's as an exact string (C1). Our copy may be older than
    /// the change that registered it.
    async fn registered(&self, call: &Call, client: &ClientView, sent: &str) -> Result<Option<RedirectUri>, PortError> {
        if let Some(found) = pick(client, sent) {
            return Ok(Some(found));
        }
        let owners = self.copies.client_of_owner(call.tenant.id, &client.client_id).await?;
        Ok(owners.and_then(|client| pick(&client, sent)))
    }
}

fn pick(client: &ClientView, sent: &str) -> Option<RedirectUri> {
    let register = |uri: &String| RedirectUri::register(uri, RegistrationRule::WIDEST).ok();
    let registered: Vec<RedirectUri> = client.redirect_uris.iter().filter_map(register).collect();
    RedirectUri::pick(&registered, sent, false)
}
