//! Scopes: knobs 9 to 13.

use serde::{Deserialize, Serialize};

use crate::Bilingual;

/// How scopes are read, granted, shown and turned into claims.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scopes {
    /// Knob 9: what separates scopes in requests.
    pub input: ScopeInput,
    /// Knob 10: what separates scopes in answers.
    pub output: ScopeOutput,
    /// Knob 10: when answers show `scope` at all.
    pub shown: ScopeShown,
    /// Knob 11: what a request without `scope` means.
    pub missing: MissingScope,
    /// Knob 11: the default set, for [`MissingScope::DefaultSet`] and [`ScopeInput::Ignored`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub default_set: Vec<String>,
    /// Knob 12: a scope that is unknown or not the client's.
    pub excess: ExcessScope,
    /// Knob 13: every scope of the tenant, its words for the consent page and its claims.
    pub catalogue: Vec<ScopeEntry>,
}

/// Knob 9.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScopeInput {
    /// Spaces.
    Space,
    /// Commas, spaces or a mix.
    CommaOrSpace,
    /// The parameter is ignored: the default set is always granted.
    Ignored,
}

/// Knob 10.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScopeOutput {
    /// A space (RFC 6749 3.3).
    Space,
    /// A comma without a space.
    Comma,
}

/// Knob 10.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScopeShown {
    /// Always.
    Always,
    /// Only when it differs from what was asked (RFC 6749 5.1 allows leaving it out otherwise).
    WhenDifferent,
}

/// Knob 11.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MissingScope {
    /// The profile's default set, as far as the client may have it.
    DefaultSet,
    /// Everything the client may have.
    ClientScopes,
    /// `invalid_scope`.
    Refuse,
}

/// Knob 12.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExcessScope {
    /// `invalid_scope`.
    Refuse,
    /// Left out silently.
    Ignore,
}

/// Knob 13: one scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScopeEntry {
    /// The scope token.
    pub name: String,
    /// What the consent page says it gives.
    pub description: Bilingual,
    /// The claims it brings; order is that of the userinfo answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<String>,
    /// Whether people may untick it on the consent page and give the rest.
    #[serde(default, skip_serializing_if = "is_false")]
    pub optional: bool,
}

fn is_false(value: &bool) -> bool {
    !value
}
