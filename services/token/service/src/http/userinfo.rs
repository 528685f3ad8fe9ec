//! `GET` and `POST` to the userinfo endpoint (OpenID Connect Core 5.3). The token comes in the
//! header or in a form body, never in the query (C19); one that is bound to a key in the header, with a
//! proof (RFC 9449 7.1).

use std::sync::Arc;

use grantor_crypto::SealedField;
use grantor_oauth::{ClaimsRequest, ErrorCode, ProtocolError};
use grantor_ports::Claims;
use grantor_web::{Answer, Call, Method};
use secrecy::ExposeSecret;

use crate::{
    Token,
    commands::{Inspected, Visible, claims_context},
    id_token::{choose, on_the_wire},
    refused::Refused,
};

/// Why there is no answer.
enum NoInfo {
    /// No token at all: a bare challenge (RFC 6750 3.1).
    NoToken,
    /// RFC 6750 3.1.
    Error(ProtocolError),
    /// The directory, or our own database, does not answer.
    Unavailable,
}

impl From<ProtocolError> for NoInfo {
    fn from(error: ProtocolError) -> Self {
        Self::Error(error)
    }
}

pub(super) async fn answer(token: Arc<Token>, call: Call) -> Answer {
    match token.userinfo(&call).await {
        Ok(claims) => Answer::json(200, &claims).no_store(),
        Err(NoInfo::NoToken) => challenged(&call, 401, None, Answer::empty(401)),
        Err(NoInfo::Error(error)) => {
            let status = error.code().resource_status();
            challenged(&call, status, Some(&error), grantor_web::oauth_error(status, &error))
        }
        Err(NoInfo::Unavailable) => Refused::Unavailable.answer(&call.tenant.profile),
    }
}

fn challenged(call: &Call, status: u16, error: Option<&ProtocolError>, answer: Answer) -> Answer {
    let scope = error.filter(|error| error.code() == ErrorCode::InsufficientScope).map(|_| "openid");
    let answer = if error.is_none() { answer.no_store() } else { answer };
    match status {
        400 | 401 | 403 => answer.header("www-authenticate", &call.challenge(&call.tenant.issuer, error, scope)),
        _ => answer,
    }
}

impl Token {
    async fn userinfo(&self, call: &Call) -> Result<Claims, NoInfo> {
        let form = match call.method == Method::POST {
            true => Some(call.form_params().map_err(ProtocolError::from)?),
            false => None,
        };
        let shown = call.shown_token(form.as_ref())?.ok_or(NoInfo::NoToken)?;
        let token = shown.token.expose_secret();
        let found = self.inspect(&call.tenant, token, Visible::Us).await;
        let found = found
            .map_err(|_| NoInfo::Unavailable)?
            .ok_or_else(|| ErrorCode::InvalidToken.because("the access token is unknown, expired or revoked"))?;
        self.in_hand(call.tenant.id, token, found.claims.key.as_ref(), shown.dpop.as_ref())?;
        let (Some(user), true) = (found.claims.user, found.claims.scope.contains("openid")) else {
            return Err(ErrorCode::InsufficientScope.because("the access token has not the scope openid").into());
        };
        let asked = self.asked(call, &found).await?;
        let wanted = call.tenant.profile.claims_for(&found.claims.scope, &asked).userinfo;
        let stored = self.directory.claims(call.tenant.id, user).await.map_err(|_| NoInfo::Unavailable)?;
        let stored = stored.ok_or_else(|| ErrorCode::InvalidToken.because("the user is gone"))?;
        let mut claims = choose(&stored, &wanted);
        on_the_wire(&mut claims, self.clock.ahead(call.tenant.id));
        claims.insert("sub".to_owned(), user.to_string().into());
        Ok(claims)
    }

    /// What the `claims` parameter asked of userinfo.
    async fn asked(&self, call: &Call, found: &Inspected) -> Result<ClaimsRequest, NoInfo> {
        let (Some(sealed), Some(grant)) = (&found.asked, found.claims.grant) else {
            return Ok(ClaimsRequest::default());
        };
        let secrets = self.secrets.of(call.tenant.id).await.map_err(|_| NoInfo::Unavailable)?;
        let opened = serde_json::from_str::<SealedField>(sealed).ok().and_then(|field| {
            let plain = secrets.data().open(&claims_context(call.tenant.id, grant.uuid().as_bytes()), &field).ok()?;
            serde_json::from_slice(&plain).ok()
        });
        opened.ok_or(NoInfo::Unavailable)
    }
}
