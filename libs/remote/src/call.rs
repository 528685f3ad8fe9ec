//! What travels: arguments by name one way, an answer or a refusal back.
//!
//! Both sides leave out nothing and ignore what they do not know, so that a newer caller can
//! talk to an older owner and the other way round while a deployment is being upgraded.

use grantor_ports::PortError;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

/// How a call is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A status that a token request waits for: the shortest deadline. Changes nothing.
    Status,
    /// A person waits; changes nothing, so it may be asked again.
    Read,
    /// A person waits; may change something.
    Write,
    /// An operator reads a list.
    List,
    /// An operator commands.
    Command,
}

impl Kind {
    /// Whether asking twice is as good as asking once.
    pub(crate) const fn repeatable(self) -> bool {
        matches!(self, Self::Status | Self::Read | Self::List)
    }
}

/// The arguments of one call, by name.
#[derive(Default)]
pub(crate) struct Arguments(Map<String, Value>);

impl Arguments {
    pub(crate) fn add(&mut self, name: &str, value: &impl Serialize) -> Result<(), PortError> {
        let value = serde_json::to_value(value).map_err(|cause| {
            tracing::error!(argument = name, %cause, "an argument has no JSON form");
            PortError::Unavailable
        })?;
        self.0.insert(name.to_owned(), value);
        Ok(())
    }

    pub(crate) fn into_body(self) -> Vec<u8> {
        serde_json::to_vec(&self.0).unwrap_or_default()
    }
}

/// The arguments as the owner gets them.
pub struct Given(Map<String, Value>);

/// An argument is missing or cannot be read; only its name is told.
pub struct Unreadable(pub(crate) &'static str);

impl Given {
    pub(crate) fn parse(body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok().map(Self)
    }

    /// Takes an argument out. One that was not sent counts as `null`: callers of an older
    /// version do not know it.
    pub(crate) fn take<T: DeserializeOwned>(&mut self, name: &'static str) -> Result<T, Unreadable> {
        serde_json::from_value(self.0.remove(name).unwrap_or(Value::Null)).map_err(|_| Unreadable(name))
    }
}

/// What comes back.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reply<T, E> {
    Ok(T),
    Refused(E),
}

impl<T, E> From<Result<T, E>> for Reply<T, E> {
    fn from(outcome: Result<T, E>) -> Self {
        outcome.map_or_else(Self::Refused, Self::Ok)
    }
}

impl<T, E> From<Reply<T, E>> for Result<T, E> {
    fn from(reply: Reply<T, E>) -> Self {
        match reply {
            Reply::Ok(value) => Ok(value),
            Reply::Refused(refusal) => Err(refusal),
        }
    }
}
