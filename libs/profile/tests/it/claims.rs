//! Scopes and the claims they bring, languages and the consent page's words.

use grantor_oauth::ClaimsRequest;
use grantor_profile::{ClaimWanted, Locale};

use crate::support::*;

fn names(wanted: &[ClaimWanted]) -> Vec<&str> {
    wanted.iter().map(|claim| claim.name.as_str()).collect()
}

#[test]
fn financefeasts_profile_is_the_email_address_and_plan_the_plan() {
    let wanted = profile("financefeast").claims_for(&scopes("openid profile plan"), &ClaimsRequest::default());
    assert_eq!(names(&wanted.userinfo), ["email", "plan"]);
    assert_eq!(names(&wanted.id_token), ["email", "plan"]);
    let wanted = profile("financefeast").claims_for(&scopes("openid"), &ClaimsRequest::default());
    assert!(wanted.userinfo.is_empty());
}

#[test]
fn openid_brings_the_standard_claims_at_userinfo_only() {
    let openid = profile("openid");
    let wanted = openid.claims_for(&scopes("openid email phone profile"), &ClaimsRequest::default());
    assert_eq!(wanted.userinfo.len(), 14 + 2 + 2);
    assert!(wanted.id_token.is_empty());
}

#[test]
fn single_claims_join_and_sharpen_those_of_scopes() {
    let openid = profile("openid");
    let request = r#"{"userinfo":{"email":{"essential":true}},"id_token":{"name":null,"acr":{"values":["x"]}}}"#;
    let request = ClaimsRequest::parse(request).unwrap();
    let wanted = openid.claims_for(&scopes("openid email"), &request);
    assert_eq!(names(&wanted.userinfo), ["email", "email_verified"]);
    assert!(wanted.userinfo[0].demand.essential);
    assert_eq!(names(&wanted.id_token), ["acr", "name"]);
    assert_eq!(openid.scopes_behind(&request).to_string(), "profile email");
}

#[test]
fn the_consent_page_has_words_in_both_languages() {
    for preset in grantor_profile::PRESETS {
        let profile = profile(preset.name);
        let all = profile.scopes.all();
        assert_eq!(profile.scopes.entries(&all).count(), all.len());
        for entry in profile.scopes.entries(&all) {
            assert!(Locale::ALL.into_iter().all(|locale| !entry.description.get(locale).is_empty()));
        }
    }
}

#[test]
fn the_language_is_the_requests_then_the_browsers_then_english() {
    let locales = |tags: &[&str]| tags.iter().map(|tag| (*tag).to_owned()).collect::<Vec<_>>();
    assert_eq!(Locale::negotiate(&locales(&["fr", "de-AT"]), Some("en")), Locale::De);
    assert_eq!(Locale::negotiate(&[], Some("fr, en;q=0.5, de;q=0.8")), Locale::De);
    assert_eq!(Locale::negotiate(&[], Some("de;q=0, *")), Locale::En);
    assert_eq!(Locale::negotiate(&locales(&["xx"]), None), Locale::En);
}
