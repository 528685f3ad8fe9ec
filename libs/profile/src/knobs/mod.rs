//! The 44 knobs, grouped by theme. Each field's documentation begins with its number.

mod artefacts;
mod authorize;
mod clients;
mod errors;
mod interaction;
mod mails;
mod oidc;
mod paths;
mod portal;
mod revocation;
mod scopes;
mod token_request;
mod token_response;
mod users;
mod webhooks;

pub use artefacts::{AccessTokenFormat, AccessTokens, Codes, Dpop, RefreshIssue, RefreshTokens, Rotation};
pub use authorize::{Authorize, PkceRule, RedirectAtAuthorize, ResponseTypeRule, StateRule};
pub use clients::{Clients, Onboarding};
pub use errors::{ApiErrors, CallbackMember, Errors, UserStateStatuses};
pub use interaction::{Consent, ConsentKind, ConsentUi, Detail, Framing, Interaction, Widget};
pub use mails::{MailText, Mails};
pub use oidc::{Cors, Oidc, SigningAlg, SubjectType};
pub use paths::{ApiHost, Hosts, PathSet, Paths};
pub use portal::{ClientTemplate, Portal, PortalLink};
pub use revocation::{Revocation, RevocationAuth, RevocationFailures, UnknownToken};
pub use scopes::{ExcessScope, MissingScope, ScopeEntry, ScopeInput, ScopeOutput, ScopeShown, Scopes};
pub use token_request::{BodyFormat, RedirectAtToken, TokenRequests};
pub use token_response::{ExpiresIn, TokenMember, TokenResponses, TokenTypeWord};
pub use users::{ApiPasswords, AttributeKind, UserAttribute, UsersApi, UsersHost};
pub use webhooks::{BodyMember, BodySource, WebhookBody, Webhooks};
