//! The document.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{
    AccessTokens, Authorize, Clients, Codes, Contradiction, Cors, DeviationId, Errors, Hosts, Interaction, Mails, Oidc,
    Paths, Portal, RefreshTokens, Revocation, Scopes, TokenRequests, TokenResponses, UsersApi, Webhooks,
};

/// The version of the document that this code reads and writes.
pub const VERSION: u32 = 1;
/// A longer document is refused.
pub const MAX_PROFILE_BYTES: usize = 64 * 1024;

/// A tenant's wire behaviour and policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Version of the document: 1.
    pub version: u32,
    /// Knob 1.
    pub hosts: Hosts,
    /// Knobs 2 to 4.
    pub paths: Paths,
    /// Knobs 5, 6, 8, 14, 15, 16.
    pub authorize: Authorize,
    /// Knobs 9 to 13.
    pub scopes: Scopes,
    /// Knobs 7, 17, 18, 19.
    pub token_request: TokenRequests,
    /// Knobs 20 to 26.
    pub token_response: TokenResponses,
    /// Knobs 28, 29.
    pub codes: Codes,
    /// Knobs 27, 30.
    pub access_tokens: AccessTokens,
    /// Knobs 24, 31, 32.
    pub refresh_tokens: RefreshTokens,
    /// Knobs 33 to 35.
    pub revocation: Revocation,
    /// Knobs 36 to 38.
    pub errors: Errors,
    /// Knobs 39, 40.
    pub clients: Clients,
    /// Knob 40: what the developers' portal shows of the tenant's own.
    #[serde(default, skip_serializing_if = "Portal::is_empty")]
    pub portal: Portal,
    /// Knobs 41 to 43.
    pub interaction: Interaction,
    /// What mails say, where that is something of the tenant's own.
    #[serde(default, skip_serializing_if = "Mails::is_empty")]
    pub mails: Mails,
    /// Knob 44.
    pub webhooks: Webhooks,
    /// Knob 44: present where clients may manage users.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub users_api: Option<UsersApi>,
    /// OpenID Connect.
    pub oidc: Oidc,
    /// Cross-origin reading.
    pub cors: Cors,
    /// The weak knobs that the operator has decided for, by the names of the security delta. A
    /// weak knob that is missing here is refused, and so is a name whose knob is not weak.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub acknowledged: BTreeSet<DeviationId>,
}

/// Why a document is not a profile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProfileRefusal {
    /// Over [`MAX_PROFILE_BYTES`].
    #[error("the profile is longer than 64 KiB")]
    TooLong,
    /// Another version than [`VERSION`].
    #[error("the profile has version {0}, this server reads version 1")]
    Version(u64),
    /// Not JSON, a knob is missing, unknown or has a value it cannot have.
    #[error("the profile cannot be read: {}{detail}", if path.is_empty() { String::new() } else { format!("{path}: ") })]
    Malformed {
        /// JSON pointer (RFC 6901) of the member that is wrong, or of the object that lacks one.
        path: String,
        /// What is wrong, for people.
        detail: String,
    },
    /// Every knob is readable, but together they contradict.
    #[error("the profile contradicts itself: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Contradictions(Vec<Contradiction>),
}

impl Profile {
    /// Reads a document from a stranger: bounded, no repeated members, validated.
    pub fn from_json(text: &[u8]) -> Result<Self, ProfileRefusal> {
        let profile = Self::read(text)?;
        match profile.validate() {
            contradictions if contradictions.is_empty() => Ok(profile),
            contradictions => Err(ProfileRefusal::Contradictions(contradictions)),
        }
    }

    /// Reads a document that may contradict itself: bounded, no repeated members.
    pub fn read(text: &[u8]) -> Result<Self, ProfileRefusal> {
        let value = grantor_oauth::parse_json(text, MAX_PROFILE_BYTES, 8).map_err(|refusal| match refusal {
            grantor_oauth::JsonRefusal::TooLong => ProfileRefusal::TooLong,
            grantor_oauth::JsonRefusal::Malformed => {
                ProfileRefusal::Malformed { path: String::new(), detail: refusal.to_string() }
            }
        })?;
        match value.get("version").and_then(serde_json::Value::as_u64) {
            Some(version) if version != u64::from(VERSION) => return Err(ProfileRefusal::Version(version)),
            _ => {}
        }
        serde_path_to_error::deserialize(value).map_err(|error| ProfileRefusal::Malformed {
            path: pointer(error.path()),
            detail: error.inner().to_string(),
        })
    }

    /// The document as compact JSON; the same profile gives the same bytes.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a profile has string keys only")
    }
}

/// A path of serde as a JSON pointer. Variants of enums are no members.
fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let segments = path.iter().filter_map(|segment| match segment {
        Segment::Map { key } => Some(key.replace('~', "~0").replace('/', "~1")),
        Segment::Seq { index } => Some(index.to_string()),
        Segment::Enum { .. } | Segment::Unknown => None,
    });
    segments.flat_map(|segment| ["/".to_owned(), segment]).collect()
}
