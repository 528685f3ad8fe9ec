use grantor_crypto::{HashRefusal, OpenFailed};
use grantor_directory_domain::Refusal;
use grantor_ports::{AdminError, PortError};
use grantor_store::CommitError;

/// A write that was not made, where no refusal was to be expected.
pub(crate) fn not_written(cause: CommitError) -> PortError {
    match cause {
        CommitError::Store(cause) => cause.into(),
        CommitError::Conflict => PortError::Busy,
        CommitError::Taken(kind) => {
            tracing::error!(row.kind = kind, "a row is taken that nobody else writes");
            PortError::Unavailable
        }
    }
}

/// A ciphertext that does not open where it belongs: changed by somebody, or the wrong key.
pub(crate) fn not_opened(what: &'static str) -> impl Fn(OpenFailed) -> PortError {
    move |cause| {
        tracing::error!(what, %cause, "a ciphertext does not open");
        PortError::Unavailable
    }
}

/// A record of our own that is not in its form.
pub(crate) fn not_read(what: &'static str) -> impl Fn(serde_json::Error) -> PortError {
    // serde_json's text could quote the record: only its place is logged.
    move |cause| {
        tracing::error!(what, line = cause.line(), column = cause.column(), "a record cannot be read or written");
        PortError::Unavailable
    }
}

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
