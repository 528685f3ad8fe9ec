use super::Refusal;
use crate::text;

/// Characters of a reason, at most.
const MAX_CHARS: usize = 500;

/// A reason is shown to the developer: it must be readable, and may be empty.
pub(super) fn check(reason: &str) -> Result<(), Refusal> {
    text::paragraphs(reason, MAX_CHARS).map_err(Refusal::Reason)
}
