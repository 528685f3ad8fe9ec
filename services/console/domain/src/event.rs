use grantor_eventsourcing::Timestamp;

/// What can happen to an operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// There is one, with a token.
    Created {
        /// What the other operators call it; not a person's datum but a role or a program.
        name: String,
        /// When.
        at: Timestamp,
    },
    /// It has another token; the one before is worth nothing.
    TokenRotated,
    /// It may do nothing any more.
    Disabled,
}
