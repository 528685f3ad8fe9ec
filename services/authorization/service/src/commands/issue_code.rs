use grantor_authorization_domain::{acr_of, consent_id};
use grantor_eventsourcing::Actor;
use grantor_ids::AccountId;
use grantor_oauth::ScopeSet;
use grantor_ports::{ClientView, IssueCode, PortError};
use grantor_web::Call;

use crate::{Authorization, interaction::ClientRequest, session::SignedIn};

impl Authorization {
    /// Asks the token service for a code.
    pub(crate) async fn issue_code(
        &self,
        call: &Call,
        client: &ClientView,
        asked: &ClientRequest,
        session: &SignedIn,
        account: Option<AccountId>,
    ) -> Result<String, PortError> {
        let request = &asked.request;
        let claims = &request.claims;
        let issue = IssueCode {
            client: client.key,
            client_id: client.client_id.clone(),
            user: session.user,
            account,
            session: session.id,
            consent: consent_id(session.user, client.key),
            scope: names(&request.scopes),
            asked_scope: request.scope_asked.as_ref().map(names),
            redirect_uri: request.back.redirect_uri_sent.then(|| request.back.redirect_uri.as_str().to_owned()),
            code_challenge: request.code_challenge.as_ref().map(|challenge| challenge.as_str().to_owned()),
            dpop_jkt: request.dpop_jkt.clone(),
            nonce: request.nonce.clone(),
            auth_time: session.auth_time,
            auth_time_requested: request.max_age.is_some() || claims.id_token.contains_key("auth_time"),
            acr: acr_of(&session.amr, &call.tenant.profile.oidc.acr_values).map(str::to_owned),
            amr: session.amr.clone(),
            // As read: without what the client could not have.
            claims: if claims.is_empty() { None } else { serde_json::to_string(claims).ok() },
        };
        self.tokens.issue_code(call.tenant.id, issue, &call.meta(Actor::User(session.user))).await
    }
}

fn names(scopes: &ScopeSet) -> Vec<String> {
    scopes.iter().map(|scope| scope.as_str().to_owned()).collect()
}
