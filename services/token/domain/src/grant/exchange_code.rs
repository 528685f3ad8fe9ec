use grantor_eventsourcing::{Decision, Timestamp};
use grantor_ids::ClientKey;
use grantor_oauth::{CodeVerifier, Thumbprint};

use super::{Approval, EndReason, Grant, GrantEvent};
use crate::Denial;

/// When a token request must name the redirect URI again (RFC 6749 4.1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RedirectDemand {
    /// Always.
    Always,
    /// When the authorization request had one.
    IfSent,
    /// It may be absent.
    Never,
}

/// The authenticated client wants tokens for a code.
#[derive(Debug, Clone)]
pub struct ExchangeCode {
    /// The client that authenticated.
    pub client: ClientKey,
    /// `redirect_uri` as sent.
    pub redirect_uri: Option<String>,
    /// When it has to be there.
    pub redirect_demand: RedirectDemand,
    /// The client's default redirect URI, which a code without one is bound to.
    pub default_redirect_uri: Option<String>,
    /// PKCE verifier as sent.
    pub verifier: Option<CodeVerifier>,
    /// The key that was proved with the request (RFC 9449).
    pub key: Option<Thumbprint>,
    /// Whether a refresh family shall begin.
    pub refresh: bool,
    /// What the policy says of client, user and tenant.
    pub policy: Result<(), Denial>,
    /// By the tenant's clock.
    pub now: Timestamp,
}

/// The code was good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchanged {
    /// What the user approved.
    pub approval: Box<Approval>,
}

/// Why a code is worth nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExchangeRefusal {
    /// No such grant.
    #[error("unknown code")]
    Unknown,
    /// Another client's; the code stays as it is.
    #[error("another client's code")]
    OtherClient,
    /// Too late.
    #[error("expired code")]
    Expired,
    /// `redirect_uri` is missing; the code stays as it is.
    #[error("missing redirect_uri")]
    NoRedirectUri,
    /// Another redirect URI; the code is spent.
    #[error("another redirect_uri")]
    OtherRedirectUri,
    /// The verifier is wrong, missing, or came without a challenge; the code is spent.
    #[error("wrong code_verifier")]
    WrongVerifier,
    /// The key that the code is bound to was not proved; the code is spent.
    #[error("another key than that of dpop_jkt")]
    OtherKey,
    /// Used before; what it gave is revoked.
    #[error("code used twice")]
    Replayed,
    /// The policy forbids it; the code stays as it is.
    #[error(transparent)]
    Denied(#[from] Denial),
}

/// Redeems a code, once.
pub fn exchange_code(grant: &Grant, cmd: &ExchangeCode) -> Decision<GrantEvent, Exchanged, ExchangeRefusal> {
    use ExchangeRefusal as R;
    let end = |approval: &Approval, reason| GrantEvent::revoked(approval, cmd.now, reason);
    match grant {
        Grant::Unknown => Decision::refuse(R::Unknown, []),
        Grant::Issued { approval, .. } if approval.client != cmd.client => Decision::refuse(R::OtherClient, []),
        Grant::Issued { approval, .. } if cmd.now >= approval.code_expires_at => {
            // Written down, so that no clock fault can revive it.
            Decision::refuse(R::Expired, [GrantEvent::Expired { at: cmd.now }])
        }
        Grant::Issued { approval, .. } => match check(approval, cmd) {
            Ok(()) => Decision::accept(
                Exchanged { approval: approval.clone() },
                [GrantEvent::CodeRedeemed { at: cmd.now, refresh: cmd.refresh, key: cmd.key.clone() }],
            ),
            Err(refusal @ (R::OtherRedirectUri | R::WrongVerifier | R::OtherKey)) => {
                Decision::refuse(refusal, [end(approval, EndReason::CodeMisused)])
            }
            Err(refusal) => Decision::refuse(refusal, []),
        },
        Grant::Redeemed { approval, .. } if approval.client != cmd.client => Decision::refuse(R::OtherClient, []),
        Grant::Redeemed { approval, .. } => Decision::refuse(R::Replayed, [end(approval, EndReason::CodeReplayed)]),
        Grant::Ended { reason: EndReason::Expired, .. } => Decision::refuse(R::Expired, []),
        Grant::Ended { .. } => Decision::refuse(R::Replayed, []),
    }
}

fn check(approval: &Approval, cmd: &ExchangeCode) -> Result<(), ExchangeRefusal> {
    let bound = approval.redirect_uri.as_ref();
    let demanded = match cmd.redirect_demand {
        RedirectDemand::Always => true,
        RedirectDemand::IfSent => bound.is_some(),
        RedirectDemand::Never => false,
    };
    match &cmd.redirect_uri {
        Some(presented) if Some(presented) == bound.or(cmd.default_redirect_uri.as_ref()) => {}
        Some(_) => return Err(ExchangeRefusal::OtherRedirectUri),
        None if demanded => return Err(ExchangeRefusal::NoRedirectUri),
        None => {}
    }
    match (&approval.code_challenge, &cmd.verifier) {
        (None, None) => {}
        (Some(challenge), Some(verifier)) if challenge.verify(verifier) => {}
        _ => return Err(ExchangeRefusal::WrongVerifier),
    }
    if approval.key.is_some() && approval.key != cmd.key {
        return Err(ExchangeRefusal::OtherKey);
    }
    Ok(cmd.policy?)
}
