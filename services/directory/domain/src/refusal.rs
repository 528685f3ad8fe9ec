/// Why a user was not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such user.
    Unknown,
    /// There is one with this id already.
    Exists,
    /// They are deactivated; that is for ever.
    Deactivated,
    /// They are erased; that is for ever.
    Erased,
}
