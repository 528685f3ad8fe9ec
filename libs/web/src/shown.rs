//! The access token of a call, and what one says where it is not good enough.

use grantor_oauth::{Params, ProtocolError, TokenScheme, bearer_challenge, dpop_challenge, shown_token};
use grantor_ports::{DpopCall, IntrospectionCaller};
use grantor_profile::{CLIENT_ALGS, Dpop};
use secrecy::SecretString;

use crate::Call;

/// An access token as it came with a call.
pub struct Shown {
    /// The token.
    pub token: SecretString,
    /// What has to prove that its key is there; `None` for a bearer token.
    pub dpop: Option<DpopCall>,
}

impl Shown {
    /// Who asks what the token is worth: the resource server of this audience.
    pub fn caller(self, audience: &str) -> (SecretString, IntrospectionCaller) {
        let audience = audience.to_owned();
        let caller = match self.dpop {
            None => IntrospectionCaller::Resource(audience),
            Some(dpop) => IntrospectionCaller::Dpop(audience, dpop),
        };
        (self.token, caller)
    }
}

impl Call {
    /// The access token of this call: in its header or in this form, with the scheme `DPoP` only
    /// where the tenant speaks that; never in the query (C19).
    pub fn shown_token(&self, form: Option<&Params>) -> Result<Option<Shown>, ProtocolError> {
        let spoken = self.tenant.profile.access_tokens.dpop.is_spoken();
        let found = shown_token(self.header("authorization"), form, spoken)?;
        Ok(found.map(|(scheme, token)| Shown { token, dpop: (scheme == TokenScheme::Dpop).then(|| self.dpop_call()) }))
    }

    /// What the proof of this call has to be of. The addresses are made of what is stored, never of
    /// the `Host` header (C20): the tenant's own and that of its API, whose paths never mean two things.
    pub fn dpop_call(&self) -> DpopCall {
        let path = &self.path;
        // One that cannot be read is there all the same, and is no proof.
        let proofs = self.headers.get_all("dpop").map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        DpopCall {
            proofs: proofs.collect(),
            method: self.method.as_str().to_owned(),
            uris: vec![self.absolute(path), format!("{}{path}", self.tenant.api.trim_end_matches('/'))],
        }
    }

    /// The value of `WWW-Authenticate` (RFC 6750 3, RFC 9449 7.1): in the scheme of this call, and with
    /// the other one where that would do too.
    pub fn challenge(&self, realm: &str, error: Option<&ProtocolError>, scope: Option<&str>) -> String {
        let (knob, algs) = (self.tenant.profile.access_tokens.dpop, CLIENT_ALGS);
        let shown = self.header("authorization").unwrap_or_default().trim_start().as_bytes();
        let bound = shown.len() >= 4 && shown[..4].eq_ignore_ascii_case(b"dpop");
        match knob {
            Dpop::Off => bearer_challenge(realm, error, scope),
            Dpop::Optional if !bound => {
                let bearer = bearer_challenge(realm, error, scope);
                format!("{bearer}, {}", dpop_challenge(realm, &algs, None, None))
            }
            Dpop::Optional | Dpop::Required => dpop_challenge(realm, &algs, error, scope),
        }
    }
}
