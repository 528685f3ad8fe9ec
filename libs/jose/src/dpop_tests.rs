use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::PrivateKey;

const NOW: i64 = 1_700_000_000;
const TOKEN: &str = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
const URI: &str = "https://server.example.com/token";

static KEYS: LazyLock<[PrivateKey; 3]> =
    LazyLock::new(|| Alg::ALL.map(|alg| PrivateKey::generate(alg).expect("a key")));

fn key(alg: Alg) -> &'static PrivateKey {
    KEYS.iter().find(|key| key.alg() == alg).expect("all algorithms are there")
}

fn public(key: &PrivateKey) -> Value {
    let mut jwk = serde_json::to_value(key.public_jwk()).unwrap();
    let members = jwk.as_object_mut().unwrap();
    members.retain(|name, _| !["use", "alg", "kid"].contains(&name.as_str()));
    jwk
}

fn header(key: &PrivateKey) -> Value {
    json!({"typ": "dpop+jwt", "alg": key.alg().name(), "jwk": public(key)})
}

fn claims() -> Value {
    json!({"jti": "-BwC3ESc6acc2lTc", "htm": "POST", "htu": URI, "iat": NOW})
}

fn signed(key: &PrivateKey, header: &Value, claims: &Value) -> String {
    raw(key, &header.to_string(), &claims.to_string())
}

fn raw(key: &PrivateKey, header: &str, claims: &str) -> String {
    let input = format!("{}.{}", B64.encode(header), B64.encode(claims));
    let signature = key.sign_bytes(input.as_bytes()).unwrap();
    format!("{input}.{}", B64.encode(signature))
}

fn ask(proof: &str, access_token: Option<&str>) -> Result<Proof, Refusal> {
    let request = Request { method: "POST", uris: &[URI.to_owned()], access_token, now: NOW };
    verify(&[proof.to_owned()], &request)
}

fn with_header(change: impl FnOnce(&mut Value)) -> Result<Proof, Refusal> {
    let key = key(Alg::ES256);
    let mut header = header(key);
    change(&mut header);
    ask(&signed(key, &header, &claims()), None)
}

fn with_claims(change: impl FnOnce(&mut Value)) -> Result<Proof, Refusal> {
    let key = key(Alg::ES256);
    let mut claims = claims();
    change(&mut claims);
    ask(&signed(key, &header(key), &claims), None)
}

#[test]
fn each_algorithm_proves_its_key() {
    for key in KEYS.iter() {
        let proof = ask(&signed(key, &header(key), &claims()), None).unwrap();
        let wanted = Proof { thumbprint: key.kid().to_owned(), id: "-BwC3ESc6acc2lTc".into(), issued_at: NOW };
        assert_eq!(proof, wanted, "{}", key.alg());
    }
}

#[test]
fn ed25519_goes_by_both_its_names() {
    for (alg, good) in [("EdDSA", true), ("Ed25519", true), ("Ed448", false), ("ed25519", false)] {
        let key = key(Alg::EdDSA);
        let mut header = header(key);
        header["alg"] = json!(alg);
        assert_eq!(ask(&signed(key, &header, &claims()), None).is_ok(), good, "{alg}");
    }
    assert!(ALGS.iter().all(|name| named(name).is_some()));
}

