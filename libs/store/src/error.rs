use grantor_ports::{AdminError, PortError};

/// The database did not answer. The cause has been logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// It failed, or its content could not be read.
    #[error("the store failed")]
    Failed,
    /// Too much is waiting to be written.
    #[error("the store is too busy")]
    Busy,
    /// The stream was changed by others three times in a row.
    #[error("too many writers on one stream")]
    Contended,
}

impl From<StoreError> for PortError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Failed => Self::Unavailable,
            StoreError::Busy | StoreError::Contended => Self::Busy,
        }
    }
}

impl From<StoreError> for AdminError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Contended => Self::Conflict("somebody else is changing it; try again".into()),
            other => Self::Port(other.into()),
        }
    }
}

/// Why a write was not made. Nothing of it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// The stream or row is not at the revision that was read.
    #[error("changed meanwhile")]
    Conflict,
    /// A row that had to be new is there.
    #[error("{0} is taken")]
    Taken(&'static str),
    /// The database did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A write that was not made, where no refusal was to be expected.
pub fn not_written(cause: CommitError) -> PortError {
    match cause {
        CommitError::Store(cause) => cause.into(),
        CommitError::Conflict => PortError::Busy,
        CommitError::Taken(kind) => {
            tracing::error!(row.kind = kind, "a row is taken that nobody else writes");
            PortError::Unavailable
        }
    }
}

/// Why a database could not be opened. Names the setting or the file.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It cannot be opened.
    #[error("cannot open {place}: {cause}")]
    Open {
        /// The file, or the database's address without its password.
        place: String,
        /// What the engine says.
        cause: String,
    },
    /// Migrations have not run.
    #[error("{place} is at an older schema: run `grantor migrate`")]
    PendingMigration {
        /// The file, or the database's address without its password.
        place: String,
    },
}
