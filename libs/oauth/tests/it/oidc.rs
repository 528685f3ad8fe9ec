use grantor_oauth::{ClaimsRequest, Display, ErrorCode, MaxAge, Prompt, Prompts, ResponseMode, parse_json, word_list};
use serde_json::json;

#[test]
fn prompt_values_combine_except_none() {
    let both = Prompts::parse(Some("login consent login")).unwrap();
    assert!(both.has(Prompt::Login) && both.has(Prompt::Consent) && !both.is_none());
    assert!(both.without(Prompt::Login).has(Prompt::Consent));
    assert!(Prompts::parse(Some("none")).unwrap().is_none());
    assert_eq!(Prompts::parse(None).unwrap(), Prompts::default());
    for text in ["none login", "whatever", "Login"] {
        assert_eq!(Prompts::parse(Some(text)).unwrap_err().code(), ErrorCode::InvalidRequest, "{text}");
    }
}

#[test]
fn display_and_response_mode_have_closed_lists() {
    assert_eq!(Display::parse(Some("touch")), Ok(Display::Touch));
    assert!(Display::parse(Some("hologram")).is_err());
    assert_eq!(ResponseMode::parse(None), Ok(ResponseMode::Query));
    assert_eq!(ResponseMode::parse(Some("form_post")), Ok(ResponseMode::FormPost));
    assert!(ResponseMode::parse(Some("fragment")).is_err(), "no tokens in the front channel");
}

#[test]
fn max_age_is_a_number_of_seconds() {
    assert_eq!(MaxAge::parse(Some("0")), Ok(Some(MaxAge(0))));
    assert_eq!(MaxAge::parse(Some("9999999999")), Ok(Some(MaxAge(u32::MAX))));
    assert_eq!(MaxAge::parse(None), Ok(None));
    for text in ["-1", "+1", "1.5", "x", "99999999999"] {
        assert!(MaxAge::parse(Some(text)).is_err(), "{text}");
    }
}

#[test]
fn lists_of_preferences_are_cut_not_refused() {
    assert_eq!(word_list(Some("de  en")), ["de", "en"]);
    assert_eq!(word_list(Some(&"x ".repeat(40))).len(), 16);
    assert!(word_list(None).is_empty());
}

#[test]
fn the_claims_parameter_reads_the_examples_of_core_5_5() {
    let text = r#"{"userinfo":{"given_name":{"essential":true},"nickname":null},
        "id_token":{"auth_time":{"essential":true},"acr":{"values":["a","b"]},"sub":{"value":"x"}},"other":{}}"#;
    let request = ClaimsRequest::parse(text).unwrap();
    assert!(request.userinfo["given_name"].essential && !request.userinfo["nickname"].essential);
    assert!(request.id_token["acr"].accepts(&json!("b")) && !request.id_token["acr"].accepts(&json!("c")));
    assert!(request.id_token["sub"].accepts(&json!("x")) && !request.id_token["sub"].accepts(&json!("y")));
    let stored = serde_json::to_string(&request).unwrap();
    assert_eq!(serde_json::from_str::<ClaimsRequest>(&stored).unwrap(), request);
    assert_eq!(request.filter(|name| name == "sub").names().collect::<Vec<_>>(), ["sub"]);
}

#[test]
fn a_claims_parameter_is_bounded_in_size_depth_and_shape() {
    let deep = format!(r#"{{"userinfo":{{"a":{{"value":{}1{}}}}}}}"#, "[".repeat(9), "]".repeat(9));
    let long = format!(r#"{{"userinfo":{{"{}":null}}}}"#, "a".repeat(4096));
    let many = (0..65).map(|i| format!("\"c{i}\":null")).collect::<Vec<_>>().join(",");
    let many = format!(r#"{{"id_token":{{{many}}}}}"#);
    let twice = r#"{"userinfo":{"a":null,"a":null}}"#;
    for text in [&deep, &long, &many, twice, "[]", "x", r#"{"userinfo":[]}"#, r#"{"userinfo":{"a":1}}"#] {
        assert_eq!(ClaimsRequest::parse(text).unwrap_err().code(), ErrorCode::InvalidRequest, "{text}");
    }
}

#[test]
fn json_of_strangers_is_bounded() {
    assert!(parse_json(b"{\"a\":[1,2.5,-3,true,null,\"x\"]}", 100, 2).is_ok());
    assert!(parse_json(b"{\"a\":[1]}", 100, 1).is_err());
    assert!(parse_json(&[b'['; 100_000], 200_000, 1000).is_err());
}
