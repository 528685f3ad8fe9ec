use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use grantor_oauth::{
    ClientAuthMethod, ClientCredentials, ErrorCode, Params, ProtocolError, bearer_challenge, bearer_token,
    client_credentials,
};
use secrecy::ExposeSecret;

fn read(header: Option<&str>, body: &str) -> Result<Option<ClientCredentials>, ProtocolError> {
    client_credentials(header, &Params::parse(body).unwrap())
}

fn basic(pair: &str) -> String {
    format!("Basic {}", STANDARD.encode(pair))
}

fn told(found: Option<ClientCredentials>) -> (String, Option<String>, ClientAuthMethod) {
    let found = found.unwrap();
    (found.client_id, found.secret.map(|s| s.expose_secret().to_owned()), found.method)
}

#[test]
fn basic_halves_are_form_decoded_and_tolerate_clients_that_do_not_encode() {
    let cases = [
        ("id:secret", "id", "secret"),
        ("a%3Ab:s%20%2B", "a:b", "s +"),
        ("id:50%", "id", "50%"),
        ("id:with:colon", "id", "with:colon"),
    ];
    for (pair, id, secret) in cases {
        let want = (id.to_owned(), Some(secret.to_owned()), ClientAuthMethod::ClientSecretBasic);
        assert_eq!(told(read(Some(&basic(pair)), "").unwrap()), want, "{pair}");
    }
}

#[test]
fn the_body_carries_a_secret_or_a_public_client() {
    let post = told(read(None, "client_id=a&client_secret=b").unwrap());
    assert_eq!(post, ("a".to_owned(), Some("b".to_owned()), ClientAuthMethod::ClientSecretPost));
    assert_eq!(told(read(None, "client_id=a").unwrap()).2, ClientAuthMethod::None);
    assert_eq!(told(read(Some(&basic("a:")), "").unwrap()).2, ClientAuthMethod::None);
    assert!(read(None, "").unwrap().is_none());
}

#[test]
fn two_methods_at_once_are_an_invalid_request() {
    let header = basic("a:b");
    for body in ["client_id=a&client_secret=b", "client_secret=b", "client_id=other"] {
        assert_eq!(read(Some(&header), body).unwrap_err().code(), ErrorCode::InvalidRequest, "{body}");
    }
    assert!(read(Some(&header), "client_id=a").is_ok(), "repeating the same id is harmless");
    assert_eq!(read(None, "client_secret=b").unwrap_err().code(), ErrorCode::InvalidRequest);
}

#[test]
fn a_malformed_header_is_an_invalid_client() {
    let no_colon = basic("nocolon");
    let no_id = basic(":secret");
    for header in ["Basic", "Basic !!!", "Bearer x", "Basic /w==", &no_colon, &no_id] {
        assert_eq!(read(Some(header), "").unwrap_err().code(), ErrorCode::InvalidClient, "{header}");
    }
}

#[test]
fn an_assertion_says_itself_whose_it_is() {
    let jwt = |claims: &str| format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims));
    let good = jwt(r#"{"sub":"a"}"#);
    let kind = "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";
    for body in [format!("{kind}&client_assertion={good}"), format!("client_id=a&{kind}&client_assertion={good}")] {
        let want = ("a".to_owned(), Some(good.clone()), ClientAuthMethod::PrivateKeyJwt);
        assert_eq!(told(read(None, &body).unwrap()), want, "{body}");
    }
    let refused = |header: Option<&str>, body: String| read(header, &body).unwrap_err().code();
    for body in [
        format!("client_assertion={good}"),
        kind.to_owned(),
        format!("client_id=b&{kind}&client_assertion={good}"),
        format!("client_id=a&client_secret=s&{kind}&client_assertion={good}"),
    ] {
        assert_eq!(refused(None, body.clone()), ErrorCode::InvalidRequest, "{body}");
    }
    assert_eq!(refused(Some(&basic("a:b")), format!("{kind}&client_assertion={good}")), ErrorCode::InvalidRequest);
    let saml = "client_assertion_type=urn:ietf:params:oauth:client-assertion-type:saml2-bearer";
    assert_eq!(refused(None, format!("{saml}&client_assertion={good}")), ErrorCode::InvalidClient);
    for bad in ["x", "a.b.c", &jwt("{}"), &jwt(r#"{"sub":""}"#), &jwt(r#"{"sub":7}"#)] {
        assert_eq!(refused(None, format!("{kind}&client_assertion={bad}")), ErrorCode::InvalidClient, "{bad:.40}");
    }
}

#[test]
fn secrets_do_not_print() {
    let found = read(None, "client_id=a&client_secret=canary").unwrap();
    assert!(!format!("{found:?}").contains("canary"));
}

#[test]
fn a_bearer_token_comes_by_header_or_form_but_not_both() {
    let form = Params::parse("access_token=form").unwrap();
    let token = |header, form| bearer_token(header, form).map(|t| t.map(|t| t.expose_secret().to_owned()));
    assert_eq!(token(Some("bearer abc"), None).unwrap().as_deref(), Some("abc"));
    assert_eq!(token(None, Some(&form)).unwrap().as_deref(), Some("form"));
    assert_eq!(token(Some("Basic abc"), None), Ok(None));
    assert_eq!(token(None, None), Ok(None));
    assert_eq!(token(Some("Bearer abc"), Some(&form)).unwrap_err().code(), ErrorCode::InvalidRequest);
    for header in ["Bearer", "Bearer ", "Bearer a b", "Bearer =", "Bearer ü"] {
        assert_eq!(token(Some(header), None).unwrap_err().code(), ErrorCode::InvalidRequest, "{header}");
    }
}

#[test]
fn a_challenge_without_a_token_names_no_error() {
    assert_eq!(bearer_challenge("api", None, None), "Bearer realm=\"api\"");
    let error = ErrorCode::InvalidToken.because("the token \"x\" has expired");
    assert_eq!(
        bearer_challenge("api", Some(&error), Some("plan")),
        "Bearer realm=\"api\", error=\"invalid_token\", error_description=\"the token 'x' has expired\", scope=\"plan\""
    );
}
