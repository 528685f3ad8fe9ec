//! Revocation in the RFC's words and in a guide's.

use grantor_oauth::ErrorCode;
use grantor_profile::{Incoming, Profile, RevocationOutcome, RevocationWording};
use serde_json::json;

use crate::support::*;

fn incoming(body: &str) -> Incoming<'_> {
    let content_type = Some("application/x-www-form-urlencoded");
    Incoming { content_type, body: body.as_bytes(), ..Incoming::default() }
}

#[test]
fn a_token_is_revoked_as_rfc_7009_says() {
    let ff = profile("financefeast");
    let request = ff.parse_revocation(&incoming("token=t&token_type_hint=x&client_id=a&client_secret=b")).unwrap();
    assert_eq!((request.hint.as_deref(), request.credentials.is_some()), (Some("x"), true));
    for outcome in [RevocationOutcome::Revoked, RevocationOutcome::Unknown] {
        let answer = ff.revocation_answer(request.wording, &outcome);
        assert_eq!((answer.status, answer.body.len()), (200, 0));
    }
    let refused = RevocationOutcome::Refused(ErrorCode::InvalidClient.because("no"));
    assert_eq!(ff.revocation_answer(request.wording, &refused).status, 401);
    let (_, error) = ff.parse_revocation(&incoming("client_id=a&client_secret=b")).unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidRequest);
}

/// Knobs 33 to 35 as the second guide sets them.
fn own_words() -> Profile {
    let document = serde_json::to_value(profile("financefeast")).unwrap();
    let revocation = json!({ "revocation": {
        "parameter": "refresh_token", "success_status": 204, "unknown_token": "refused", "failures": "bad_request",
    }});
    serde_json::from_value(patched(document, &revocation)).unwrap()
}

#[test]
fn a_guides_own_parameter_has_the_guides_answers_and_token_those_of_the_rfc() {
    let profile = own_words();
    let guide = profile.parse_revocation(&incoming("refresh_token=t&client_id=a&client_secret=b")).unwrap();
    assert_eq!(guide.wording, RevocationWording::Guide);
    assert_eq!(profile.revocation_answer(guide.wording, &RevocationOutcome::Revoked).status, 204);
    let unknown = profile.revocation_answer(guide.wording, &RevocationOutcome::Unknown);
    assert_eq!((unknown.status, unknown.body.is_empty()), (400, false));
    let refused = RevocationOutcome::Refused(ErrorCode::InvalidClient.because("no"));
    assert_eq!(profile.revocation_answer(guide.wording, &refused).status, 400);

    let rfc = profile.parse_revocation(&incoming("token=t&client_id=a&client_secret=b")).unwrap();
    assert_eq!(rfc.wording, RevocationWording::Rfc);
    assert_eq!(profile.revocation_answer(rfc.wording, &RevocationOutcome::Unknown).status, 200);
    assert_eq!(profile.revocation_answer(rfc.wording, &refused).status, 401);
}

#[test]
fn both_parameters_at_once_are_refused() {
    let (_, error) = own_words().parse_revocation(&incoming("token=t&refresh_token=t&client_id=a")).unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidRequest);
}

#[test]
fn an_outage_is_never_the_callers_fault() {
    let busy = RevocationOutcome::Refused(ErrorCode::TemporarilyUnavailable.because("later"));
    assert_eq!(own_words().revocation_answer(RevocationWording::Guide, &busy).status, 503);
}
