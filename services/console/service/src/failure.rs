use grantor_console_domain::Refusal;
use grantor_crypto::OpenFailed;
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

/// The same for an operator's command.
pub(crate) fn not_commanded(cause: CommitError) -> AdminError {
    match cause {
        CommitError::Store(cause) => cause.into(),
        other => AdminError::Port(not_written(other)),
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

/// A rule's no.
pub(crate) fn refused(refusal: Refusal) -> AdminError {
    match refusal {
        Refusal::Unknown => AdminError::NotFound("operator"),
        Refusal::Name(name) => AdminError::invalid("/name", name.to_string()),
        other @ (Refusal::Exists | Refusal::Disabled | Refusal::Oneself) => AdminError::Conflict(other.to_string()),
    }
}
