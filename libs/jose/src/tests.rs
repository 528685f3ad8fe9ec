use std::sync::LazyLock;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as B64};
use serde_json::{Value, json};

use super::*;

const ISS: &str = "https://id.example";
const CLIENT: &str = "s6BhdRkqt3";
const NOW: i64 = 1_700_000_000;

static KEYS: LazyLock<[PrivateKey; 3]> =
    LazyLock::new(|| Alg::ALL.map(|alg| PrivateKey::generate(alg).expect("a key")));

fn key(alg: Alg) -> &'static PrivateKey {
    KEYS.iter().find(|key| key.alg() == alg).expect("all algorithms are there")
}

fn expected(typ: Typ) -> Expected<'static> {
    Expected { typ, iss: ISS, aud: Some(CLIENT), now: NOW, leeway: 0 }
}

fn claims() -> Value {
    json!({"iss": ISS, "sub": "usr_1", "aud": CLIENT, "iat": NOW, "exp": NOW + 60})
}

fn id_claims() -> id_token::IdToken {
    id_token::IdToken::new(ISS, "usr_1", CLIENT, NOW, 60)
}

fn verify(key: &PublicKey, token: &str) -> Result<Value, Refusal> {
    key.verify(token, &expected(Typ::IdToken))
}

/// A token whose header is ours to choose, signed for real.
fn signed_with_header(key: &PrivateKey, header: &Value) -> String {
    let good = key.sign(Typ::IdToken, &claims()).unwrap();
    let payload = good.split('.').nth(1).unwrap();
    let input = format!("{}.{payload}", B64.encode(header.to_string()));
    let signature = key.sign_bytes(input.as_bytes()).unwrap();
    format!("{input}.{}", B64.encode(signature))
}

#[test]
fn each_algorithm_reads_what_it_signed() {
    for key in KEYS.iter() {
        let token = key.sign(Typ::IdToken, &claims()).unwrap();
        assert_eq!(verify(key.public_key(), &token), Ok(claims()), "{}", key.alg());
        let header = peek_header(&token).unwrap();
        assert_eq!((header.alg.as_str(), header.typ.as_deref()), (key.alg().name(), Some("JWT")));
        assert_eq!(header.kid.as_deref(), Some(key.kid()));
    }
}

#[test]
fn a_key_survives_its_pkcs8_form() {
    for key in KEYS.iter() {
        let again = PrivateKey::from_pkcs8(key.alg(), &key.to_pkcs8().unwrap()).unwrap();
        assert_eq!(again.public_jwk(), key.public_jwk());
        let token = again.sign(Typ::IdToken, &claims()).unwrap();
        assert_eq!(verify(key.public_key(), &token), Ok(claims()));
    }
}

#[test]
fn pkcs8_of_another_algorithm_is_refused() {
    let der = key(Alg::ES256).to_pkcs8().unwrap();
    assert_eq!(PrivateKey::from_pkcs8(Alg::EdDSA, &der).err(), Some(KeyError::Rejected(Alg::EdDSA)));
    assert_eq!(PrivateKey::from_pkcs8(Alg::RS256, b"").err(), Some(KeyError::Rejected(Alg::RS256)));
}

#[test]
fn another_library_accepts_our_tokens_by_our_public_jwk() {
    for key in KEYS.iter() {
        let token = key.sign(Typ::IdToken, &claims()).unwrap();
        let jwk: jsonwebtoken::jwk::Jwk =
            serde_json::from_value(serde_json::to_value(key.public_jwk()).unwrap()).unwrap();
        let mut rules = jsonwebtoken::Validation::new(key.alg().name().parse().unwrap());
        rules.set_issuer(&[ISS]);
        rules.set_audience(&[CLIENT]);
        rules.validate_exp = false;
        let decoding = jsonwebtoken::DecodingKey::from_jwk(&jwk).unwrap();
        let read = jsonwebtoken::decode::<Value>(&token, &decoding, &rules).unwrap();
        assert_eq!(read.claims, claims(), "{}", key.alg());
        assert_eq!(jwk.thumbprint(jsonwebtoken::jwk::ThumbprintHash::SHA256).unwrap(), key.kid());
    }
}

