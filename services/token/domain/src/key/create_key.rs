use grantor_eventsourcing::Decision;

use super::{KeyEvent, KeyInfo, SigningKey};

/// A key was made.
#[derive(Debug, Clone)]
pub struct CreateKey {
    /// Its public half.
    pub key: KeyInfo,
    /// The tenant has no other key of this algorithm, so nobody waits for it to be known.
    pub first: bool,
}

/// The stream is taken: ids are never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the key is there already")]
pub struct AlreadyThere;

/// Publishes a key. The first of its algorithm signs at once.
pub fn create_key(state: &SigningKey, cmd: &CreateKey) -> Decision<KeyEvent, (), AlreadyThere> {
    if *state != SigningKey::Unknown {
        return Decision::refuse(AlreadyThere, []);
    }
    let mut events = vec![KeyEvent::Created(Box::new(cmd.key.clone()))];
    if cmd.first {
        events.push(KeyEvent::Activated { at: cmd.key.created_at });
    }
    Decision::accept((), events)
}
