//! The single rules of an authorization request.

use grantor_oauth::{ClaimsRequest, CodeChallenge, ErrorCode, GrantType, Params, ProtocolError, Thumbprint};

use super::authorize::ClientPolicy;
use crate::{PkceRule, Profile, ResponseTypeRule, StateRule};

impl Profile {
    pub(super) fn refuse_repeats(&self, params: &Params) -> Result<(), ProtocolError> {
        match params.repeated().first() {
            Some(name) => {
                Err(ProtocolError::invalid_request(format!("the parameter '{name}' was sent more than once")))
            }
            None => Ok(()),
        }
    }

    /// OpenID Connect Core 3.1.2.6: what is not served is refused by its own error.
    pub(super) fn refuse_other_ways(&self, params: &Params) -> Result<(), ProtocolError> {
        let unserved = [
            ("request", ErrorCode::RequestNotSupported),
            ("request_uri", ErrorCode::RequestUriNotSupported),
            ("registration", ErrorCode::RegistrationNotSupported),
        ];
        match unserved.into_iter().find(|(name, _)| params.get(name).is_some()) {
            Some((name, code)) => Err(code.because(format!("the parameter '{name}' is not supported"))),
            None => Ok(()),
        }
    }

    /// Knob 5, and whether the client may use codes at all.
    pub(super) fn check_response_type(&self, params: &Params, client: &ClientPolicy<'_>) -> Result<(), ProtocolError> {
        match (params.get("response_type"), self.authorize.response_type) {
            (Some("code"), _) | (None, ResponseTypeRule::DefaultsToCode) => {}
            (None, ResponseTypeRule::Required) => {
                return Err(ProtocolError::invalid_request("the parameter 'response_type' is missing"));
            }
            (Some(_), _) => return Err(ErrorCode::UnsupportedResponseType.because("response_type must be code")),
        }
        let code = GrantType::AuthorizationCode;
        if client.grants.contains(&code) && self.token_request.grants.contains(&code) {
            Ok(())
        } else {
            Err(ErrorCode::UnauthorizedClient.because("this client may not use the authorization code flow"))
        }
    }

    /// Knob 27. Where no proofs are read, nothing could prove the key again: the parameter is unknown.
    pub(super) fn dpop_jkt(&self, params: &Params) -> Result<Option<Thumbprint>, ProtocolError> {
        let sent = params.get("dpop_jkt").filter(|_| self.access_tokens.dpop.is_spoken());
        Ok(sent.map(Thumbprint::parse).transpose()?)
    }

    /// Knob 16.
    pub(super) fn code_challenge(
        &self,
        params: &Params,
        client: &ClientPolicy<'_>,
    ) -> Result<Option<CodeChallenge>, ProtocolError> {
        let challenge = CodeChallenge::from_request(params.get("code_challenge"), params.get("code_challenge_method"))?;
        let required = match self.authorize.pkce {
            PkceRule::Accepted => false,
            PkceRule::RequiredOfPublic => client.public,
            PkceRule::Required => true,
        };
        if required && challenge.is_none() {
            return Err(ProtocolError::invalid_request("PKCE is required: code_challenge is missing"));
        }
        Ok(challenge)
    }

    /// Knob 14.
    pub(super) fn check_state(&self, state: bool, challenge: bool) -> Result<(), ProtocolError> {
        if self.authorize.state == StateRule::RequiredOrPkce && !state && !challenge {
            return Err(ProtocolError::invalid_request("state or PKCE is required"));
        }
        Ok(())
    }

    /// Knob 15: `nonce` or an alias; two that differ are refused.
    pub(super) fn nonce(&self, params: &Params) -> Result<Option<String>, ProtocolError> {
        let aliases = self.authorize.nonce_aliases.iter().map(String::as_str);
        let mut sent = std::iter::once("nonce").chain(aliases).filter_map(|name| params.get(name));
        let Some(first) = sent.next() else { return Ok(None) };
        if sent.any(|other| other != first) {
            return Err(ProtocolError::invalid_request("nonce was sent twice with different values"));
        }
        Ok(Some(first.to_owned()))
    }

    /// The `claims` parameter, cut down to claims that some scope of the client could bring:
    /// naming a claim must not reach further than asking for its scope (C32).
    pub(super) fn claims_parameter(
        &self,
        params: &Params,
        client: &ClientPolicy<'_>,
    ) -> Result<ClaimsRequest, ProtocolError> {
        let Some(text) = params.get("claims").filter(|_| self.oidc.enabled && self.oidc.claims_parameter) else {
            return Ok(ClaimsRequest::default());
        };
        let reachable = |name: &str| {
            self.is_protocol_claim(name)
                || self.scopes.entries(client.scopes).any(|entry| entry.claims.iter().any(|claim| claim == name))
        };
        Ok(ClaimsRequest::parse(text)?.filter(reachable))
    }
}
