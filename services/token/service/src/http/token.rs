//! `POST` to the token endpoint (RFC 6749 3.2).

use std::sync::Arc;

use grantor_profile::{Occasion, Profile, TokenAnswer, TokenGrant, TokenRequest};
use grantor_web::{Answer, Call};
use secrecy::ExposeSecret;

use super::incoming;
use crate::{
    Token,
    commands::{Caller, CodeRequest, Issued, PasswordRequest},
    refused::{Refused, wire},
};

pub(super) async fn post(token: Arc<Token>, call: Call) -> Answer {
    let profile = Arc::clone(&call.tenant.profile);
    let (grant_type, outcome) = match profile.parse_token_request(&incoming(&call)) {
        Ok(request) => {
            let grant_type = request.grant.grant_type();
            (grant_type.as_str(), token.answer(&call, request).await)
        }
        Err(error) => ("other", Err(error.into())),
    };
    let (answer, word) = match outcome {
        Ok(issued) => (rendered(&profile, &issued, &token, &call), "issued"),
        Err(refused) => {
            let request_id = call.request_id();
            let occasion = Occasion { request_id: &request_id, now: token.clock.now(call.tenant.id) };
            (refused.token_answer(&profile, occasion), refused.error(&profile).code().as_str())
        }
    };
    token.metrics.answered(call.tenant.kind, grant_type, word);
    answer
}

impl Token {
    async fn answer(&self, call: &Call, request: TokenRequest) -> Result<Issued, Refused> {
        let caller = self.caller(call, &request.credentials).await?;
        let caller = Caller { proven: self.proven(call)?, ..caller };
        match request.grant {
            TokenGrant::AuthorizationCode { code, redirect_uri, code_verifier } => {
                let code = code.expose_secret();
                self.exchange_code(&caller, CodeRequest { code, redirect_uri, verifier: code_verifier }).await
            }
            TokenGrant::RefreshToken { refresh_token, scope } => {
                self.refresh(&caller, refresh_token.expose_secret(), scope.as_deref()).await
            }
            TokenGrant::ClientCredentials { scope } => self.client_credentials(&caller, scope.as_deref()).await,
            TokenGrant::Password { username, password, scope } => {
                let request = PasswordRequest { username, password, scope, address: call.peer };
                self.password(&caller, request).await
            }
        }
    }
}

fn rendered(profile: &Profile, issued: &Issued, token: &Token, call: &Call) -> Answer {
    let account = issued.account.map(|account| account.to_string());
    let at = |instant| token.clock.wire(call.tenant.id, instant);
    wire(profile.token_response(&TokenAnswer {
        access_token: &issued.access_token,
        issued_at: at(issued.issued_at),
        expires_at: at(issued.expires_at),
        now: at(token.clock.now(call.tenant.id)),
        scopes: &issued.scope,
        asked: issued.asked.as_ref(),
        refresh_token: issued.refresh_token.as_deref(),
        account_id: account.as_deref(),
        id_token: issued.id_token.as_deref(),
        bound: issued.bound,
    }))
}
