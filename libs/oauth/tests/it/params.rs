use grantor_oauth::{ErrorCode, Params, ParamsRefusal, ProtocolError};
use proptest::prelude::*;

#[test]
fn a_plus_and_a_percent_twenty_are_spaces() {
    let params = Params::parse("scope=openid+profile%20plan&x=a%2Bb").unwrap();
    assert_eq!(params.get("scope"), Some("openid profile plan"));
    assert_eq!(params.get("x"), Some("a+b"));
}

#[test]
fn an_empty_value_counts_as_omitted() {
    let params = Params::parse("state=&nonce&code=1").unwrap();
    assert_eq!((params.get("state"), params.get("nonce"), params.get("code")), (None, None, Some("1")));
    let refusal = params.required("state").unwrap_err();
    assert_eq!(refusal.code(), ErrorCode::InvalidRequest);
    assert_eq!(refusal.description(), "the parameter 'state' is missing");
}

#[test]
fn a_repeated_parameter_is_refused_even_when_equal_or_empty() {
    for raw in ["code=1&code=1", "code=1&code=2", "code=&code=2", "c%6fde=1&code=2"] {
        assert_eq!(Params::parse(raw), Err(ParamsRefusal::Repeated("code".to_owned())), "{raw}");
    }
}

#[test]
fn noted_repeats_are_left_out_of_the_values() {
    let params = Params::parse_noting_repeats("state=a&state=b&client_id=c").unwrap();
    assert_eq!(params.repeated(), ["state"]);
    assert_eq!((params.get("state"), params.get("client_id")), (None, Some("c")));
}

#[test]
fn resource_indicators_may_repeat() {
    let params = Params::parse("resource=https://a&resource=https://b").unwrap();
    assert_eq!(params.all("resource").collect::<Vec<_>>(), ["https://a", "https://b"]);
}

#[test]
fn malformed_encoding_and_foreign_bytes_are_refused() {
    for raw in ["a=%", "a=%4", "a=%zz", "%=1", "a=%+1"] {
        assert_eq!(Params::parse(raw), Err(ParamsRefusal::Encoding), "{raw}");
    }
    assert_eq!(Params::parse(b"a=\xff".as_slice()), Err(ParamsRefusal::Utf8));
    assert_eq!(Params::parse("a=%ff"), Err(ParamsRefusal::Utf8));
}

#[test]
fn sizes_are_bounded() {
    let many = |n: usize| (0..n).map(|i| format!("p{i}=1")).collect::<Vec<_>>().join("&");
    assert!(Params::parse(many(64)).is_ok());
    assert_eq!(Params::parse(many(65)), Err(ParamsRefusal::TooMany));
    assert!(Params::parse(format!("a={}", "x".repeat(8192))).is_ok());
    assert_eq!(Params::parse(format!("a={}", "x".repeat(8193))), Err(ParamsRefusal::ValueTooLong("a".to_owned())));
    assert_eq!(Params::parse(format!("{}=1", "x".repeat(257))), Err(ParamsRefusal::NameTooLong));
}

#[test]
fn a_json_body_has_string_members_each_once() {
    let params = Params::parse_json(br#"{"grant_type":"authorization_code","code":"x","scope":null}"#).unwrap();
    assert_eq!((params.get("code"), params.get("scope")), (Some("x"), None));
    assert!(matches!(Params::parse_json(br#"{"code":"x","code":"y"}"#), Err(ParamsRefusal::Json(_))));
    assert_eq!(Params::parse_json(br#"{"code":1}"#), Err(ParamsRefusal::NoString("code".to_owned())));
    assert_eq!(Params::parse_json(b"[]"), Err(ParamsRefusal::NoObject));
    assert!(matches!(Params::parse_json(b"{\"a\":\"\xff\"}"), Err(ParamsRefusal::Json(_))));
    assert!(matches!(Params::parse_json(br#"{"a":"b"} x"#), Err(ParamsRefusal::Json(_))));
}

#[test]
fn values_do_not_print() {
    let params = Params::parse("client_secret=canary").unwrap();
    assert!(!format!("{params:?}").contains("canary"));
}

#[test]
fn a_strange_name_cannot_leave_the_charset_of_a_description() {
    let refusal = Params::parse("a%22%0a=1&a%22%0a=2").unwrap_err();
    assert_eq!(ProtocolError::from(refusal).description(), "the parameter 'a'?' was sent more than once");
}

proptest! {
    #[test]
    fn what_was_encoded_is_read_back(pairs in prop::collection::vec(("[a-z]{1,8}", "\\PC{1,40}"), 0..20)) {
        let mut distinct = pairs.clone();
        distinct.sort();
        distinct.dedup_by(|a, b| a.0 == b.0);
        let raw = form_urlencoded::Serializer::new(String::new()).extend_pairs(&distinct).finish();
        let params = Params::parse(raw).unwrap();
        let read: Vec<_> = params.iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
        prop_assert_eq!(read, distinct);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Params::parse(&bytes);
        let _ = Params::parse_json(&bytes);
    }
}
