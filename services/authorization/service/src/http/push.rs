use std::sync::Arc;

use grantor_oauth::{ErrorCode, ProtocolError, Thumbprint};
use grantor_ports::{KeyRefusal, PortError};
use grantor_profile::{AuthorizeRefusal, Dpop};
use grantor_web::{Answer, Call, incoming, oauth_unavailable, wire};

use super::{Answered, client::authenticated};
use crate::{Authorization, pushed};

/// A client pushes its authorization request (RFC 9126 2), and is told by what it is known.
pub(crate) async fn post(service: Arc<Authorization>, call: Arc<Call>) -> Answered {
    Ok(push(&service, &call).await.unwrap_or_else(|refused| refused))
}

async fn push(service: &Authorization, call: &Call) -> Result<Answer, Answer> {
    let profile = &call.tenant.profile;
    let refuse = |error: ProtocolError| wire(profile.token_error(&error));
    let away = |_| oauth_unavailable(PortError::Unavailable);
    let incoming = incoming(call);
    let params = profile.pushed_params(&incoming).map_err(refuse)?;
    let client = authenticated(service, call, &incoming, &params).await?;
    let key = proven(service, call).await?;
    let start = profile.begin_pushed(&client.client_id, params).map_err(refuse)?;
    let (client, read) = service.complete(call, start, client).await.map_err(away)?;
    let mut request = read.map_err(|refusal| match refusal {
        AuthorizeRefusal::Page(refusal) => refuse(refusal.error()),
        AuthorizeRefusal::Return(_, error) => refuse(error),
    })?;
    if let Some(key) = key {
        // RFC 9449 10.1: the proof says what `dpop_jkt` would.
        if *request.dpop_jkt.get_or_insert_with(|| key.clone()) != key {
            return Err(refuse(ErrorCode::InvalidDpopProof.because("dpop_jkt names another key than the proof")));
        }
    }
    let asked = service.understood(call, request, &client).await.map_err(away)?;
    let id = service.keep_pushed(call.tenant.id, asked).await.map_err(oauth_unavailable)?;
    Ok(wire(profile.pushed(id.as_str(), pushed::SECONDS)))
}

/// The key that comes with the request, where the tenant reads proofs.
async fn proven(service: &Authorization, call: &Call) -> Result<Option<Thumbprint>, Answer> {
    let profile = &call.tenant.profile;
    let proof = call.dpop_call();
    if profile.access_tokens.dpop == Dpop::Off || proof.proofs.is_empty() {
        return Ok(None);
    }
    let refuse = |error: ProtocolError| wire(profile.token_error(&error));
    let proved = service.tokens.prove_key(call.tenant.id, proof).await.map_err(|refusal| match refusal {
        KeyRefusal::Proof(why) => refuse(ErrorCode::InvalidDpopProof.because(why)),
        KeyRefusal::Port(cause) => oauth_unavailable(cause),
    })?;
    Thumbprint::parse(&proved).map(Some).map_err(|refusal| refuse(refusal.into()))
}
