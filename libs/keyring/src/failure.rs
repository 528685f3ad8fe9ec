use grantor_crypto::OpenFailed;
use grantor_ports::PortError;

/// A ciphertext that does not open where it belongs: changed by somebody, or the wrong key.
pub fn not_opened(what: &'static str) -> impl Fn(OpenFailed) -> PortError {
    move |cause| {
        tracing::error!(what, %cause, "a ciphertext does not open");
        PortError::Unavailable
    }
}

/// A record of our own that is not in its form. serde_json's text could quote the record: only
/// its place is logged.
pub fn not_read(what: &'static str) -> impl Fn(serde_json::Error) -> PortError {
    move |cause| {
        tracing::error!(what, line = cause.line(), column = cause.column(), "a record cannot be read or written");
        PortError::Unavailable
    }
}
