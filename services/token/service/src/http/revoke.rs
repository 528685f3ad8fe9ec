//! `POST` to the revocation endpoint (RFC 7009, or as the tenant's guide words it).

use std::sync::Arc;

use grantor_eventsourcing::Actor;
use grantor_oauth::ErrorCode;
use grantor_ports::Registry;
use grantor_profile::{ApiProblem, ApiRefusal, RevocationOutcome, RevocationRequest};
use grantor_web::{Answer, Call, api_refusal};
use secrecy::ExposeSecret;

use super::incoming;
use crate::{
    Token,
    commands::{Caller, Visible},
    refused::{Refused, wire},
};

pub(super) async fn post(token: Arc<Token>, call: Call) -> Answer {
    let profile = &call.tenant.profile;
    let request = match profile.parse_revocation(&incoming(&call)) {
        Ok(request) => request,
        Err((wording, error)) => return wire(profile.revocation_answer(wording, &RevocationOutcome::Refused(error))),
    };
    let revoked = match &request.client_token {
        None => token.revoked(&call, &request).await,
        Some(bearer) => match token.bearer(&call, bearer.expose_secret()).await {
            Ok(caller) => token.revoke_token(&caller, request.token.expose_secret(), request.refresh_only).await,
            Err(refusal) => return api_refusal(&call, &refusal, token.clock.now(call.tenant.id)),
        },
    };
    let outcome = match revoked {
        Ok(true) => RevocationOutcome::Revoked,
        Ok(false) => RevocationOutcome::Unknown,
        Err(refused @ Refused::Throttled(_)) => return refused.answer(profile),
        Err(refused) => RevocationOutcome::Refused(refused.error(profile)),
    };
    wire(profile.revocation_answer(request.wording, &outcome))
}

impl Token {
    async fn revoked(&self, call: &Call, request: &RevocationRequest) -> Result<bool, Refused> {
        let Some(credentials) = &request.credentials else {
            return Err(ErrorCode::InvalidClient.because("the client did not say who it is").into());
        };
        let caller = self.caller(call, credentials).await?;
        self.revoke_token(&caller, request.token.expose_secret(), request.refresh_only).await
    }

    /// The client whose own token came with the call (knob 34).
    async fn bearer(&self, call: &Call, token: &str) -> Result<Caller, ApiRefusal> {
        let unavailable = |_| ApiRefusal::new(ApiProblem::Unavailable, "the service cannot answer now; try again");
        let worthless = || ApiRefusal::new(ApiProblem::Unauthorized, "the access token is unknown, expired or revoked");
        let found = self.inspect(&call.tenant, token, Visible::Us).await.map_err(unavailable)?;
        let claims = found.ok_or_else(worthless)?.claims;
        if claims.key.is_some() {
            let bound = "the access token is bound to a key: this call takes bearer tokens only";
            return Err(ApiRefusal::new(ApiProblem::Unauthorized, bound));
        }
        if claims.user.is_some() {
            return Err(ApiRefusal::new(ApiProblem::Forbidden, "this call needs a client's own token"));
        }
        let client = self.copies.client(call.tenant.id, &claims.client_id).await.map_err(unavailable)?;
        let client = client.filter(|client| client.key == claims.client).ok_or_else(worthless)?;
        let meta = call.meta(Actor::Client(client.key));
        let (tenant, now) = (Arc::clone(&call.tenant), self.clock.now(call.tenant.id));
        Ok(Caller { tenant, now, client, meta, proven: None })
    }
}
