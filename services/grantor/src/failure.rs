use grantor_host::StartError;
use grantor_ports::AdminError;

/// Why a command failed; printed for the person who typed it. Exit code 1.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The process did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// No runtime.
    #[error("cannot start threads: {0}")]
    Runtime(std::io::Error),
    /// Nobody could tell the process to end.
    #[error("cannot listen for signals: {0}")]
    Signals(std::io::Error),
    /// The demo could not be seeded.
    #[error("the demo cannot be made: {0}")]
    Seed(#[from] AdminError),
    /// A file.
    #[error("{path}: {cause}")]
    File {
        /// Which.
        path: String,
        /// What the system says.
        cause: std::io::Error,
    },
    /// The admin API said no.
    #[error("{0}")]
    Refused(String),
    /// The admin API does not answer.
    #[error("the admin API at {at} does not answer: {cause}")]
    Unreachable {
        /// Its base URL.
        at: String,
        /// Why.
        cause: String,
    },
    /// What was typed makes no sense.
    #[error("{0}")]
    Usage(String),
}

impl Failure {
    pub(crate) fn file(path: impl std::fmt::Display) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_string();
        move |cause| Self::File { path, cause }
    }
}
