use grantor_ids::SessionId;
use grantor_oauth::{ErrorCode, ProtocolError};
use grantor_ports::Introspection;
use grantor_web::{Answer, Call, oauth_error, oauth_unavailable};
use secrecy::ExposeSecret;

use crate::DemoApi;

/// What a token is worth here.
pub(crate) struct Worth {
    /// For what.
    pub scope: Vec<String>,
    /// In which session or flow it was approved.
    pub session: Option<SessionId>,
}

impl DemoApi {
    /// What the live token of a call is worth at this tenant's API, or what to answer
    /// instead (RFC 6750 3, RFC 9449 7.1). A token in the query is none (C19).
    pub(crate) async fn authorize(&self, call: &Call) -> Result<Worth, Answer> {
        // Of two headers, nobody can say which one counts.
        if call.headers_all("authorization").len() > 1 {
            return Err(refuse(call, &ProtocolError::invalid_request("there are two Authorization headers")));
        }
        let (token, caller) = match call.shown_token(None) {
            Ok(Some(shown)) => shown.caller(&call.tenant.api),
            Ok(None) => return Err(challenged(Answer::empty(401).no_store(), call, None)),
            Err(error) => return Err(refuse(call, &error)),
        };
        match self.tokens.introspect(call.tenant.id, token.expose_secret(), caller).await {
            Ok(Introspection::Active { scope, session, .. }) => Ok(Worth { scope, session }),
            Ok(Introspection::Unproven { error, why }) => Err(refuse(call, &error.because(why))),
            Ok(Introspection::Inactive) => {
                Err(refuse(call, &ErrorCode::InvalidToken.because("The access token is unknown, expired or revoked.")))
            }
            Err(cause) => Err(oauth_unavailable(cause)),
        }
    }
}

pub(crate) fn refuse(call: &Call, error: &ProtocolError) -> Answer {
    tracing::debug!(error = error.code().as_str(), "a call to the demo API is refused");
    challenged(oauth_error(error.code().resource_status(), error), call, Some(error))
}

fn challenged(answer: Answer, call: &Call, error: Option<&ProtocolError>) -> Answer {
    answer.header("www-authenticate", &call.challenge(&call.tenant.slug, error, None))
}
