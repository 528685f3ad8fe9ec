//! Scopes (RFC 6749 3.3).

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{ErrorCode, ProtocolError};

/// More scopes in one value are refused.
const MAX_SCOPES: usize = 64;
/// A longer scope is refused.
const MAX_SCOPE_BYTES: usize = 256;

/// Why text is not a scope value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScopeRefusal {
    /// A character outside RFC 6749 3.3, or a comma where commas do not separate.
    #[error("a scope contains a character that is not allowed")]
    Character,
    /// A scope over 256 bytes.
    #[error("a scope is too long")]
    TooLong,
    /// More than 64 scopes.
    #[error("there are too many scopes")]
    TooMany,
}

impl From<ScopeRefusal> for ProtocolError {
    fn from(refusal: ScopeRefusal) -> Self {
        ErrorCode::InvalidScope.because(refusal.to_string())
    }
}

/// What may stand between scopes in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Separators {
    /// Spaces only (RFC 6749 3.3).
    Space,
    /// Commas, spaces or any mix of them.
    CommaOrSpace,
}

/// One scope: `1*( %x21 / %x23-5B / %x5D-7E )` without the comma. RFC 6749 would allow a
/// comma; leaving it out keeps both separators unambiguous for one parser.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Scope(String);

impl Scope {
    /// Checks the characters and the length.
    pub fn new(text: &str) -> Result<Self, ScopeRefusal> {
        if text.len() > MAX_SCOPE_BYTES {
            return Err(ScopeRefusal::TooLong);
        }
        let fits = |b: u8| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e) && b != b',';
        if text.is_empty() || !text.bytes().all(fits) {
            return Err(ScopeRefusal::Character);
        }
        Ok(Self(text.to_owned()))
    }

    /// The scope as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// Scopes in the order they were given, each once. Prints and serialises space-joined.
/// Two sets are equal when they hold the same scopes in the same order; for the same scopes in
/// any order see [`ScopeSet::same_scopes`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct ScopeSet(Vec<Scope>);

impl ScopeSet {
    /// No scope.
    pub const fn empty() -> Self {
        Self(Vec::new())
    }

    /// Reads a `scope` value; several separators in a row count as one.
    pub fn parse(text: &str, separators: Separators) -> Result<Self, ScopeRefusal> {
        let between = |c: char| c == ' ' || (c == ',' && separators == Separators::CommaOrSpace);
        let mut set = Self::empty();
        for word in text.split(between).filter(|word| !word.is_empty()) {
            set.insert(Scope::new(word)?);
            if set.0.len() > MAX_SCOPES {
                return Err(ScopeRefusal::TooMany);
            }
        }
        Ok(set)
    }

    /// Reads a space-separated value.
    pub fn from_spaced(text: &str) -> Result<Self, ScopeRefusal> {
        Self::parse(text, Separators::Space)
    }

    /// Reads a list of scopes.
    pub fn from_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, ScopeRefusal> {
        names.into_iter().map(Scope::new).collect()
    }

    /// Adds a scope at the end unless it is there.
    pub fn insert(&mut self, scope: Scope) {
        if !self.0.contains(&scope) {
            self.0.push(scope);
        }
    }

    /// Whether the set has this scope.
    pub fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|scope| scope.as_str() == name)
    }

    /// Whether every scope of this set is in the other.
    pub fn is_subset(&self, other: &Self) -> bool {
        self.0.iter().all(|scope| other.0.contains(scope))
    }

    /// Whether both sets hold the same scopes, in whatever order.
    pub fn same_scopes(&self, other: &Self) -> bool {
        self.is_subset(other) && other.is_subset(self)
    }

    /// The scopes that are also in the other set, in this set's order.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        self.filter(|scope| other.0.contains(scope))
    }

    /// The scopes that are not in the other set, in this set's order.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        self.filter(|scope| !other.0.contains(scope))
    }

    /// This set and then what only the other has.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.iter().chain(other.iter()).cloned().collect()
    }

    /// The scopes for which `keep` holds.
    #[must_use]
    pub fn filter(&self, keep: impl Fn(&Scope) -> bool) -> Self {
        Self(self.0.iter().filter(|scope| keep(scope)).cloned().collect())
    }

    /// The scopes in order.
    pub fn iter(&self) -> impl Iterator<Item = &Scope> {
        self.0.iter()
    }

    /// How many scopes there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no scope.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The scopes joined by some text.
    pub fn join(&self, between: &str) -> String {
        self.0.iter().map(Scope::as_str).collect::<Vec<_>>().join(between)
    }
}

impl FromIterator<Scope> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        let mut set = Self::empty();
        scopes.into_iter().for_each(|scope| set.insert(scope));
        set
    }
}

impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.join(" "))
    }
}

impl Serialize for Scope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

impl Serialize for ScopeSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ScopeSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_spaced(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}
