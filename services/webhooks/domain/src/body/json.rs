//! JSON whose members keep their order, as partners compare it with what they were shown.

use std::fmt;

use serde_json::Value;

/// A value.
pub(super) enum Json {
    /// Members in order.
    Object(Vec<(String, Json)>),
    /// Anything else.
    Value(Value),
}

impl Json {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Value(Value::String(text.into()))
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(value) => value.fmt(f),
            Self::Object(members) => {
                f.write_str("{")?;
                for (at, (name, value)) in members.iter().enumerate() {
                    let comma = if at == 0 { "" } else { "," };
                    write!(f, "{comma}{}:{value}", Value::from(name.as_str()))?;
                }
                f.write_str("}")
            }
        }
    }
}
