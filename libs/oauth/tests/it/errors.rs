use grantor_oauth::{ErrorCode, ProtocolError, sanitise};

#[test]
fn every_code_is_its_name_in_snake_case() {
    for code in ErrorCode::ALL {
        assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
    }
}

#[test]
fn the_token_endpoint_answers_400_401_or_503() {
    assert_eq!(ErrorCode::InvalidGrant.token_status(), 400);
    assert_eq!(ErrorCode::InvalidClient.token_status(), 401);
    assert_eq!(ErrorCode::TemporarilyUnavailable.token_status(), 503);
    assert!(ErrorCode::ALL.iter().all(|code| [400, 401, 503].contains(&code.token_status())));
    assert_eq!(ErrorCode::InsufficientScope.resource_status(), 403);
}

#[test]
fn a_description_keeps_to_the_charset_of_the_rfc() {
    assert_eq!(sanitise("a \"b\" \\ \n ü ~!"), "a 'b' ? ? ? ~!");
    assert_eq!(ProtocolError::invalid_request("<ü>").description(), "<?>");
}
