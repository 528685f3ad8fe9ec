//! The request that a filled task comes to.

use serde_json::{Map, Value};

use super::{FieldKind, FieldPlace, Task, TaskAuth, TaskBody};

/// A request below one of the tenant's hosts. Holds what was typed, so it does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiRequest {
    /// The HTTP method.
    pub method: &'static str,
    /// The path.
    pub path: String,
    /// The headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body; empty where there is none.
    pub body: String,
}

impl Task {
    /// The request with these values. Fields that were left empty are left out, so the answer
    /// says what is missing as it says it to any program.
    pub fn request(&self, value: impl Fn(&str) -> Option<String>, token: Option<&str>) -> ApiRequest {
        let given: Vec<_> = self
            .fields
            .iter()
            .filter_map(|field| Some((field, value(&field.name).filter(|text| !text.is_empty())?)))
            .collect();
        let mut path = self.path.clone();
        for (field, text) in given.iter().filter(|(field, _)| field.place == FieldPlace::Path) {
            path = path.replace(&format!("{{{}}}", field.name), &encoded(text));
        }
        // A part that nobody filled names nothing.
        let path = path.replace(['{', '}'], "-");
        let members = given.iter().filter(|(field, _)| field.place == FieldPlace::Body);
        let mut headers = Vec::new();
        if self.auth != TaskAuth::Client
            && let Some(token) = token.filter(|token| !token.is_empty())
        {
            headers.push(("Authorization", format!("Bearer {token}")));
        }
        let body = match self.body {
            TaskBody::None => String::new(),
            TaskBody::Form => {
                headers.push(("Content-Type", "application/x-www-form-urlencoded".to_owned()));
                let fixed = self.fixed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
                let typed = members.map(|(field, text)| (field.name.clone(), text.clone()));
                let pairs = fixed.chain(typed).map(|(name, value)| format!("{}={}", encoded(&name), encoded(&value)));
                pairs.collect::<Vec<_>>().join("&")
            }
            TaskBody::Json => {
                headers.push(("Content-Type", "application/json".to_owned()));
                let typed: Vec<_> =
                    members.map(|(field, text)| (field.name.as_str(), json(field.kind, text))).collect();
                object(&typed)
            }
        };
        ApiRequest { method: self.method, path, headers, body }
    }
}

/// What was typed as what the field holds; what does not fit goes as a text, for the API to refuse.
fn json(kind: FieldKind, text: &str) -> Value {
    let read = match kind {
        FieldKind::Flag => text.parse::<bool>().ok().map(Value::from),
        FieldKind::Number => text.trim().parse::<i64>().ok().map(Value::from),
        FieldKind::Text | FieldKind::Secret => None,
    };
    read.unwrap_or_else(|| text.into())
}

/// A JSON object whose members keep their order.
fn object(members: &[(&str, Value)]) -> String {
    let one = |(name, value): &(&str, Value)| {
        let mut map = Map::new();
        map.insert((*name).to_owned(), value.clone());
        let text = Value::Object(map).to_string();
        text[1..text.len() - 1].to_owned()
    };
    format!("{{{}}}", members.iter().map(one).collect::<Vec<_>>().join(","))
}

/// As in a form and in a path segment: everything but RFC 3986's unreserved characters.
fn encoded(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}

impl ApiRequest {
    /// The `curl` that sends exactly this, for a POSIX shell. `base` is the host's URL without a
    /// slash at the end.
    pub fn curl(&self, base: &str) -> String {
        let mut lines = vec![format!("curl -i -X {} {}", self.method, quoted(&format!("{base}{}", self.path)))];
        let headers = self.headers.iter().map(|(name, value)| format!("-H {}", quoted(&format!("{name}: {value}"))));
        lines.extend(headers);
        if !self.body.is_empty() {
            lines.push(format!("--data-raw {}", quoted(&self.body)));
        }
        lines.join(" \\\n  ")
    }
}

/// In single quotes, in which a POSIX shell takes every character as it is.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}
