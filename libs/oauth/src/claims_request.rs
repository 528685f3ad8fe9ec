//! The `claims` parameter (OpenID Connect Core 5.5).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{ProtocolError, parse_json};

const MAX_BYTES: usize = 4096;
/// The object, `userinfo`, a claim, its `values`, and one level inside a value.
const MAX_DEPTH: usize = 5;
const MAX_CLAIMS: usize = 64;

/// What is asked about one claim (Core 5.5.1).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ClaimDemand {
    /// The client cannot do without it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub essential: bool,
    /// The value it must have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// The values of which it must have one, in order of preference.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<Value>,
}

impl ClaimDemand {
    /// Whether a value satisfies the demand.
    pub fn accepts(&self, found: &Value) -> bool {
        self.value.as_ref().is_none_or(|wanted| wanted == found)
            && (self.values.is_empty() || self.values.contains(found))
    }
}

/// Single claims asked for beside those that scopes bring.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ClaimsRequest {
    /// Wanted from the userinfo endpoint.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub userinfo: BTreeMap<String, ClaimDemand>,
    /// Wanted in the ID token.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub id_token: BTreeMap<String, ClaimDemand>,
}

impl ClaimsRequest {
    /// Reads the parameter: a JSON object of at most 4 KiB. Members other than `userinfo` and
    /// `id_token` are ignored (Core 5.5); malformed ones are `invalid_request`.
    pub fn parse(text: &str) -> Result<Self, ProtocolError> {
        let malformed = |why: &str| ProtocolError::invalid_request(format!("claims is not acceptable: {why}"));
        let value = parse_json(text.as_bytes(), MAX_BYTES, MAX_DEPTH).map_err(|e| malformed(&e.to_string()))?;
        let Value::Object(mut members) = value else {
            return Err(malformed("it is not an object"));
        };
        let mut section = |name: &str| match members.remove(name) {
            None | Some(Value::Null) => Ok(BTreeMap::new()),
            Some(Value::Object(claims)) => demands(claims).ok_or_else(|| malformed("a claim is malformed")),
            Some(_) => Err(malformed("userinfo and id_token must be objects")),
        };
        let request = Self { userinfo: section("userinfo")?, id_token: section("id_token")? };
        if request.userinfo.len() + request.id_token.len() > MAX_CLAIMS {
            return Err(malformed("it asks for too many claims"));
        }
        Ok(request)
    }

    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        self.userinfo.is_empty() && self.id_token.is_empty()
    }

    /// The request without the claims for which `keep` says no.
    #[must_use]
    pub fn filter(mut self, keep: impl Fn(&str) -> bool) -> Self {
        self.userinfo.retain(|name, _| keep(name));
        self.id_token.retain(|name, _| keep(name));
        self
    }

    /// The names asked for in either place.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.userinfo.keys().chain(self.id_token.keys()).map(String::as_str)
    }
}

fn demands(claims: Map<String, Value>) -> Option<BTreeMap<String, ClaimDemand>> {
    claims.into_iter().map(|(name, about)| Some((name, demand(about)?))).collect()
}

fn demand(about: Value) -> Option<ClaimDemand> {
    match about {
        Value::Null => Some(ClaimDemand::default()),
        Value::Object(mut members) => Some(ClaimDemand {
            essential: match members.remove("essential") {
                None => false,
                Some(Value::Bool(essential)) => essential,
                Some(_) => return None,
            },
            value: members.remove("value"),
            values: match members.remove("values") {
                None => Vec::new(),
                Some(Value::Array(values)) => values,
                Some(_) => return None,
            },
        }),
        _ => None,
    }
}
