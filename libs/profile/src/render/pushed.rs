//! The authorization request that a client pushes before it sends anybody (RFC 9126).

use grantor_oauth::{ErrorCode, Params, ProtocolError};

use crate::{AuthorizeStart, BodyKind, Incoming, PageRefusal, Profile, WireAnswer};

/// Before what a pushed request is known by (RFC 9126 2.2).
const URN: &str = "urn:ietf:params:oauth:request_uri:";

/// A link that says no more than which pushed request is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushedReference {
    /// Who pushed it, by its own word.
    pub client_id: String,
    /// What it was told that it is known by.
    pub id: String,
}

impl PageRefusal {
    /// The same for the client, where it hears of it itself.
    pub fn error(self) -> ProtocolError {
        let text = match self {
            Self::NoRedirectUri => "the parameter 'redirect_uri' is missing",
            Self::OtherRedirectUri => "redirect_uri is not one of the client's",
            Self::Malformed | Self::NoClientId | Self::UnknownClient | Self::ClientNotActive => {
                return self.code().because(self.to_string());
            }
        };
        ProtocolError::invalid_request(text)
    }
}

impl Profile {
    /// The parameters of a pushed request; always a form (RFC 9126 2.1).
    pub fn pushed_params(&self, incoming: &Incoming<'_>) -> Result<Params, ProtocolError> {
        if BodyKind::of(incoming.content_type) != Some(BodyKind::Form) {
            let text = "the content type must be application/x-www-form-urlencoded";
            return Err(ProtocolError::invalid_request(text));
        }
        Ok(Params::parse(incoming.body)?)
    }

    /// Step 1 of the request that this client pushes; [`Profile::complete_authorize`] goes on.
    pub fn begin_pushed(&self, client_id: &str, params: Params) -> Result<AuthorizeStart, ProtocolError> {
        if params.get("request_uri").is_some() {
            return Err(ProtocolError::invalid_request("a pushed request has no request_uri (RFC 9126 2.1)"));
        }
        if params.get("client_id").is_some_and(|named| named != client_id) {
            return Err(ErrorCode::InvalidClient.because("client_id is not the client that authenticated"));
        }
        self.start(client_id.to_owned(), params, true).map_err(PageRefusal::error)
    }

    /// Which pushed request an authorization request means; `None` when it means none, and stands
    /// for itself. Nothing else in it counts (RFC 9126 4, RFC 9101 6.3).
    pub fn pushed_reference(&self, raw: impl AsRef<[u8]>) -> Option<Result<PushedReference, PageRefusal>> {
        self.paths.pushed_authorization.as_ref()?;
        let params = Params::parse_noting_repeats(raw).ok()?;
        let id = params.get("request_uri")?.strip_prefix(URN)?.to_owned();
        let client_id = params.get("client_id").ok_or(PageRefusal::NoClientId);
        Some(client_id.map(|client_id| PushedReference { client_id: client_id.to_owned(), id }))
    }

    /// The answer to a request that was taken (RFC 9126 2.2).
    pub fn pushed(&self, id: &str, seconds: u32) -> WireAnswer {
        WireAnswer::json(201, vec![("request_uri", format!("{URN}{id}").into()), ("expires_in", seconds.into())])
    }
}