#[test]
fn the_public_jwk_has_no_private_member() {
    for key in KEYS.iter() {
        let json = serde_json::to_value(key.public_jwk()).unwrap();
        let members: Vec<_> = json.as_object().unwrap().keys().map(String::as_str).collect();
        let wanted: &[&str] = match key.alg() {
            Alg::RS256 => &["alg", "e", "kid", "kty", "n", "use"],
            Alg::ES256 => &["alg", "crv", "kid", "kty", "use", "x", "y"],
            Alg::EdDSA => &["alg", "crv", "kid", "kty", "use", "x"],
        };
        assert_eq!(members, wanted);
        assert_eq!((&json["use"], &json["alg"]), (&json!("sig"), &json!(key.alg().name())));
        assert_eq!(serde_json::from_value::<Jwk>(json).unwrap(), key.public_jwk());
    }
}

#[test]
fn the_thumbprint_is_the_one_of_rfc_7638() {
    let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
    let material = KeyMaterial::Rsa { n: n.into(), e: "AQAB".into() };
    assert_eq!(material.thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

#[test]
fn the_thumbprint_of_ed25519_is_the_one_of_rfc_8037() {
    let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    let material = KeyMaterial::Okp { crv: "Ed25519".into(), x: x.into() };
    assert_eq!(material.thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

#[test]
fn at_hash_is_the_left_half_of_the_algorithms_digest() {
    // OpenID Connect Core A.3: the id_token and access token of the hybrid example.
    assert_eq!(half_hash(Alg::RS256, "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"), "77QmUPtjPfzWtF2AnpK9RQ");
    assert_eq!(half_hash(Alg::ES256, "x").len(), 22);
    assert_eq!(half_hash(Alg::EdDSA, "x").len(), 43);
    let token = id_claims().with_access_token(Alg::RS256, "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y");
    assert_eq!(token.at_hash.as_deref(), Some("77QmUPtjPfzWtF2AnpK9RQ"));
}

#[test]
fn none_is_refused() {
    let header = B64.encode(r#"{"alg":"none","typ":"JWT"}"#);
    let token = format!("{header}.{}.", B64.encode(claims().to_string()));
    for key in KEYS.iter() {
        assert_eq!(verify(key.public_key(), &token), Err(Refusal::OtherAlgorithm));
    }
}

#[test]
fn an_algorithm_of_another_family_is_refused() {
    for key in KEYS.iter() {
        for alg in ["HS256", "RS256", "RS512", "PS256", "ES256", "ES384", "EdDSA", "nOnE", ""] {
            let header = json!({"alg": alg, "typ": "JWT", "kid": key.kid()});
            let answer = verify(key.public_key(), &signed_with_header(key, &header));
            assert_eq!(answer.is_ok(), alg == key.alg().name(), "{alg} by {}", key.alg());
        }
    }
}

#[test]
fn a_jwk_that_contradicts_itself_is_refused() {
    let mut jwk = key(Alg::RS256).public_jwk();
    jwk.alg = Some("HS256".into());
    assert_eq!(PublicKey::from_jwk(&jwk).err(), Some(KeyError::Unsupported));
    let mut jwk = key(Alg::ES256).public_jwk();
    jwk.usage = Some("enc".into());
    assert_eq!(PublicKey::from_jwk(&jwk).err(), Some(KeyError::Unsupported));
    let mut jwk = key(Alg::ES256).public_jwk();
    jwk.material = KeyMaterial::Ec { crv: "P-256".into(), x: "AA".into(), y: "AA".into() };
    assert_eq!(PublicKey::from_jwk(&jwk).err(), Some(KeyError::Rejected(Alg::ES256)));
    let symmetric = serde_json::from_value::<Jwk>(json!({"kty": "oct", "k": "AA"}));
    assert!(symmetric.is_err(), "a shared key is no public key");
}

#[test]
fn a_token_of_another_type_is_refused() {
    let key = key(Alg::ES256);
    let token = key.sign(Typ::AccessToken, &claims()).unwrap();
    assert_eq!(verify(key.public_key(), &token), Err(Refusal::OtherType));
    let token = key.sign(Typ::IdToken, &claims()).unwrap();
    let answer: Result<Value, _> = key.public_key().verify(&token, &expected(Typ::AccessToken));
    assert_eq!(answer, Err(Refusal::OtherType));
    let untyped = signed_with_header(key, &json!({"alg": "ES256", "kid": key.kid()}));
    assert_eq!(verify(key.public_key(), &untyped), Err(Refusal::OtherType));
}

#[test]
fn the_type_compares_as_a_media_type() {
    assert!(Typ::AccessToken.matches(Some("application/AT+JWT")));
    assert!(Typ::AccessToken.matches(Some("at+jwt")));
    assert!(!Typ::AccessToken.matches(Some("application/jwt")));
    assert!(!Typ::IdToken.matches(Some("äpplication/JWT")));
    assert!(!Typ::IdToken.matches(None));
}

#[test]
fn critical_extensions_are_refused() {
    let key = key(Alg::ES256);
    for crit in [json!(["b64"]), json!([]), Value::Null] {
        let header = json!({"alg": "ES256", "typ": "JWT", "kid": key.kid(), "crit": crit, "b64": false});
        assert_eq!(verify(key.public_key(), &signed_with_header(key, &header)), Err(Refusal::CriticalExtension));
    }
}

#[test]
fn a_token_of_another_key_is_refused() {
    let (ours, theirs) = (key(Alg::ES256), PrivateKey::generate(Alg::ES256).unwrap());
    let token = theirs.sign(Typ::IdToken, &claims()).unwrap();
    assert_eq!(verify(ours.public_key(), &token), Err(Refusal::UnknownKey));
    let claims_our_name = signed_with_header(&theirs, &json!({"alg": "ES256", "typ": "JWT", "kid": ours.kid()}));
    assert_eq!(verify(ours.public_key(), &claims_our_name), Err(Refusal::BadSignature));
    let brings_its_key =
        signed_with_header(&theirs, &json!({"alg": "ES256", "typ": "JWT", "jwk": theirs.public_jwk()}));
    assert_eq!(verify(ours.public_key(), &brings_its_key), Err(Refusal::BadSignature));
}

#[test]
fn a_tampered_token_is_refused() {
    for key in KEYS.iter() {
        let token = key.sign(Typ::IdToken, &claims()).unwrap();
        let parts: Vec<&str> = token.split('.').collect();
        let mut other = claims();
        other["sub"] = json!("usr_2");
        let forged = format!("{}.{}.{}", parts[0], B64.encode(other.to_string()), parts[2]);
        assert_eq!(verify(key.public_key(), &forged), Err(Refusal::BadSignature));
        let unsigned = format!("{}.{}.", parts[0], parts[1]);
        assert_eq!(verify(key.public_key(), &unsigned), Err(Refusal::BadSignature));
    }
}

#[test]
fn what_is_no_token_is_refused_without_a_panic() {
    let long = format!("{}.e30.AA", "A".repeat(20_000));
    for text in ["", ".", "..", "...", "a.b.c", "e30.e30.e30", "é.é.é", &long, "e30.e30.e30.e30.e30"] {
        assert_eq!(verify(key(Alg::ES256).public_key(), text), Err(Refusal::Malformed), "{text:.20}");
    }
}

#[test]
fn claims_that_stand_twice_are_refused() {
    let key = key(Alg::ES256);
    let payload = format!(r#"{{"iss":"{ISS}","aud":"{CLIENT}","exp":1,"exp":{}}}"#, NOW + 60);
    let header = json!({"alg": "ES256", "typ": "JWT", "kid": key.kid()});
    let input = format!("{}.{}", B64.encode(header.to_string()), B64.encode(payload));
    let token = format!("{input}.{}", B64.encode(key.sign_bytes(input.as_bytes()).unwrap()));
    assert_eq!(verify(key.public_key(), &token), Err(Refusal::Malformed));
}

#[test]
fn time_issuer_and_audience_decide() {
    let key = key(Alg::EdDSA);
    let change = |name: &str, value: Value| {
        let mut claims = claims();
        claims[name] = value;
        verify(key.public_key(), &key.sign(Typ::IdToken, &claims).unwrap()).err()
    };
    assert_eq!(change("exp", json!(NOW + 1)), None);
    assert_eq!(change("exp", json!(NOW)), Some(Refusal::Expired));
    assert_eq!(change("exp", json!(i64::MAX)), None);
    assert_eq!(change("exp", Value::Null), Some(Refusal::NoExpiry));
    assert_eq!(change("exp", json!("never")), Some(Refusal::Malformed));
    assert_eq!(change("nbf", json!(NOW)), None);
    assert_eq!(change("nbf", json!(NOW + 1)), Some(Refusal::NotYetValid));
    assert_eq!(change("iat", json!(NOW + 1)), Some(Refusal::NotYetValid));
    assert_eq!(change("iss", json!("https://id.example/")), Some(Refusal::OtherIssuer));
    assert_eq!(change("iss", Value::Null), Some(Refusal::OtherIssuer));
    assert_eq!(change("aud", json!("another")), Some(Refusal::OtherAudience));
    assert_eq!(change("aud", json!(["another", CLIENT])), None);
    assert_eq!(change("aud", Value::Null), Some(Refusal::OtherAudience));
}

#[test]
fn leeway_moves_both_ends() {
    let key = key(Alg::EdDSA);
    let token = key.sign(Typ::IdToken, &claims()).unwrap();
    let at = |now, leeway| {
        let expected = Expected { now, leeway, ..expected(Typ::IdToken) };
        key.public_key().verify::<Value>(&token, &expected).err()
    };
    assert_eq!(at(NOW + 69, 10), None);
    assert_eq!(at(NOW + 70, 10), Some(Refusal::Expired));
    assert_eq!(at(NOW - 10, 10), None);
    assert_eq!(at(NOW - 11, 10), Some(Refusal::NotYetValid));
}

#[test]
fn an_expired_hint_counts_and_a_forged_one_does_not() {
    let keys = || KEYS.iter().map(PrivateKey::public_key);
    let token = id_token::sign(key(Alg::ES256), &id_claims()).unwrap();
    let public = key(Alg::ES256).public_key();
    assert_eq!(id_token::verify(public, &token, ISS, CLIENT, NOW), Ok(id_claims()));
    assert_eq!(id_token::verify(public, &token, ISS, CLIENT, NOW + 999), Err(Refusal::Expired));
    assert_eq!(id_token::verify_hint(keys(), &token, ISS), Ok(id_claims()));
    assert_eq!(id_token::verify_hint(keys(), &token, "https://other.example"), Err(Refusal::OtherIssuer));
    let stranger = PrivateKey::generate(Alg::EdDSA).unwrap();
    let forged = id_token::sign(&stranger, &id_claims()).unwrap();
    assert_eq!(id_token::verify_hint(keys(), &forged, ISS), Err(Refusal::UnknownKey));
}

#[test]
fn an_access_token_is_checked_by_its_resource_server() {
    let key = key(Alg::ES256);
    let claims = access_token::AccessTokenJwt {
        iss: ISS.into(),
        sub: "usr_1".into(),
        aud: "https://api.example".into(),
        exp: NOW + 300,
        iat: NOW,
        jti: "j1".into(),
        client_id: CLIENT.into(),
        scope: Some("read write".into()),
        auth_time: None,
        more: serde_json::Map::new(),
    };
    let token = access_token::sign(key, &claims).unwrap();
    assert_eq!(peek_header(&token).unwrap().typ.as_deref(), Some("at+jwt"));
    let at = |resource| access_token::verify(key.public_key(), &token, ISS, resource, NOW);
    assert_eq!(at("https://api.example"), Ok(claims));
    assert_eq!(at("https://other.example"), Err(Refusal::OtherAudience));
    assert_eq!(id_token::verify(key.public_key(), &token, ISS, CLIENT, NOW).err(), Some(Refusal::OtherType));
}

#[test]
fn only_objects_are_signed() {
    assert!(key(Alg::ES256).sign(Typ::IdToken, &json!("text")).is_err());
}

#[test]
fn a_private_key_does_not_print_itself() {
    let key = key(Alg::EdDSA);
    assert_eq!(format!("{key:?}"), format!("PrivateKey {{ alg: EdDSA, kid: {:?}, .. }}", key.kid()));
}
