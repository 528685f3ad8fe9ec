//! A client: a partner's registered application.
//!
//! Draft → pending → approved | rejected; approved ⇄ suspended; deleted from anywhere. A
//! developer who changes what was reviewed (names, addresses, redirect URIs, more scopes) of an
//! approved client sends it back to pending: what the operator has not seen is never live.

mod approve;
mod delete;
mod event;
mod reason;
mod record;
mod register;
mod reject;
mod restore;
mod retire_secret;
mod rotate_secret;
mod settings;
mod state;
mod submit;
mod suspend;
mod update;

use grantor_eventsourcing::Decision;

pub use approve::ApproveClient;
pub use delete::DeleteClient;
pub use event::Event;
pub use record::{Kind, Record, Registration, Secret, Settings, Status, TermsAcceptance};
pub use register::{Onboarding, RegisterClient};
pub use reject::RejectClient;
pub use restore::RestoreClient;
pub use retire_secret::RetireSecret;
pub use rotate_secret::RotateSecret;
pub use settings::{Flaw, Limits, MAX_NAME_CHARS, MAX_REDIRECT_URIS};
pub use state::Client;
pub use submit::SubmitClient;
pub use suspend::SuspendClient;
pub use update::{Editor, UpdateClient};

use crate::{Effect, TextRefusal};

/// Why a command on a client is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such client, or it is deleted.
    #[error("there is no such client")]
    Unknown,
    /// The stream has a client already.
    #[error("the client exists already")]
    Exists,
    /// Its status does not allow it.
    #[error("the client is {is}; it must be {must_be}")]
    Status {
        /// Where it stands.
        is: &'static str,
        /// Where it would have to stand.
        must_be: &'static str,
    },
    /// Some settings are wrong.
    #[error("some settings are wrong")]
    Settings(Vec<Flaw>),
    /// The reason cannot be shown to the developer.
    #[error("the reason {0}")]
    Reason(TextRefusal),
    /// A public client has no secret.
    #[error("a public client has no secret")]
    NoSecret,
    /// A client that signs with keys of its own needs no secret, and none counts.
    #[error("the client has keys of its own, so no secret counts; take its keys away first")]
    OwnKeys,
    /// Two secrets are live already.
    #[error("two secrets are live; retire one first")]
    TwoSecrets,
    /// There is no live secret with that id.
    #[error("there is no such secret")]
    UnknownSecret,
    /// The last live secret cannot be retired.
    #[error("it is the only live secret; create another first")]
    LastSecret,
}

/// What a rule about clients says.
pub type Verdict = Decision<Event, Effect, Refusal>;

fn changed(events: impl IntoIterator<Item = Event>) -> Verdict {
    Decision::accept(Effect::Changed, events)
}

fn already() -> Verdict {
    Decision::accept(Effect::Already, [])
}

fn refuse(reason: Refusal) -> Verdict {
    Decision::refuse(reason, [])
}

fn must_be(status: &Status, must_be: &'static str) -> Verdict {
    refuse(Refusal::Status { is: status.as_str(), must_be })
}

#[cfg(test)]
mod testing;
