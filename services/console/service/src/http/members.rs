//! The members of a JSON object from a stranger, taken one by one: what is wrong with any of
//! them is gathered with its pointer (RFC 6901), and what is left over at the end is unknown.
//! Texts of errors never quote a value: it may be a password.

use grantor_oauth::{JsonRefusal, parse_json};
use grantor_ports::Claims;
use grantor_web::MAX_BODY;
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::problem::{Problem, Wrong};

/// Arrays and objects inside each other, at most; a profile has fewer.
const DEPTH: usize = 12;

/// The members that have not been taken yet.
pub(super) struct Members {
    base: String,
    map: Map<String, Value>,
    wrong: Vec<Wrong>,
}

impl Members {
    /// Reads a body: bounded, an object, without repeated members.
    pub fn parse(body: &[u8]) -> Result<Self, Problem> {
        match parse_json(body, MAX_BODY, DEPTH) {
            Ok(Value::Object(map)) => Ok(Self { base: String::new(), map, wrong: Vec::new() }),
            Ok(_) => Err(Problem::Malformed("the body must be a JSON object".into())),
            Err(JsonRefusal::TooLong) => Err(Problem::TooLarge),
            Err(cause @ JsonRefusal::Malformed) => {
                Err(Problem::Malformed(format!("the body is no acceptable JSON: {cause}")))
            }
        }
    }

    /// Ends the reading: answers all that was wrong, unknown members included.
    pub fn finish(mut self) -> Result<(), Problem> {
        self.close();
        if self.wrong.is_empty() { Ok(()) } else { Err(Problem::Invalid(self.wrong)) }
    }

    fn close(&mut self) {
        for name in std::mem::take(&mut self.map).into_iter().map(|(name, _)| name) {
            self.refuse(&name, "this member is not known here");
        }
    }

    /// Notes that a member is wrong.
    pub fn refuse(&mut self, name: &str, detail: impl Into<String>) {
        let pointer = self.pointer(name);
        self.wrong.push(Wrong { pointer, detail: detail.into() });
    }

    /// Notes what is wrong inside a member, by pointers into it.
    pub fn refuse_inside(&mut self, name: &str, found: impl IntoIterator<Item = Wrong>) {
        let pointer = self.pointer(name);
        let inside = |wrong: Wrong| Wrong { pointer: format!("{pointer}{}", wrong.pointer), detail: wrong.detail };
        self.wrong.extend(found.into_iter().map(inside));
    }

    fn pointer(&self, name: &str) -> String {
        let name: String = name.chars().take(80).collect();
        format!("{}/{}", self.base, name.replace('~', "~0").replace('/', "~1"))
    }

    /// A member of any type; `null` is none, and nothing here can be removed by it.
    pub fn value(&mut self, name: &str) -> Option<Value> {
        match self.map.remove(name) {
            Some(Value::Null) => {
                self.refuse(name, "must not be null; leave it out");
                None
            }
            other => other,
        }
    }

    /// A string.
    pub fn text(&mut self, name: &str) -> Option<String> {
        match self.value(name)? {
            Value::String(text) => Some(text),
            _ => self.mistyped(name, "must be a string"),
        }
    }

    /// A string that must be there.
    pub fn required(&mut self, name: &str) -> String {
        if !self.map.contains_key(name) {
            self.refuse(name, "is missing");
        }
        self.text(name).unwrap_or_default()
    }

    /// A string that must not be seen.
    pub fn secret(&mut self, name: &str) -> Option<SecretString> {
        self.text(name).map(SecretString::from)
    }

    /// True or false.
    pub fn flag(&mut self, name: &str) -> Option<bool> {
        match self.value(name)? {
            Value::Bool(flag) => Some(flag),
            _ => self.mistyped(name, "must be true or false"),
        }
    }

    /// A whole number from 0 that must be there.
    pub fn number(&mut self, name: &str) -> Option<u64> {
        if !self.map.contains_key(name) {
            self.refuse(name, "is missing");
        }
        match self.value(name)?.as_u64() {
            Some(number) => Some(number),
            None => self.mistyped(name, "must be a whole number, 0 or more"),
        }
    }

    /// A list of strings.
    pub fn texts(&mut self, name: &str) -> Option<Vec<String>> {
        let Value::Array(items) = self.value(name)? else { return self.mistyped(name, "must be a list of strings") };
        let mut texts = Vec::with_capacity(items.len());
        for (at, item) in items.into_iter().enumerate() {
            match item {
                Value::String(text) => texts.push(text),
                _ => self.refuse_inside(name, [Wrong::at(format!("/{at}"), "must be a string")]),
            }
        }
        Some(texts)
    }

    /// One of a few words.
    pub fn word<T: DeserializeOwned>(&mut self, name: &str, words: &str) -> Option<T> {
        let value = self.value(name)?;
        match serde_json::from_value(value) {
            Ok(word) => Some(word),
            Err(_) => self.mistyped(name, &format!("must be one of: {words}")),
        }
    }

    /// An object of known members.
    pub fn record<T: DeserializeOwned>(&mut self, name: &str, must: &str) -> Option<T> {
        let value = self.value(name)?;
        match serde_json::from_value(value) {
            Ok(record) => Some(record),
            Err(_) => self.mistyped(name, must),
        }
    }

    /// One of a few words, which must be there.
    pub fn required_word<T: DeserializeOwned>(&mut self, name: &str, words: &str) -> Option<T> {
        if !self.map.contains_key(name) {
            self.refuse(name, format!("is missing; it is one of: {words}"));
        }
        self.word(name, words)
    }

    /// Claims by name; their values are the owner's to judge, `null` included.
    pub fn claims(&mut self, name: &str) -> Claims {
        match self.value(name) {
            Some(Value::Object(claims)) => claims,
            None => Claims::new(),
            Some(_) => self.mistyped(name, "must be an object").unwrap_or_default(),
        }
    }

    /// An object with members of its own.
    pub fn object<T>(&mut self, name: &str, read: impl FnOnce(&mut Self) -> T) -> Option<T> {
        let value = self.value(name)?;
        self.inside(name, String::new(), value, read)
    }

    /// A list of objects with members of their own.
    pub fn objects<T>(&mut self, name: &str, mut read: impl FnMut(&mut Self) -> T) -> Vec<T> {
        match self.value(name) {
            None => Vec::new(),
            Some(Value::Array(items)) => {
                let mut objects = Vec::with_capacity(items.len());
                for (at, item) in items.into_iter().enumerate() {
                    objects.extend(self.inside(name, format!("/{at}"), item, &mut read));
                }
                objects
            }
            Some(_) => self.mistyped(name, "must be a list of objects").unwrap_or_default(),
        }
    }

    fn inside<T>(&mut self, name: &str, at: String, value: Value, read: impl FnOnce(&mut Self) -> T) -> Option<T> {
        let base = format!("{}{at}", self.pointer(name));
        let Value::Object(map) = value else {
            self.wrong.push(Wrong { pointer: base, detail: "must be an object".into() });
            return None;
        };
        let mut inner = Self { base, map, wrong: Vec::new() };
        let read = read(&mut inner);
        inner.close();
        self.wrong.append(&mut inner.wrong);
        Some(read)
    }

    fn mistyped<T>(&mut self, name: &str, detail: &str) -> Option<T> {
        self.refuse(name, detail);
        None
    }
}
