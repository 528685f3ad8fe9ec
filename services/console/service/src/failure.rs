use grantor_console_domain::Refusal;
use grantor_ports::AdminError;
use grantor_store::CommitError;

pub(crate) use grantor_keyring::not_read;
pub(crate) use grantor_store::not_written;

/// The same for an operator's command.
pub(crate) fn not_commanded(cause: CommitError) -> AdminError {
    match cause {
        CommitError::Store(cause) => cause.into(),
        other => AdminError::Port(not_written(other)),
    }
}

/// A rule's no.
pub(crate) fn refused(refusal: Refusal) -> AdminError {
    match refusal {
        Refusal::Unknown => AdminError::NotFound("operator"),
        Refusal::Name(name) => AdminError::invalid("/name", name.to_string()),
        other @ (Refusal::Exists | Refusal::Disabled | Refusal::Oneself) => AdminError::Conflict(other.to_string()),
    }
}
