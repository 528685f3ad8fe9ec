//! Revocation: knobs 33 to 35.

use grantor_oauth::{ClientCredentials, ErrorCode, ProtocolError, bearer_token};
use secrecy::SecretString;

use crate::{Incoming, Profile, RevocationAuth, RevocationFailures, Situation, UnknownToken, WireAnswer};

/// In whose words a revocation was asked for, and so is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevocationWording {
    /// RFC 7009: the parameter `token`.
    Rfc,
    /// The tenant's guide.
    Guide,
}

/// A readable revocation request. Who asks is either `credentials` or `client_token`.
#[derive(Debug, Clone)]
pub struct RevocationRequest {
    /// The token to revoke.
    pub token: SecretString,
    /// Whether it was sent as a `refresh_token`: then an access token is as good as unknown, since
    /// the success that the guide promises is the end of the whole grant.
    pub refresh_only: bool,
    /// `token_type_hint`, only a hint (RFC 7009 2.1).
    pub hint: Option<String>,
    /// How to answer.
    pub wording: RevocationWording,
    /// The client's credentials, not checked yet.
    pub credentials: Option<ClientCredentials>,
    /// The client's own access token, where the profile asks for that instead.
    pub client_token: Option<SecretString>,
}

/// How a revocation ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RevocationOutcome {
    /// The token is dead, and with it what hangs from it.
    Revoked,
    /// Unknown, another client's, or dead before: never told apart.
    Unknown,
    /// The request was refused.
    Refused(ProtocolError),
}

impl Profile {
    /// Reads a revocation request. The error carries the wording to answer in.
    pub fn parse_revocation(
        &self,
        incoming: &Incoming<'_>,
    ) -> Result<RevocationRequest, (RevocationWording, ProtocolError)> {
        let own = self.revocation.parameter.as_str();
        let usual = if own == "token" { self.plain_wording() } else { RevocationWording::Guide };
        let params = self.body_params(incoming).map_err(|error| (usual, error))?;
        let guides = params.get(own).filter(|_| own != "token");
        let (token, wording) = match (params.get("token"), guides) {
            (Some(_), Some(_)) => {
                let twice = format!("send either 'token' or '{own}', not both");
                return Err((RevocationWording::Guide, ProtocolError::invalid_request(twice)));
            }
            (Some(token), None) => (token, self.plain_wording()),
            (None, Some(token)) => (token, RevocationWording::Guide),
            (None, None) => {
                let missing = ProtocolError::invalid_request(format!("the parameter '{own}' is missing"));
                return Err((usual, missing));
            }
        };
        let guide_bearer = wording == RevocationWording::Guide && self.revocation.auth == RevocationAuth::ClientBearer;
        let client_token = if guide_bearer { bearer_token(incoming.authorization, None) } else { Ok(None) };
        let client_token = client_token.map_err(|error| (wording, error))?;
        let credentials = match client_token {
            Some(_) => None,
            None => Some(self.credentials(incoming, &params).map_err(|error| (wording, error))?),
        };
        let hint = params.get("token_type_hint").map(str::to_owned);
        let refresh_only = guides == Some(token) && own == "refresh_token";
        Ok(RevocationRequest { token: token.into(), refresh_only, hint, wording, credentials, client_token })
    }

    /// `token` has the guide's answers only where the guide itself uses that name.
    fn plain_wording(&self) -> RevocationWording {
        if self.revocation.parameter == "token" { RevocationWording::Guide } else { RevocationWording::Rfc }
    }

    /// The answer to a revocation request.
    pub fn revocation_answer(&self, wording: RevocationWording, outcome: &RevocationOutcome) -> WireAnswer {
        let guide = wording == RevocationWording::Guide;
        let success = if guide { self.revocation.success_status } else { 200 };
        let tells = guide && self.revocation.unknown_token == UnknownToken::Refused;
        match outcome {
            RevocationOutcome::Revoked => WireAnswer::empty(success),
            RevocationOutcome::Unknown if !tells => WireAnswer::empty(success),
            RevocationOutcome::Unknown => self.error_answer(&self.refusal(Situation::UnknownToken, None), 400),
            // Where unknown tokens are an error, wrong credentials read the same: no oracle.
            RevocationOutcome::Refused(error)
                if tells
                    && self.revocation.failures == RevocationFailures::BadRequest
                    && error.code() == ErrorCode::InvalidClient =>
            {
                self.error_answer(&self.refusal(Situation::UnknownToken, None), 400)
            }
            RevocationOutcome::Refused(error) => {
                let ours = matches!(error.code(), ErrorCode::ServerError | ErrorCode::TemporarilyUnavailable);
                if guide && self.revocation.failures == RevocationFailures::BadRequest && !ours {
                    self.error_answer(error, 400)
                } else {
                    self.token_error(error)
                }
            }
        }
    }
}
