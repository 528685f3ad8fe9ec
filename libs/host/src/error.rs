use std::path::PathBuf;

use grantor_crypto::RootKeyError;
use grantor_store::OpenError;

/// Why a process did not start. Each names the setting or the file to look at; nothing has
/// been half-started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The folder has not been made yet.
    #[error("{0} is not a data folder yet: run `grantor init --data {0}` first")]
    NotInitialised(PathBuf),
    /// It has been made already.
    #[error("{0} is a data folder already; nothing was changed")]
    AlreadyInitialised(PathBuf),
    /// Another process uses it.
    #[error("another grantor process uses {folder}{at}")]
    InUse {
        /// The folder.
        folder: PathBuf,
        /// Where that process is reached, when it has said so.
        at: String,
    },
    /// A setting is wrong.
    #[error("{setting}: {problem}")]
    Setting {
        /// Its name in the configuration file.
        setting: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// An address cannot be listened on.
    #[error("{setting}: cannot listen on {address}: {cause}")]
    Listen {
        /// The setting it came from.
        setting: &'static str,
        /// The address.
        address: String,
        /// What the system says.
        cause: std::io::Error,
    },
    /// The root key is missing or unreadable.
    #[error("root_key: {path}: {cause}")]
    RootKey {
        /// The file it should be in.
        path: PathBuf,
        /// What is wrong with it.
        cause: RootKeyError,
    },
    /// The root key is not the one this folder was made with.
    #[error("root_key: {database} was sealed under another root key; nothing was changed")]
    WrongRootKey {
        /// The database.
        database: String,
    },
    /// A database cannot be opened.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// A file cannot be read or written.
    #[error("{path}: {cause}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// Something inside failed; the log has the cause.
    #[error("{0}")]
    Inside(&'static str),
}

impl StartError {
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |cause| Self::File { path, cause }
    }

    pub(crate) fn root_key(path: &std::path::Path) -> impl FnOnce(RootKeyError) -> Self {
        let path = path.to_owned();
        move |cause| Self::RootKey { path, cause }
    }

    pub(crate) fn setting(setting: &'static str, problem: impl Into<String>) -> Self {
        Self::Setting { setting, problem: problem.into() }
    }
}
