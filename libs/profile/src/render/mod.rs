//! Requests parsed and answers rendered as the profile says.

mod account;
mod answer;
mod api_error;
mod authorize;
mod authorize_rules;
mod callback;
mod claims;
mod client_configuration;
mod discovery;
mod flow_start;
mod paths;
mod pushed;
mod revocation;
mod scopes;
mod situation;
mod token_request;
mod token_response;
mod users;

pub use account::{AccountRef, AccountRefusal, account_shown};
pub use answer::{Incoming, WireAnswer};
pub use api_error::{ApiProblem, ApiRefusal, Occasion};
pub use authorize::{AuthorizeRefusal, AuthorizeRequest, AuthorizeStart, ClientPolicy, PageRefusal, Return};
pub use callback::{Callback, CallbackOutcome};
pub use claims::{ClaimWanted, ClaimsWanted};
pub use client_configuration::Lifetimes;
pub use discovery::CLIENT_ALGS;
pub use flow_start::FlowRequest;
pub use paths::{Endpoint, Route};
pub use pushed::PushedReference;
pub use revocation::{RevocationOutcome, RevocationRequest, RevocationWording};
pub use situation::Situation;
pub use token_request::{BodyKind, TokenGrant, TokenRequest};
pub use token_response::TokenAnswer;
pub use users::{NewUserRequest, PasswordChangeRequest, UserAnswer};
