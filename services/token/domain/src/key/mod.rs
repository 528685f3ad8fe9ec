//! The signing key: pending → active → retiring → retired.

mod activate_key;
mod create_key;
mod event;
mod retire_key;
mod state;

pub use activate_key::{ActivateRefusal, activate_key};
pub use create_key::{AlreadyThere, CreateKey, create_key};
pub use event::KeyEvent;
pub use retire_key::{NotActive, retire_key};
pub use state::{KeyInfo, KeyPhase, SigningKey};

#[cfg(test)]
mod tests;