#[test]
fn the_proof_of_rfc_9449_is_good_in_its_time() {
    // RFC 9449 4.1, figure 2; its thumbprint is that of figure 12.
    let proof = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg";
    let request = Request { method: "POST", uris: &[URI.to_owned()], access_token: None, now: 1_562_262_616 };
    let found = verify(&[proof.to_owned()], &request).unwrap();
    assert_eq!(found.thumbprint, "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
    assert_eq!(verify(&[proof.to_owned()], &Request { now: 1_562_262_677, ..request }), Err(Refusal::OtherTime));
}

#[test]
fn exactly_one_header_counts() {
    let key = key(Alg::ES256);
    let proof = signed(key, &header(key), &claims());
    let request = Request { method: "POST", uris: &[URI.to_owned()], access_token: None, now: NOW };
    assert_eq!(verify(&[], &request), Err(Refusal::Missing));
    assert_eq!(verify(&[proof.clone(), proof], &request), Err(Refusal::Several));
}

#[test]
fn the_header_is_held_to_its_words() {
    let set = |name: &'static str, value: Value| with_header(|header| header[name] = value).err();
    for good in ["dpop+jwt", "DPoP+JWT", "application/dpop+jwt"] {
        assert_eq!(set("typ", json!(good)), None, "{good}");
    }
    for bad in [json!("JWT"), json!("at+jwt"), json!(""), Value::Null] {
        assert_eq!(set("typ", bad), Some(Refusal::OtherType));
    }
    assert_eq!(set("typ", json!(7)), Some(Refusal::Malformed));
    for bad in ["none", "None", "HS256", "HS512", "RS512", "PS256", "ES384", "ES256K", ""] {
        assert_eq!(set("alg", json!(bad)), Some(Refusal::OtherAlgorithm), "{bad}");
    }
    for other in ["RS256", "EdDSA", "Ed25519"] {
        assert_eq!(set("alg", json!(other)), Some(Refusal::OtherKey), "{other}");
    }
    for crit in [json!([]), json!(["b64"]), Value::Null] {
        assert_eq!(set("crit", crit), Some(Refusal::CriticalExtension));
    }
}

#[test]
fn nothing_that_is_not_signed_counts() {
    let key = key(Alg::ES256);
    let head = B64.encode(json!({"typ": "dpop+jwt", "alg": "none", "jwk": public(key)}).to_string());
    assert_eq!(ask(&format!("{head}.{}.", B64.encode(claims().to_string())), None), Err(Refusal::OtherAlgorithm));
    let good = signed(key, &header(key), &claims());
    let (input, _) = good.rsplit_once('.').unwrap();
    assert_eq!(ask(&format!("{input}."), None), Err(Refusal::BadSignature));
    // A shared key named as HS256, signed with what everybody can read.
    let shared = json!({"typ": "dpop+jwt", "alg": "HS256", "jwk": {"kty": "oct", "k": "AA"}});
    assert_eq!(ask(&signed(key, &shared, &claims()), None), Err(Refusal::OtherAlgorithm));
}

#[test]
fn the_key_is_public_whole_and_the_one_that_signed() {
    let jwk = |change: fn(&mut Value)| with_header(|header| change(&mut header["jwk"])).err();
    for name in PRIVATE {
        let found = with_header(|header| header["jwk"][name] = json!("AA")).err();
        assert_eq!(found, Some(Refusal::PrivateKey), "{name}");
    }
    assert_eq!(
        with_header(|header| drop(header.as_object_mut().unwrap().remove("jwk"))).err(),
        Some(Refusal::OtherKey)
    );
    assert_eq!(with_header(|header| header["jwk"] = json!("text")).err(), Some(Refusal::Malformed));
    assert_eq!(jwk(|jwk| jwk["crv"] = json!("P-384")), Some(Refusal::OtherKey));
    assert_eq!(jwk(|jwk| jwk["x"] = json!("AA")), Some(Refusal::OtherKey));
    assert_eq!(jwk(|jwk| jwk["use"] = json!("enc")), Some(Refusal::OtherKey));
    assert_eq!(jwk(|jwk| jwk["alg"] = json!("HS256")), Some(Refusal::OtherKey));
    let stranger = PrivateKey::generate(Alg::ES256).unwrap();
    let forged = signed(&stranger, &header(key(Alg::ES256)), &claims());
    assert_eq!(ask(&forged, None), Err(Refusal::BadSignature));
}

#[test]
fn the_claims_are_those_of_this_request() {
    let set = |name: &'static str, value: Value| with_claims(|claims| claims[name] = value).err();
    for bad in ["GET", "post", "POST ", ""] {
        assert_eq!(set("htm", json!(bad)), Some(Refusal::OtherMethod), "{bad}");
    }
    for good in [
        URI,
        "https://server.example.com/token?a=b",
        "https://server.example.com/token#f",
        "HTTPS://Server.Example.com/token",
        "https://server.example.com:443/token",
    ] {
        assert_eq!(set("htu", json!(good)), None, "{good}");
    }
    for bad in [
        "https://server.example.com/Token",
        "https://server.example.com/token/",
        "https://server.example.com/%74oken",
        "https://server.example.com:8443/token",
        "http://server.example.com/token",
        "https://server.example.com",
        "https://evil.example/token",
        "https://server.example.com@evil.example/token",
        "https://evil.example/?https://server.example.com/token",
        "/token",
        "",
    ] {
        assert_eq!(set("htu", json!(bad)), Some(Refusal::OtherUri), "{bad}");
    }
    assert_eq!(set("iat", json!(NOW - WINDOW)), None);
    assert_eq!(set("iat", json!(NOW + WINDOW)), None);
    assert_eq!(set("iat", json!(1.7e9)), None);
    for bad in [json!(NOW - WINDOW - 1), json!(NOW + WINDOW + 1), json!(i64::MIN), json!(i64::MAX), json!(0)] {
        assert_eq!(set("iat", bad.clone()), Some(Refusal::OtherTime), "{bad}");
    }
    for bad in [json!("now"), json!(-1.5), json!(u64::MAX), Value::Null] {
        let found = set("iat", bad.clone());
        assert!(matches!(found, Some(Refusal::Malformed | Refusal::OtherTime)), "{bad}: {found:?}");
    }
    assert_eq!(set("jti", json!("")), Some(Refusal::NoId));
    assert_eq!(set("jti", json!("a".repeat(257))), Some(Refusal::NoId));
    assert_eq!(set("jti", json!("a".repeat(256))), None);
    for name in ["jti", "htm", "htu", "iat"] {
        let without = with_claims(|claims| drop(claims.as_object_mut().unwrap().remove(name)));
        assert_eq!(without.err(), Some(Refusal::Malformed), "{name}");
        assert_eq!(set(name, json!([])), Some(Refusal::Malformed), "{name}");
    }
}

#[test]
fn a_resource_wants_the_hash_of_its_token() {
    let key = key(Alg::ES256);
    let with = |ath: Value| {
        let mut claims = claims();
        claims["ath"] = ath;
        ask(&signed(key, &header(key), &claims), Some(TOKEN)).err()
    };
    // RFC 9449 7.1, figure 13.
    assert_eq!(with(json!("fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo")), None);
    for bad in [json!("fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEp"), json!(""), json!(TOKEN), Value::Null] {
        assert_eq!(with(bad.clone()), Some(Refusal::OtherToken), "{bad}");
    }
    assert_eq!(ask(&signed(key, &header(key), &claims()), Some(TOKEN)), Err(Refusal::OtherToken));
}

#[test]
fn members_that_stand_twice_are_refused() {
    let key = key(Alg::ES256);
    let twice = claims().to_string().replacen('{', r#"{"htm":"GET","#, 1);
    assert_eq!(ask(&raw(key, &header(key).to_string(), &twice), None), Err(Refusal::Malformed));
    let twice = header(key).to_string().replacen('{', r#"{"alg":"none","#, 1);
    assert_eq!(ask(&raw(key, &twice, &claims().to_string()), None), Err(Refusal::Malformed));
}

#[test]
fn what_is_no_proof_is_refused_without_a_panic() {
    let long = format!("{}.e30.AA", "A".repeat(MAX_BYTES));
    for text in ["", ".", "..", "...", "a.b.c", "e30.e30.e30", "é.é.é", &long, "e30.e30.e30.e30.e30", "e30.W10.AA"] {
        assert_eq!(ask(text, None), Err(Refusal::Malformed), "{text:.20}");
    }
}

proptest! {
    #[test]
    fn one_changed_byte_proves_nothing(at in any::<prop::sample::Index>(), by in 1_u8..=255, which in 0_usize..3) {
        let key = &KEYS[which];
        let mut claims = claims();
        claims["ath"] = json!("fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo");
        let proof = signed(key, &header(key), &claims);
        let mut bytes = proof.clone().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = bytes[at].wrapping_add(by);
        if let Ok(changed) = String::from_utf8(bytes) {
            prop_assert!(ask(&changed, Some(TOKEN)).is_err(), "{}", changed);
        }
        prop_assert!(ask(&proof, Some(TOKEN)).is_ok());
    }

    #[test]
    fn whatever_comes_is_answered(text in "\\PC{0,200}", parts in prop::collection::vec("[a-zA-Z0-9{}\":,_-]{0,40}", 3)) {
        prop_assert!(ask(&text, None).is_err());
        let encoded: Vec<_> = parts.iter().map(|part| B64.encode(part)).collect();
        prop_assert!(ask(&encoded.join("."), Some(TOKEN)).is_err());
    }
}
