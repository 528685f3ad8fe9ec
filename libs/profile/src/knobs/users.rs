//! The directory API for clients: knob 44, and what hangs from it.

use serde::{Deserialize, Serialize};

use crate::PathSet;

/// Knob 44: clients create users and manage them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UsersApi {
    /// Its path.
    pub path: String,
    /// Other paths that serve the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Knob 1: on which of the tenant's hosts it is.
    #[serde(default, skip_serializing_if = "is_default")]
    pub host: UsersHost,
    /// Where a client reads and changes its own settings; absent where it cannot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub configuration: Option<PathSet>,
    /// Whether creation answers with the password it was given (from memory only).
    pub echo_password: bool,
    /// Status of a successful creation: 200 or 201.
    pub created_status: u16,
    /// Whether a new user may log in at once; otherwise the client has to verify them first.
    #[serde(default, skip_serializing_if = "is_default")]
    pub auto_verify: bool,
    /// So many wrong passwords in a row lock a user, until a new password is set; absent: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lock_after_failures: Option<u16>,
    /// Which passwords clients may set.
    #[serde(default, skip_serializing_if = "is_default")]
    pub passwords: ApiPasswords,
    /// The tenant's own members of a user, in the order they are written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<UserAttribute>,
}

/// Knob 1: a host of the tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UsersHost {
    /// The issuer's, beside the token endpoint.
    #[default]
    Identity,
    /// That of the tenant's API.
    Api,
}

/// Which passwords clients may set for users.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApiPasswords {
    /// As at sign-up: 8 to 128 characters, none that everybody tries first.
    #[default]
    Checked,
    /// 6 to 36 characters, whatever they are.
    SixToThirtySix,
}

/// One of the tenant's own members of a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserAttribute {
    /// Its name.
    pub name: String,
    /// What it holds and what it is when nobody said.
    pub value: AttributeKind,
}

/// What an attribute holds, with its default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "default", rename_all = "snake_case")]
pub enum AttributeKind {
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A text of at most 255 characters.
    Text(String),
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
