//! The words of the OAuth 2.0 and OpenID Connect RFCs: requests, scopes, PKCE, redirect URIs,
//! errors. Pure: no clock, no randomness, no I/O, and nothing that depends on a tenant.
//!
//! What a tenant does with these words (which are required, how answers look) is data and
//! lives in `grantor-profile`.

mod bearer;
mod claims_request;
mod credentials;
mod dpop;
mod error;
mod grant_type;
mod json;
mod oidc;
mod params;
mod pkce;
mod redirect;
mod redirect_rule;
mod scope;

pub use bearer::{TokenScheme, bearer_token, challenge as bearer_challenge, dpop_challenge, shown_token};
pub use claims_request::{ClaimDemand, ClaimsRequest};
pub use credentials::{ClientAuthMethod, ClientCredentials, client_credentials};
pub use dpop::{NotAThumbprint, Thumbprint};
pub use error::{ErrorCode, ProtocolError, sanitise};
pub use grant_type::GrantType;
pub use json::{JsonRefusal, parse_json};
pub use oidc::{Display, MaxAge, Prompt, Prompts, ResponseMode, word_list};
pub use params::{MAX_NAME_BYTES, MAX_PARAMS, MAX_VALUE_BYTES, Params, ParamsRefusal};
pub use pkce::{CodeChallenge, CodeVerifier, PkceRefusal};
pub use redirect::{RedirectUri, append_query, matches};
pub use redirect_rule::{MAX_REDIRECT_BYTES, RedirectRefusal, RegistrationRule};
pub use scope::{Scope, ScopeRefusal, ScopeSet, Separators};
