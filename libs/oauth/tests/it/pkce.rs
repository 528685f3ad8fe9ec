use grantor_oauth::{CodeChallenge, CodeVerifier, PkceRefusal};

/// RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

#[test]
fn the_rfcs_example_verifies() {
    let challenge = CodeChallenge::from_request(Some(CHALLENGE), Some("S256")).unwrap().unwrap();
    assert!(challenge.verify(&CodeVerifier::parse(VERIFIER).unwrap()));
    assert!(!challenge.verify(&CodeVerifier::parse(&VERIFIER.replace('d', "e")).unwrap()));
}

#[test]
fn plain_is_refused_by_name_and_by_default() {
    assert_eq!(CodeChallenge::from_request(Some(CHALLENGE), Some("plain")), Err(PkceRefusal::Method));
    assert_eq!(CodeChallenge::from_request(Some(CHALLENGE), None), Err(PkceRefusal::Method));
    assert_eq!(CodeChallenge::from_request(None, Some("S256")), Err(PkceRefusal::MethodAlone));
    assert_eq!(CodeChallenge::from_request(None, None), Ok(None));
}

#[test]
fn a_challenge_is_32_bytes_in_base64url() {
    let padded = format!("{CHALLENGE}=");
    for text in ["short", &CHALLENGE[1..], &padded, &CHALLENGE.replace('-', "+"), "é"] {
        assert_eq!(CodeChallenge::from_request(Some(text), Some("S256")), Err(PkceRefusal::Challenge), "{text}");
    }
}

#[test]
fn a_verifier_has_43_to_128_unreserved_characters_and_does_not_print() {
    for length in [43, 128] {
        assert!(CodeVerifier::parse(&"~".repeat(length)).is_ok());
    }
    for text in ["a".repeat(42), "a".repeat(129), format!("{}+", "a".repeat(43)), format!("{} ", "a".repeat(43))] {
        assert_eq!(CodeVerifier::parse(&text).err(), Some(PkceRefusal::Verifier));
    }
    assert!(!format!("{:?}", CodeVerifier::parse(VERIFIER).unwrap()).contains("dBj"));
}
