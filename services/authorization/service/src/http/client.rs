use std::sync::Arc;

use grantor_oauth::{ClientCredentials, ErrorCode, Params, ProtocolError};
use grantor_ports::{ClientProof, ClientRefusal, ClientView};
use grantor_profile::{Incoming, Situation};
use grantor_web::{Answer, Call, oauth_unavailable, wire};

use crate::Authorization;

/// The client behind a request of its own, by the ways that the profile offers; its failures count
/// everywhere (C26). `params` is where credentials may be beside the header.
pub(super) async fn authenticated(
    service: &Authorization,
    call: &Call,
    incoming: &Incoming<'_>,
    params: &Params,
) -> Result<Arc<ClientView>, Answer> {
    let profile = &call.tenant.profile;
    let refuse = |error: ProtocolError| wire(profile.token_error(&error));
    let ClientCredentials { client_id, secret, method } = profile.credentials(incoming, params).map_err(refuse)?;
    let proof = ClientProof { client_id, method, secret, address: call.peer };
    service.tokens.authenticate_client(call.tenant.id, proof).await.map_err(|refusal| match refusal {
        ClientRefusal::Wrong => refuse(profile.refusal(Situation::BadClient, None)),
        ClientRefusal::Throttled { retry_after } => {
            let error = ErrorCode::InvalidClient.because("too many failed attempts; try again later");
            wire(profile.error_answer(&error, 429)).header("retry-after", &retry_after.to_string())
        }
        ClientRefusal::Port(cause) => oauth_unavailable(cause),
    })
}
