//! An endpoint: where a partner, or a tenant itself, is told what happens.
//!
//! Active ⇄ paused; disabled when it is gone or answers nothing good for days, until somebody
//! resumes it; deleted from anywhere. Its keys are in events by their public halves alone.

mod address;
mod change;
mod create;
mod delete;
mod disable;
mod event;
mod pause;
mod record;
mod resume;
mod reveal_key;
mod rotate_key;
mod settings;
mod state;

use grantor_eventsourcing::Decision;

pub use address::{AddressRefusal, MAX_URL_BYTES, Where};
pub use change::ChangeEndpoint;
pub use create::CreateEndpoint;
pub use delete::DeleteEndpoint;
pub use disable::DisableEndpoint;
pub use event::Event;
pub use pause::PauseEndpoint;
pub use record::{Creation, Key, Listener, Record, Settings, Status};
pub use resume::ResumeEndpoint;
pub use reveal_key::RevealKey;
pub use rotate_key::{DEFAULT_OVERLAP, MAX_OLD_KEYS, MAX_OVERLAP, RotateKey};
pub use settings::{Flaw, Limits, MAX_DESCRIPTION_CHARS};
pub use state::Endpoint;

/// Whether a command changed anything. Doing again what is done is no error and no event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It did.
    Changed,
    /// It was so already.
    Already,
}

/// Why a command on an endpoint is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such endpoint, or it is deleted.
    #[error("there is no such endpoint")]
    Unknown,
    /// The stream has an endpoint already.
    #[error("the endpoint exists already")]
    Exists,
    /// A setting is wrong.
    #[error(transparent)]
    Settings(#[from] Flaw),
    /// The keys before would live longer than they may.
    #[error("the keys before go on for at most seven days")]
    Overlap,
    /// Only an active endpoint can be paused.
    #[error("the endpoint is disabled already")]
    Disabled,
}

/// What a rule about endpoints says.
pub type Verdict = Decision<Event, Effect, Refusal>;

fn changed(events: impl IntoIterator<Item = Event>) -> Verdict {
    Decision::accept(Effect::Changed, events)
}

fn already() -> Verdict {
    Decision::accept(Effect::Already, [])
}

fn refuse(reason: impl Into<Refusal>) -> Verdict {
    Decision::refuse(reason.into(), [])
}

#[cfg(test)]
mod testing;
