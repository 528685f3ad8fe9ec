use grantor_oauth::{ErrorCode, Params, Thumbprint, TokenScheme, bearer_token, dpop_challenge, shown_token};
use secrecy::ExposeSecret;

#[test]
fn a_bound_token_comes_by_header_where_that_is_spoken() {
    let form = Params::parse("access_token=form").unwrap();
    let shown = |header, form, dpop| {
        shown_token(header, form, dpop).map(|found| found.map(|(how, token)| (how, token.expose_secret().to_owned())))
    };
    assert_eq!(shown(Some("dpop abc"), None, true), Ok(Some((TokenScheme::Dpop, "abc".into()))));
    assert_eq!(shown(Some("Bearer abc"), None, true), Ok(Some((TokenScheme::Bearer, "abc".into()))));
    assert_eq!(shown(None, Some(&form), true), Ok(Some((TokenScheme::Bearer, "form".into()))));
    assert_eq!(shown(Some("DPoP abc"), None, false), Ok(None), "not spoken: as if it were not there");
    assert_eq!(bearer_token(Some("DPoP abc"), None).unwrap().map(|_| ()), None);
    assert_eq!(shown(Some("DPoP abc"), Some(&form), true).unwrap_err().code(), ErrorCode::InvalidRequest);
    assert_eq!(shown(Some("DPoP"), None, true).unwrap_err().code(), ErrorCode::InvalidRequest);
}

#[test]
fn a_challenge_names_the_algorithms() {
    let algs = ["ES256", "EdDSA"];
    assert_eq!(dpop_challenge("api", &algs, None, None), "DPoP realm=\"api\", algs=\"ES256 EdDSA\"");
    let error = ErrorCode::InvalidDpopProof.because("another address");
    assert_eq!(
        dpop_challenge("api", &algs, Some(&error), None),
        "DPoP realm=\"api\", algs=\"ES256 EdDSA\", error=\"invalid_dpop_proof\", error_description=\"another address\""
    );
    assert_eq!((error.code().token_status(), error.code().resource_status()), (400, 401));
}

#[test]
fn a_thumbprint_is_32_bytes_in_base64url() {
    let good = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
    assert_eq!(Thumbprint::parse(good).unwrap().as_str(), good);
    let written = serde_json::to_string(&Thumbprint::parse(good).unwrap()).unwrap();
    assert_eq!(serde_json::from_str::<Thumbprint>(&written).unwrap().as_str(), good);
    for bad in
        ["", "abc", "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I=", "0ZcOCORZNYy+DWpqq30jZyJGHTN0d2HglBV3uiguA4I"]
    {
        assert!(Thumbprint::parse(bad).is_err(), "{bad}");
        assert!(serde_json::from_value::<Thumbprint>(bad.into()).is_err(), "{bad}");
    }
}
