use base64::{Engine, prelude::BASE64_STANDARD as B64};

use super::{Verifier, signed_content};

/// How far an attempt's time may be from the receiver's, in seconds, in either direction.
pub const TOLERANCE_SECONDS: i64 = 300;

/// A header with more entries is not looked at to its end.
const MAX_ENTRIES: usize = 16;

/// A call as it arrived.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// `webhook-id`.
    pub id: &'a str,
    /// `webhook-timestamp`.
    pub timestamp: &'a str,
    /// `webhook-signature`.
    pub signature: &'a str,
    /// The body, byte for byte.
    pub body: &'a [u8],
}

/// Why a call is not trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotVerified {
    /// `webhook-timestamp` is no whole number of seconds.
    #[error("webhook-timestamp is no time")]
    Timestamp,
    /// It is further away than [`TOLERANCE_SECONDS`]: perhaps an old call, sent again by a stranger.
    #[error("webhook-timestamp is too old or too new")]
    TooFar,
    /// No entry is a signature by a key that is known.
    #[error("no signature fits")]
    Signature,
}

/// Whether a call comes from who has one of these keys, and now (`now` in seconds since 1970).
pub fn verify(known: &[Verifier], call: Call<'_>, now: i64) -> Result<(), NotVerified> {
    let timestamp: i64 = call.timestamp.parse().map_err(|_| NotVerified::Timestamp)?;
    if now.abs_diff(timestamp) > TOLERANCE_SECONDS.unsigned_abs() {
        return Err(NotVerified::TooFar);
    }
    let content = signed_content(call.id, timestamp, call.body);
    let fits = call.signature.split(' ').take(MAX_ENTRIES).any(|entry| {
        let Some((version, made)) = entry.split_once(',') else { return false };
        let Ok(made) = B64.decode(made) else { return false };
        known.iter().any(|key| key.accepts(version, &made, &content))
    });
    if fits { Ok(()) } else { Err(NotVerified::Signature) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signature::{KeyRefusal, Signing, SigningKey, sign};

    const ID: &str = "evt_0192f0c1";
    const AT: i64 = 1_674_087_231;
    const BODY: &[u8] = br#"{"type":"contact.created"}"#;

    fn key(byte: u8) -> SigningKey {
        SigningKey::from_bytes(&[byte; 64]).expect("a key")
    }

    fn known(key: &SigningKey) -> [Verifier; 2] {
        [key.secret().as_str(), key.public_key().as_str()].map(|text| Verifier::parse(text).expect("a key"))
    }

    fn call(signature: &str) -> Call<'_> {
        Call { id: ID, timestamp: "1674087231", signature, body: BODY }
    }

    #[test]
    fn the_samples_of_rfc_8032_and_of_the_specification_are_met() {
        // RFC 8032 7.1, test 1: the seed's public key.
        let seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
        let public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
        let hex = |text: &str| -> Vec<u8> {
            (0..text.len() / 2).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).expect("hex")).collect()
        };
        let key = SigningKey::from_bytes(&[vec![0; 32], hex(seed)].concat()).expect("a key");
        assert_eq!(key.public_key(), format!("whpk_{}", B64.encode(hex(public))));
        // The specification's own example of v1.
        let secret = Verifier::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("a key");
        let sample = Call {
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
            timestamp: "1614265330",
            signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            body: br#"{"test": 2432232314}"#,
        };
        assert_eq!(verify(&[secret], sample, 1_614_265_330), Ok(()));
    }

    #[test]
    fn each_kind_of_key_accepts_its_own_signature() {
        let (key, other) = (key(1), key(2));
        for (signing, accepted) in
            [(Signing::V1, [true, false]), (Signing::V1a, [false, true]), (Signing::Both, [true; 2])]
        {
            let made = sign(&[SigningKey::from_bytes(key.expose()).expect("a key")], signing, ID, AT, BODY);
            for (known, accepted) in known(&key).into_iter().zip(accepted) {
                assert_eq!(verify(&[known], call(&made), AT).is_ok(), accepted, "{signing:?}");
            }
            for stranger in known(&other) {
                assert_eq!(verify(&[stranger], call(&made), AT), Err(NotVerified::Signature));
            }
        }
    }

    #[test]
    fn while_two_keys_live_both_sign_and_v1_comes_first() {
        let made = sign(&[key(1), key(2)], Signing::Both, ID, AT, BODY);
        let versions: Vec<_> = made.split(' ').map(|entry| entry.split(',').next().unwrap_or_default()).collect();
        assert_eq!(versions, ["v1", "v1", "v1a", "v1a"]);
        for live in [key(1), key(2)] {
            for known in known(&live) {
                assert_eq!(verify(&[known], call(&made), AT), Ok(()));
            }
        }
    }

    #[test]
    fn whatever_is_changed_breaks_the_signature() {
        let made = sign(&[key(1)], Signing::Both, ID, AT, BODY);
        let check = |call: Call<'_>| verify(&known(&key(1)), call, AT);
        assert_eq!(check(call(&made)), Ok(()));
        assert_eq!(check(Call { id: "evt_other", ..call(&made) }), Err(NotVerified::Signature));
        assert_eq!(check(Call { timestamp: "1674087232", ..call(&made) }), Err(NotVerified::Signature));
        assert_eq!(check(Call { body: br#"{"type":"contact.deleted"}"#, ..call(&made) }), Err(NotVerified::Signature));
        for broken in ["", "v1", "v1,", "v2,AAAA", "v1,!", &made.to_lowercase(), &made.replace("v1", "v0")] {
            assert_eq!(check(call(broken)), Err(NotVerified::Signature), "{broken}");
        }
    }

    #[test]
    fn an_old_call_is_not_taken() {
        let made = sign(&[key(1)], Signing::V1, ID, AT, BODY);
        let at = |now| verify(&known(&key(1)), call(&made), now);
        assert_eq!((at(AT + 300), at(AT - 300)), (Ok(()), Ok(())));
        assert_eq!((at(AT + 301), at(AT - 301)), (Err(NotVerified::TooFar), Err(NotVerified::TooFar)));
        assert_eq!(at(i64::MIN), Err(NotVerified::TooFar));
        let wrong = Call { timestamp: "now", ..call(&made) };
        assert_eq!(verify(&known(&key(1)), wrong, AT), Err(NotVerified::Timestamp));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        assert_eq!(SigningKey::from_bytes(&[0; 63]).err(), Some(KeyRefusal::Length));
        for (text, refusal) in [
            ("", KeyRefusal::Form),
            ("whsec_*", KeyRefusal::Form),
            ("whsec_AAAA", KeyRefusal::Length),
            ("whpk_AAAA", KeyRefusal::Length),
            ("whsk_AAAA", KeyRefusal::Form),
        ] {
            assert_eq!(Verifier::parse(text).err(), Some(refusal), "{text}");
        }
    }
}
