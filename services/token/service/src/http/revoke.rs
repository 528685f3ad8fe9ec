//! `POST` to the revocation endpoint (RFC 7009, or as the tenant's guide words it).

use std::sync::Arc;

use grantor_oauth::ErrorCode;
use grantor_profile::{RevocationOutcome, RevocationRequest};
use grantor_web::{Answer, Call};
use secrecy::ExposeSecret;

use super::incoming;
use crate::{
    Token,
    refused::{Refused, wire},
};

pub(super) async fn post(token: Arc<Token>, call: Call) -> Answer {
    let profile = &call.tenant.profile;
    let request = match profile.parse_revocation(&incoming(&call)) {
        Ok(request) => request,
        Err((wording, error)) => return wire(profile.revocation_answer(wording, &RevocationOutcome::Refused(error))),
    };
    let outcome = match token.revoked(&call, &request).await {
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
            // Revoking by the client's own bearer token: no profile that is shipped has it.
            return Err(ErrorCode::InvalidClient.because("the client did not say who it is").into());
        };
        let caller = self.caller(call, credentials).await?;
        self.revoke_token(&caller, request.token.expose_secret()).await
    }
}
