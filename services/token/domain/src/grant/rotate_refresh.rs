use chrono::TimeDelta;
use grantor_eventsourcing::{Decision, Timestamp};
use grantor_ids::ClientKey;
use grantor_oauth::Thumbprint;

use super::{Approval, EndReason, Family, Grant, GrantEvent};
use crate::Denial;

/// A clock may step back by so much before the grace of the previous token is over.
const CLOCK_TOLERANCE: TimeDelta = TimeDelta::seconds(60);

/// The authenticated client presents a refresh token whose keyed hash is right.
#[derive(Debug, Clone)]
pub struct RotateRefresh {
    /// The client that authenticated.
    pub client: ClientKey,
    /// The generation of the token.
    pub generation: u32,
    /// The key that was proved with the request (RFC 9449).
    pub key: Option<Thumbprint>,
    /// Whether the client has no secret: then the key is all that binds the token to it.
    pub public: bool,
    /// Whether every use gives a new token.
    pub rotate: bool,
    /// How long the previous token goes on.
    pub grace: TimeDelta,
    /// Dies when unused for so long.
    pub idle: Option<TimeDelta>,
    /// Dies at this age.
    pub absolute: Option<TimeDelta>,
    /// What the policy says of client, user and tenant.
    pub policy: Result<(), Denial>,
    /// By the tenant's clock.
    pub now: Timestamp,
}

/// The refresh token was good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refreshed {
    /// What the user approved.
    pub approval: Box<Approval>,
    /// The generation to hand out.
    pub generation: u32,
    /// Whether the family moved on, or was used: the state's operational part changes. Not so
    /// when the previous token gets its successor once more.
    pub moved: bool,
}

/// Why a refresh token is worth nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RefreshRefusal {
    /// No such family, or it has ended.
    #[error("unknown refresh token")]
    Unknown,
    /// Another client's.
    #[error("another client's refresh token")]
    OtherClient,
    /// The key that the family is bound to was not proved; the family stays as it is.
    #[error("another key than that of the refresh token")]
    OtherKey,
    /// Unused for too long, or too old.
    #[error("expired refresh token")]
    Expired,
    /// Used up before; the whole grant is revoked.
    #[error("refresh token used twice")]
    Reused,
    /// The policy forbids it; the family stays as it is.
    #[error(transparent)]
    Denied(#[from] Denial),
}

/// Uses a refresh token (invariant I4): the current generation moves the family on; the
/// previous one, within the grace and while its successor is unused, gets that same successor
/// again; anything older, or later, kills the family.
pub fn rotate_refresh(grant: &Grant, cmd: &RotateRefresh) -> Decision<GrantEvent, Refreshed, RefreshRefusal> {
    use RefreshRefusal as R;
    let Grant::Redeemed { approval, at, family: Some(family), .. } = grant else {
        return Decision::refuse(R::Unknown, []);
    };
    if approval.client != cmd.client {
        return Decision::refuse(R::OtherClient, []);
    }
    if !proves_key(family, cmd) {
        return Decision::refuse(R::OtherKey, []);
    }
    if is_over(*at, family, cmd) {
        return Decision::refuse(R::Expired, [GrantEvent::Expired { at: cmd.now }]);
    }
    // A generation that was never made cannot have the right keyed hash, unless the store lost
    // a write: no reason to revoke.
    if cmd.generation > family.generation {
        return Decision::refuse(R::Unknown, []);
    }
    let current = cmd.generation == family.generation;
    if !current && !in_grace(family, cmd) {
        let generation = cmd.generation;
        return Decision::refuse(
            R::Reused,
            [
                GrantEvent::ReuseDetected { at: cmd.now, generation },
                GrantEvent::revoked(approval, cmd.now, EndReason::RefreshReused),
            ],
        );
    }
    if let Err(denial) = cmd.policy {
        return Decision::refuse(denial.into(), []);
    }
    let generation = if current && cmd.rotate { family.generation.saturating_add(1) } else { family.generation };
    Decision::accept(Refreshed { approval: approval.clone(), generation, moved: current }, [])
}

/// What began with a proof goes on with proofs: of the same key where no secret tells who the client
/// is (RFC 9449 5), of whatever key the client holds now where one does.
fn proves_key(family: &Family, cmd: &RotateRefresh) -> bool {
    match (&family.key, &cmd.key) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(bound), Some(proved)) => !cmd.public || bound == proved,
    }
}

/// The current generation is unused as long as it is current.
fn in_grace(family: &Family, cmd: &RotateRefresh) -> bool {
    cmd.generation.checked_add(1) == Some(family.generation)
        && family
            .rotated_at
            .is_some_and(|rotated| cmd.now < rotated + cmd.grace && cmd.now >= rotated - CLOCK_TOLERANCE)
}

fn is_over(redeemed_at: Timestamp, family: &Family, cmd: &RotateRefresh) -> bool {
    let used_at = family.used_at.unwrap_or(redeemed_at);
    cmd.idle.is_some_and(|idle| cmd.now >= used_at + idle)
        || cmd.absolute.is_some_and(|absolute| cmd.now >= redeemed_at + absolute)
}
