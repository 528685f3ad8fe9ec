use grantor_crypto::HashRefusal;
use grantor_directory_domain::Refusal;
use grantor_ports::{AdminError, PortError};

pub(crate) use grantor_keyring::{not_opened, not_read};
pub(crate) use grantor_store::not_written;

pub(crate) fn not_hashed(cause: HashRefusal) -> PortError {
    match cause {
        HashRefusal::Busy => PortError::Busy,
        HashRefusal::Unusable | HashRefusal::Failed => {
            tracing::error!(%cause, "a password could not be hashed");
            PortError::Unavailable
        }
    }
}

/// A rule's no, for an operator.
pub(crate) fn refused(refusal: Refusal) -> AdminError {
    match refusal {
        Refusal::Unknown => AdminError::NotFound("user"),
        Refusal::Exists => AdminError::Conflict("the user exists already".into()),
        Refusal::Deactivated => AdminError::Conflict("the user is deactivated; that cannot be undone".into()),
        Refusal::Erased => AdminError::Conflict("the user is erased; that cannot be undone".into()),
    }
}
