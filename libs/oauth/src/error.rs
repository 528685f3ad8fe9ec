//! Error codes of the protocol and the one error type that carries them.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $wire:literal;)+) => {
        /// An `error` value of OAuth 2.0, OpenID Connect or one of their extensions.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum ErrorCode { $($(#[$doc])* $name,)+ }

        impl ErrorCode {
            /// Every code, for tables and tests.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The code as it goes over the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $wire,)+ }
            }
        }
    };
}

codes! {
    /// RFC 6749 4.1.2.1 and 5.2: a parameter is missing, repeated or malformed.
    InvalidRequest = "invalid_request";
    /// RFC 6749 5.2: client authentication failed; 401 at the token endpoint.
    InvalidClient = "invalid_client";
    /// RFC 6749 5.2: the code or refresh token is invalid, expired, revoked or another client's.
    InvalidGrant = "invalid_grant";
    /// RFC 6749: this client may not use this grant or response type.
    UnauthorizedClient = "unauthorized_client";
    /// RFC 6749 5.2.
    UnsupportedGrantType = "unsupported_grant_type";
    /// RFC 6749 4.1.2.1.
    UnsupportedResponseType = "unsupported_response_type";
    /// RFC 6749: unknown, malformed or excessive scope.
    InvalidScope = "invalid_scope";
    /// RFC 6749 4.1.2.1: the user, or the server for them, said no.
    AccessDenied = "access_denied";
    /// RFC 6749 4.1.2.1.
    ServerError = "server_error";
    /// RFC 6749 4.1.2.1.
    TemporarilyUnavailable = "temporarily_unavailable";
    /// RFC 6750 3.1: the access token is expired, revoked or malformed; 401.
    InvalidToken = "invalid_token";
    /// RFC 6750 3.1: the token's scope does not reach; 403.
    InsufficientScope = "insufficient_scope";
    /// RFC 7009 2.2.1.
    UnsupportedTokenType = "unsupported_token_type";
    /// RFC 7591 3.2.2.
    InvalidRedirectUri = "invalid_redirect_uri";
    /// RFC 7591 3.2.2.
    InvalidClientMetadata = "invalid_client_metadata";
    /// RFC 8707 2.
    InvalidTarget = "invalid_target";
    /// RFC 9449 5 and 7.1: the proof of a key is missing, wrong or not new; 401 at resources.
    InvalidDpopProof = "invalid_dpop_proof";
    /// OpenID Connect Core 3.1.2.6: `prompt=none` and a page would be needed.
    InteractionRequired = "interaction_required";
    /// OpenID Connect Core 3.1.2.6: `prompt=none` and nobody is logged in.
    LoginRequired = "login_required";
    /// OpenID Connect Core 3.1.2.6.
    AccountSelectionRequired = "account_selection_required";
    /// OpenID Connect Core 3.1.2.6: `prompt=none` and consent is missing.
    ConsentRequired = "consent_required";
    /// OpenID Connect Core 3.1.2.6.
    InvalidRequestUri = "invalid_request_uri";
    /// OpenID Connect Core 3.1.2.6.
    InvalidRequestObject = "invalid_request_object";
    /// OpenID Connect Core 3.1.2.6: `request` was sent.
    RequestNotSupported = "request_not_supported";
    /// OpenID Connect Core 3.1.2.6: `request_uri` was sent.
    RequestUriNotSupported = "request_uri_not_supported";
    /// OpenID Connect Core 3.1.2.6: `registration` was sent.
    RegistrationNotSupported = "registration_not_supported";
    /// OpenID Connect Unmet Authentication Requirements 1.0: an essential `acr` cannot be met.
    UnmetAuthenticationRequirements = "unmet_authentication_requirements";
}

impl ErrorCode {
    /// The HTTP status of a token-endpoint error with this code (RFC 6749 5.2): 400, or 401 for
    /// `invalid_client`, or 503 when the server is the cause.
    pub const fn token_status(self) -> u16 {
        match self {
            Self::InvalidClient => 401,
            Self::ServerError | Self::TemporarilyUnavailable => 503,
            _ => 400,
        }
    }

    /// The HTTP status of a resource-server error with this code (RFC 6750 3.1).
    pub const fn resource_status(self) -> u16 {
        match self {
            Self::InvalidToken | Self::InvalidClient | Self::InvalidDpopProof => 401,
            Self::InsufficientScope => 403,
            Self::ServerError | Self::TemporarilyUnavailable => 503,
            _ => 400,
        }
    }

    /// Says the code with a description.
    pub fn because(self, description: impl AsRef<str>) -> ProtocolError {
        ProtocolError::new(self, description)
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An error as the other side of the wire sees it: a code and a sentence in the character set
/// of RFC 6749 5.2. It never carries a cause.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {description}")]
pub struct ProtocolError {
    code: ErrorCode,
    description: String,
}

impl ProtocolError {
    /// Makes an error; characters outside RFC 6749's set are replaced (see [`sanitise`]).
    pub fn new(code: ErrorCode, description: impl AsRef<str>) -> Self {
        Self { code, description: sanitise(description.as_ref()) }
    }

    /// Shorthand for the most frequent code.
    pub fn invalid_request(description: impl AsRef<str>) -> Self {
        Self::new(ErrorCode::InvalidRequest, description)
    }

    /// The `error` member.
    pub const fn code(&self) -> ErrorCode {
        self.code
    }

    /// The `error_description` member; may be empty.
    pub fn description(&self) -> &str {
        &self.description
    }
}

/// Restricts text to `%x20-21 / %x23-5B / %x5D-7E` (RFC 6749 5.2): a double quote becomes an
/// apostrophe, anything else outside the set a question mark.
pub fn sanitise(text: &str) -> String {
    let fit = |c: char| match c {
        '"' => '\'',
        '\\' => '?',
        ' '..='~' => c,
        _ => '?',
    };
    text.chars().map(fit).collect()
}
