/// Longest name, in characters.
const LONGEST: usize = 80;

/// Why a text is no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameRefusal {
    /// Nothing to see.
    #[error("must not be empty")]
    Empty,
    /// Over 80 characters.
    #[error("must be 80 characters or fewer")]
    TooLong,
    /// Line breaks and the like, which would change how a list or a log reads.
    #[error("must have no control characters")]
    Control,
}

pub(crate) fn check(name: &str) -> Result<(), NameRefusal> {
    if name.trim().is_empty() {
        return Err(NameRefusal::Empty);
    }
    if name.chars().count() > LONGEST {
        return Err(NameRefusal::TooLong);
    }
    if name.chars().any(char::is_control) { Err(NameRefusal::Control) } else { Ok(()) }
}
