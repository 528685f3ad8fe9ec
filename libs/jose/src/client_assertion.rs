//! What a client signs to say who it is (RFC 7523 2.2 and 3, OpenID Connect Core 9
//! `private_key_jwt`).

use serde::Deserialize;

use crate::{Audience, Expected, KeySet, Refusal, Typ};

/// How far the client's clock and ours may differ, in seconds.
pub const LEEWAY: i64 = 60;
/// How far ahead `exp` may lie, in seconds: as long as the assertion's id has to be remembered.
pub const LONGEST: i64 = 3600;
/// A `jti` has at most so many bytes.
const MAX_ID: usize = 256;

/// What an assertion says, beside issuer and audience, which were compared.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ClientAssertion {
    /// The client: its issuer and its subject.
    pub sub: String,
    /// Expiry, seconds since 1970.
    pub exp: i64,
    /// Unique among the client's assertions: each counts once.
    pub jti: String,
}

#[derive(Deserialize)]
struct Claims {
    sub: Option<String>,
    aud: Audience,
    exp: i64,
    jti: Option<String>,
}

/// Checks an assertion with the keys that the client registered. The audience is the issuer
/// identifier, as one string: what is meant for another server as well is not taken (FAPI 2.0
/// Security Profile 5.3.2.1). Whether it was used before is the caller's to know.
pub fn verify(
    keys: &KeySet,
    assertion: &str,
    client_id: &str,
    issuer: &str,
    now: i64,
) -> Result<ClientAssertion, Refusal> {
    let expected = Expected { typ: Typ::ClientAssertion, iss: client_id, aud: Some(issuer), now, leeway: LEEWAY };
    let Claims { sub, aud, exp, jti } = keys.verify(assertion, &expected)?;
    if !matches!(aud, Audience::One(_)) {
        return Err(Refusal::OtherAudience);
    }
    let sub = sub.filter(|sub| sub == client_id).ok_or(Refusal::OtherSubject)?;
    if exp > now.saturating_add(LONGEST + LEEWAY) {
        return Err(Refusal::TooLong);
    }
    let jti = jti.filter(|jti| !jti.is_empty() && jti.len() <= MAX_ID).ok_or(Refusal::NoId)?;
    Ok(ClientAssertion { sub, exp, jti })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{Alg, PrivateKey};

    const ISS: &str = "https://id.example";
    const CLIENT: &str = "s6BhdRkqt3";
    const NOW: i64 = 1_700_000_000;

    fn claims() -> Value {
        json!({"iss": CLIENT, "sub": CLIENT, "aud": ISS, "iat": NOW, "exp": NOW + 60, "jti": "1"})
    }

    fn with(name: &str, value: Value) -> Value {
        let mut claims = claims();
        claims[name] = value;
        claims
    }

    fn without(name: &str) -> Value {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove(name);
        claims
    }

    fn keys(some: &[&PrivateKey]) -> KeySet {
        let keys: Vec<_> = some.iter().map(|key| json!(key.public_jwk())).collect();
        KeySet::try_from(json!({ "keys": keys })).unwrap()
    }

    #[test]
    fn each_of_a_clients_keys_speaks_for_it() {
        let made = Alg::ALL.map(|alg| PrivateKey::generate(alg).unwrap());
        let set = keys(&made.iter().collect::<Vec<_>>());
        for key in &made {
            let token = key.sign(Typ::ClientAssertion, &claims()).unwrap();
            let want = ClientAssertion { sub: CLIENT.to_owned(), exp: NOW + 60, jti: "1".to_owned() };
            assert_eq!(verify(&set, &token, CLIENT, ISS, NOW), Ok(want), "{}", key.alg());
        }
        let stranger = PrivateKey::generate(Alg::ES256).unwrap();
        let token = stranger.sign(Typ::ClientAssertion, &claims()).unwrap();
        assert_eq!(verify(&set, &token, CLIENT, ISS, NOW), Err(Refusal::UnknownKey));
    }

    #[test]
    fn clients_of_old_name_no_type_but_never_another_one() {
        let key = PrivateKey::generate(Alg::ES256).unwrap();
        let token = |typ| key.sign(typ, &claims()).unwrap();
        assert!(verify(&keys(&[&key]), &token(Typ::IdToken), CLIENT, ISS, NOW).is_ok(), "JWT");
        let access = verify(&keys(&[&key]), &token(Typ::AccessToken), CLIENT, ISS, NOW);
        assert_eq!(access, Err(Refusal::OtherType));
        assert!(Typ::ClientAssertion.matches(None) && !Typ::IdToken.matches(None));
    }

    #[test]
    fn every_claim_has_to_be_right() {
        let key = PrivateKey::generate(Alg::EdDSA).unwrap();
        let set = keys(&[&key]);
        let cases = [
            (with("iss", json!("other")), Refusal::OtherIssuer),
            (without("iss"), Refusal::OtherIssuer),
            (with("sub", json!("other")), Refusal::OtherSubject),
            (without("sub"), Refusal::OtherSubject),
            (with("aud", json!("https://other.example")), Refusal::OtherAudience),
            (with("aud", json!(format!("{ISS}/"))), Refusal::OtherAudience),
            (with("aud", json!([ISS])), Refusal::OtherAudience),
            (with("aud", json!([ISS, "https://other.example"])), Refusal::OtherAudience),
            (without("aud"), Refusal::OtherAudience),
            (without("exp"), Refusal::NoExpiry),
            (with("exp", json!(NOW - LEEWAY)), Refusal::Expired),
            (with("exp", json!(NOW + LONGEST + LEEWAY + 1)), Refusal::TooLong),
            (with("iat", json!(NOW + LEEWAY + 1)), Refusal::NotYetValid),
            (with("nbf", json!(NOW + LEEWAY + 1)), Refusal::NotYetValid),
            (without("jti"), Refusal::NoId),
            (with("jti", json!("")), Refusal::NoId),
            (with("jti", json!("x".repeat(257))), Refusal::NoId),
        ];
        for (claims, refusal) in cases {
            let token = key.sign(Typ::ClientAssertion, &claims).unwrap();
            assert_eq!(verify(&set, &token, CLIENT, ISS, NOW), Err(refusal), "{claims}");
        }
        for claims in [with("exp", json!(NOW - LEEWAY + 1)), with("iat", json!(NOW + LEEWAY)), without("iat")] {
            let token = key.sign(Typ::ClientAssertion, &claims).unwrap();
            assert!(verify(&set, &token, CLIENT, ISS, NOW).is_ok(), "{claims}");
        }
    }
}
