//! Passwords for servers: in the environment or in a file, never in the configuration.

use std::{env, fs, path::Path};

use crate::StartError;

/// The settings that say where a password is.
pub(crate) struct Password {
    both: &'static str,
    env: &'static str,
    file: &'static str,
}

/// That of a service's database.
pub(crate) const DATABASE: Password =
    Password { both: "database", env: "database.password_env", file: "database.password_file" };

/// That of our user at the brokers.
pub(crate) const KAFKA: Password =
    Password { both: "bus.kafka.sasl", env: "bus.kafka.sasl.password_env", file: "bus.kafka.sasl.password_file" };

impl Password {
    /// The password, if one of them says where it is.
    pub(crate) fn read(&self, env: Option<&str>, file: Option<&Path>) -> Result<Option<String>, StartError> {
        match (env, file) {
            (None, None) => Ok(None),
            (Some(_), Some(_)) => {
                Err(StartError::setting(self.both, "`password_env` and `password_file` exclude each other"))
            }
            (Some(name), None) => env::var(name)
                .map(Some)
                .map_err(|_| StartError::setting(self.env, format!("the environment variable {name} is not set"))),
            (None, Some(path)) => {
                let text = fs::read_to_string(path)
                    .map_err(|cause| StartError::setting(self.file, format!("{}: {cause}", path.display())))?;
                Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()))
            }
        }
    }
}
