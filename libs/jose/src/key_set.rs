use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{Expected, Jwk, PublicKey, Refusal, jwk::PRIVATE, peek_header};

/// Keys of one set, at most.
pub const MAX_KEYS: usize = 10;

/// The public keys that somebody else signs with (RFC 7517 5): each one that we can check
/// signatures with, none there twice. Looked at when it is read; may be empty.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "Value")]
pub struct KeySet {
    keys: Vec<Jwk>,
}

/// Why a set of keys is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeySetRefusal {
    /// Not a JSON object with an array `keys`.
    #[error("must be a JSON Web Key Set: an object with an array `keys`")]
    NotASet,
    /// More than [`MAX_KEYS`].
    #[error("has more than {MAX_KEYS} keys")]
    TooMany,
    /// The key at this index has a private member. It is known to whoever read it on its way.
    #[error("key {0} has private members: give the public half, and make a new key, since this one is known now")]
    Private(usize),
    /// The key at this index is of another kind, for another use, or no key.
    #[error("key {0} is not a public signing key for RS256 (2048 bits or more), ES256 or EdDSA")]
    Unsupported(usize),
    /// The key at this index, or its name, is there twice.
    #[error("key {0} is there twice, or its `kid` is")]
    Twice(usize),
}

impl TryFrom<Value> for KeySet {
    type Error = KeySetRefusal;

    fn try_from(set: Value) -> Result<Self, KeySetRefusal> {
        let members = set.get("keys").and_then(Value::as_array).ok_or(KeySetRefusal::NotASet)?;
        if members.len() > MAX_KEYS {
            return Err(KeySetRefusal::TooMany);
        }
        let mut keys: Vec<Jwk> = Vec::new();
        for (at, member) in members.iter().enumerate() {
            if PRIVATE.iter().any(|name| member.get(name).is_some()) {
                return Err(KeySetRefusal::Private(at));
            }
            let key = Jwk::deserialize(member).ok().filter(|key| PublicKey::from_jwk(key).is_ok());
            let key = key.ok_or(KeySetRefusal::Unsupported(at))?;
            let same = |other: &Jwk| other.material == key.material || other.kid.is_some() && other.kid == key.kid;
            if keys.iter().any(same) {
                return Err(KeySetRefusal::Twice(at));
            }
            keys.push(key);
        }
        Ok(Self { keys })
    }
}

impl KeySet {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The keys, in the order they were given.
    pub fn keys(&self) -> &[Jwk] {
        &self.keys
    }

    /// The name of each key: its `kid`, or its thumbprint (RFC 7638).
    pub fn names(&self) -> impl Iterator<Item = String> {
        self.keys.iter().map(|key| key.kid.clone().unwrap_or_else(|| key.material.thumbprint()))
    }

    /// The claims of a token that one of these keys signed. The token's `kid` picks the key; without
    /// one, each key of its algorithm is tried.
    pub(crate) fn verify<C: DeserializeOwned>(&self, token: &str, expected: &Expected<'_>) -> Result<C, Refusal> {
        let header = peek_header(token)?;
        let keys = self.keys.iter().filter_map(|key| PublicKey::from_jwk(key).ok());
        let mut refusal = Refusal::UnknownKey;
        for key in keys.filter(|key| header.kid.as_deref().is_none_or(|kid| kid == key.kid())) {
            match key.verify(token, expected) {
                Err(other @ (Refusal::BadSignature | Refusal::OtherAlgorithm)) => refusal = other,
                settled => return settled,
            }
        }
        Err(refusal)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Alg, PrivateKey};

    #[test]
    fn public_signing_keys_are_kept_as_they_were_given() {
        let made = Alg::ALL.map(|alg| PrivateKey::generate(alg).unwrap());
        let mut given: Vec<Value> = made.iter().map(|key| json!(key.public_jwk())).collect();
        given[1].as_object_mut().unwrap().remove("kid");
        let set = KeySet::try_from(json!({ "keys": given })).unwrap();
        assert_eq!(json!(set), json!({ "keys": given }));
        assert_eq!(serde_json::from_value::<KeySet>(json!(set)).unwrap(), set);
        let names: Vec<_> = made.iter().map(|key| key.kid().to_owned()).collect();
        assert_eq!(set.names().collect::<Vec<_>>(), names, "a key without a name goes by its thumbprint");
        assert!(KeySet::try_from(json!({ "keys": [] })).unwrap().is_empty());
    }

    #[test]
    fn what_is_no_public_signing_key_is_refused_by_its_place() {
        let good = json!(PrivateKey::generate(Alg::ES256).unwrap().public_jwk());
        let other = json!(PrivateKey::generate(Alg::ES256).unwrap().public_jwk());
        let with = |key: &Value, name: &str, value: Value| {
            let mut key = key.clone();
            key[name] = value;
            key
        };
        let cases = [
            (json!({}), KeySetRefusal::NotASet),
            (json!([good]), KeySetRefusal::NotASet),
            (json!({ "keys": good }), KeySetRefusal::NotASet),
            (json!({ "keys": vec![&good; MAX_KEYS + 1] }), KeySetRefusal::TooMany),
            (json!({ "keys": [good, with(&other, "d", json!("AA"))] }), KeySetRefusal::Private(1)),
            (json!({ "keys": [{ "kty": "oct", "k": "AA" }] }), KeySetRefusal::Private(0)),
            (json!({ "keys": [good, "text"] }), KeySetRefusal::Unsupported(1)),
            (json!({ "keys": [with(&good, "crv", json!("P-384"))] }), KeySetRefusal::Unsupported(0)),
            (json!({ "keys": [with(&good, "x", json!("AA"))] }), KeySetRefusal::Unsupported(0)),
            (json!({ "keys": [with(&good, "use", json!("enc"))] }), KeySetRefusal::Unsupported(0)),
            (json!({ "keys": [with(&good, "alg", json!("ES384"))] }), KeySetRefusal::Unsupported(0)),
            (json!({ "keys": [good, other, good] }), KeySetRefusal::Twice(2)),
            (
                json!({ "keys": [with(&good, "kid", json!("a")), with(&other, "kid", json!("a"))] }),
                KeySetRefusal::Twice(1),
            ),
        ];
        for (set, refusal) in cases {
            assert_eq!(KeySet::try_from(set.clone()), Err(refusal), "{set}");
        }
    }
}
