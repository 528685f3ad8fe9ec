//! A tenant's wire behaviour and policy as data, and everything that is rendered from it.
//!
//! A [`Profile`] is a versioned JSON document: the 44 knobs, grouped by theme. Requests are
//! parsed and answers rendered by pure functions of the profile and their inputs, so a new
//! guide is a new document and golden files, and no code elsewhere may ask which guide a tenant
//! follows.

mod delta;
mod explorer;
mod knobs;
mod locale;
mod presets;
mod profile;
mod render;
mod shape;
mod shape_codec;
mod validate;
mod validate_portal;
mod validate_webhooks;

pub use delta::{Deviation, DeviationId, Reference, Severity};
pub use explorer::{ApiRequest, FieldKind, FieldPlace, Task, TaskAuth, TaskBody, TaskField, TaskId};
pub use knobs::*;
pub use locale::{Bilingual, Locale};
pub use presets::{PRESETS, Preset};
pub use profile::{MAX_PROFILE_BYTES, Profile, ProfileRefusal, VERSION};
pub use render::{
    AccountRef, AccountRefusal, ApiProblem, ApiRefusal, AuthorizeRefusal, AuthorizeRequest, AuthorizeStart, BodyKind,
    CLIENT_ALGS, Callback, CallbackOutcome, ClaimWanted, ClaimsWanted, ClientPolicy, Endpoint, FlowRequest, Incoming,
    Lifetimes, NewUserRequest, Occasion, PageRefusal, PasswordChangeRequest, PushedReference, Return,
    RevocationOutcome, RevocationRequest, RevocationWording, Route, Situation, TokenAnswer, TokenGrant, TokenRequest,
    UserAnswer, WireAnswer, account_shown,
};
pub use shape::{Alphabet, Shape};
pub use validate::Contradiction;
