//! The metadata documents (OpenID Connect Discovery 4, RFC 8414 3). Only what works is listed.

use std::sync::Arc;

use grantor_oauth::{ErrorCode, ProtocolError};
use grantor_profile::SigningAlg;
use grantor_web::{Answer, Call, oauth_error};

use crate::{Token, signing::MAX_AGE};

/// All that `grantor-jose` can sign with.
const ALGS: [SigningAlg; 3] = [SigningAlg::RS256, SigningAlg::ES256, SigningAlg::EdDSA];

pub(super) async fn openid(_: Arc<Token>, call: Call) -> Answer {
    if call.tenant.profile.oidc.enabled {
        return document(&call);
    }
    let error = ProtocolError::new(ErrorCode::InvalidRequest, "this tenant does not serve OpenID Connect");
    oauth_error(404, &error)
}

pub(super) async fn oauth(_: Arc<Token>, call: Call) -> Answer {
    document(&call)
}

fn document(call: &Call) -> Answer {
    let tenant = &call.tenant;
    let document = tenant.profile.discovery(&tenant.issuer, &call.absolute(""), &ALGS);
    Answer::json(200, &document).header("cache-control", &format!("public, max-age={MAX_AGE}"))
}
