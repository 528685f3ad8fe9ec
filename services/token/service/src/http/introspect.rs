//! `POST` to the introspection endpoint (RFC 7662).

use std::sync::Arc;

use futures_util::future::try_join;
use grantor_eventsourcing::Timestamp;
use grantor_oauth::ClientAuthMethod;
use grantor_web::{Answer, Call};
use serde::Serialize;

use super::incoming;
use crate::{
    Token,
    commands::{Inspected, Visible},
    refused::Refused,
};

/// RFC 7662 2.2. What is inactive says nothing else.
#[derive(Serialize)]
struct Active<'a> {
    active: bool,
    scope: String,
    client_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<&'static str>,
    /// Absent where it never ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    iat: i64,
    sub: String,
    aud: &'a str,
    iss: &'a str,
    /// The key that the token is bound to (RFC 9449 6.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    cnf: Option<Confirmation<'a>>,
}

#[derive(Serialize)]
struct Confirmation<'a> {
    jkt: &'a str,
}

#[derive(Serialize)]
struct Inactive {
    active: bool,
}

pub(super) async fn post(token: Arc<Token>, call: Call) -> Answer {
    match token.introspected(&call).await {
        Ok(Some(found)) => active(&found, &call, |instant| token.clock.wire(call.tenant.id, instant).timestamp()),
        Ok(None) => Answer::json(200, &Inactive { active: false }).no_store(),
        Err(refused) => refused.answer(&call.tenant.profile),
    }
}

impl Token {
    async fn introspected(&self, call: &Call) -> Result<Option<Inspected>, Refused> {
        let profile = &call.tenant.profile;
        let params = profile.body_params(&incoming(call))?;
        let credentials = profile.credentials(&incoming(call), &params)?;
        // Whoever asks must prove who they are (RFC 7662 2.1).
        if credentials.method == ClientAuthMethod::None {
            return Err(Refused::bad_client());
        }
        let token = params.required("token");
        let client = self.authenticate(&call.tenant, call.peer, &credentials);
        let resolved = async {
            match &token {
                Ok(token) => Ok(self.resolve(&call.tenant, token).await?),
                Err(_) => Ok(None),
            }
        };
        // Asked for together, they share a read.
        let (client, resolved) = try_join(client, resolved).await?;
        Ok(self.inspect_resolved(&call.tenant, token?, resolved, Visible::Client(&client)).await?)
    }
}

fn active(found: &Inspected, call: &Call, seconds: impl Fn(Timestamp) -> i64) -> Answer {
    let claims = &found.claims;
    let document = Active {
        active: true,
        scope: claims.scope.to_string(),
        client_id: &claims.client_id,
        token_type: (!found.refresh).then(|| call.tenant.profile.token_type(claims.key.is_some())),
        exp: (claims.expires_at != Timestamp::MAX_UTC).then(|| seconds(claims.expires_at)),
        iat: seconds(claims.issued_at),
        sub: claims.subject(),
        aud: &claims.audience,
        iss: &call.tenant.issuer,
        cnf: claims.key.as_ref().map(|key| Confirmation { jkt: key.as_str() }),
    };
    Answer::json(200, &document).no_store()
}
