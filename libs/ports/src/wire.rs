//! How values that serde cannot carry by itself cross a process border.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serializer};

/// One of our own words. Spelled as a name, as serde would borrow a plain reference.
pub(crate) type Thing = &'static str;

/// What [`crate::AdminError::NotFound`] speaks of. A word that is not here crosses as the last.
const THINGS: [&str; 10] =
    ["tenant", "client", "user", "operator", "signing key", "grant", "secret", "webhook", "delivery", "object"];

/// A secret on its way to the service that owns it. Only internal calls, which are
/// authenticated, are written this way; logs print secrets as `[REDACTED]`.
pub(crate) fn secret<S: Serializer>(secret: &SecretString, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(secret.expose_secret())
}

/// The same, if there is one.
pub(crate) fn optional_secret<S: Serializer>(secret: &Option<SecretString>, to: S) -> Result<S::Ok, S::Error> {
    match secret {
        Some(secret) => to.serialize_some(secret.expose_secret()),
        None => to.serialize_none(),
    }
}

/// One of our own words, read back.
pub(crate) fn thing<'de, D: Deserializer<'de>>(from: D) -> Result<Thing, D::Error> {
    let word = String::deserialize(from)?;
    let last = THINGS[THINGS.len() - 1];
    Ok(THINGS.into_iter().find(|thing| *thing == word).unwrap_or(last))
}
