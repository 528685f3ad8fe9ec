//! Proofs of possession (RFC 9449): what is checked of them is in `grantor_jose::dpop`; here is how
//! each counts once. Where a proof comes with a write, its row is in the same commit, so that it
//! counts once over all processes; where it comes with a read, a bounded memory of this process is
//! enough (`docs/adr/0024-a-proof-counts-once.md`).

use std::time::Duration;

use chrono::{DateTime, TimeDelta};
use grantor_crypto::sha256;
use grantor_eventsourcing::Timestamp;
use grantor_ids::TenantId;
use grantor_jose::dpop::{self, Proof, Refusal, Request, WINDOW};
use grantor_oauth::{ErrorCode, ProtocolError, Thumbprint};
use grantor_ports::DpopCall;
use grantor_profile::Dpop;
use grantor_store::{CommitError, OnTaken, RowChange, RowKey, not_written};
use grantor_web::Call;
use moka::sync::Cache;

use crate::{Token, refused::Refused};

/// Row kind: digest of key and `jti` → nothing.
const PROOF: &str = "dpop_proof";
/// Proofs of reads that a process remembers, at most.
const REMEMBERED: u64 = 100_000;

/// For how long a proof is remembered after it was made: until it is too old, and as long again for
/// clocks that differ.
const fn memory() -> TimeDelta {
    TimeDelta::seconds(2 * WINDOW)
}

/// The proofs that came with reads.
pub(crate) struct Seen(Cache<(TenantId, [u8; 32]), ()>);

impl Default for Seen {
    fn default() -> Self {
        // From when it was seen: at most one window after it was made, or one before.
        let memory = Duration::from_secs(3 * WINDOW.unsigned_abs());
        Self(Cache::builder().max_capacity(REMEMBERED).time_to_live(memory).build())
    }
}

/// A key that was proved with a token request.
#[derive(Debug, Clone)]
pub(crate) struct Proven {
    /// The key.
    pub key: Thumbprint,
    digest: [u8; 32],
    until: Timestamp,
}

impl Proven {
    /// What makes the proof count once: belongs in the commit that it is for.
    pub fn row(&self, tenant: TenantId) -> RowChange {
        RowChange::Insert {
            key: RowKey::new(tenant, PROOF, self.digest),
            aggregate: None,
            data: Vec::new(),
            expires_at: Some(self.until),
            on_taken: OnTaken::Refuse,
        }
    }
}

/// A write that may have had a proof with it and was not made.
pub(crate) fn not_committed(cause: CommitError) -> Refused {
    match cause {
        CommitError::Taken(PROOF) => used_before().into(),
        other => not_written(other).into(),
    }
}

fn used_before() -> ProtocolError {
    ErrorCode::InvalidDpopProof.because("the DPoP proof was used before")
}

fn refused(refusal: Refusal) -> ProtocolError {
    ErrorCode::InvalidDpopProof.because(refusal.to_string())
}

/// A `jti` is unique among those of its key only.
fn digest(proof: &Proof) -> [u8; 32] {
    // A thumbprint has one length: nothing can be moved between the two.
    sha256([proof.thumbprint.as_bytes(), proof.id.as_bytes()].concat())
}

impl Token {
    /// The key that a token request proves, where the tenant's profile reads proofs (RFC 9449 5).
    pub(crate) fn proven(&self, call: &Call) -> Result<Option<Proven>, ProtocolError> {
        let knob = call.tenant.profile.access_tokens.dpop;
        let call = call.dpop_call();
        if !knob.is_spoken() || (knob == Dpop::Optional && call.proofs.is_empty()) {
            return Ok(None);
        }
        self.prove(&call).map(Some)
    }

    /// The key that a call proves (RFC 9449 4.3).
    pub(crate) fn prove(&self, call: &DpopCall) -> Result<Proven, ProtocolError> {
        let DpopCall { proofs, method, uris } = call;
        let now = self.clock.real().timestamp();
        let request = Request { method, uris, access_token: None, now };
        let proof = dpop::verify(proofs, &request).map_err(refused)?;
        let made = DateTime::from_timestamp(proof.issued_at, 0).unwrap_or_default();
        let key = Thumbprint::parse(proof.thumbprint.as_str())?;
        Ok(Proven { key, digest: digest(&proof), until: made + memory() })
    }

    /// Whether a live token is in the hands of whoever shows it (RFC 9449 7.1): a bound one with a new
    /// proof of its key, any other without.
    pub(crate) fn in_hand(
        &self,
        tenant: TenantId,
        token: &str,
        bound: Option<&Thumbprint>,
        shown: Option<&DpopCall>,
    ) -> Result<(), ProtocolError> {
        let call = match (bound, shown) {
            (None, None) => return Ok(()),
            (None, Some(_)) => return Err(ErrorCode::InvalidToken.because("the access token is a bearer token")),
            (Some(_), None) => {
                let why = "the access token is bound to a key: the scheme DPoP and a proof are needed";
                return Err(ErrorCode::InvalidToken.because(why));
            }
            (Some(key), Some(call)) => (key, call),
        };
        let (key, DpopCall { proofs, method, uris }) = call;
        let now = self.clock.real().timestamp();
        let request = Request { method, uris, access_token: Some(token), now };
        let proof = dpop::verify(proofs, &request).map_err(refused)?;
        if proof.thumbprint != key.as_str() {
            return Err(ErrorCode::InvalidToken.because("the access token is bound to another key"));
        }
        match self.seen.0.entry((tenant, digest(&proof))).or_insert(()).is_fresh() {
            true => Ok(()),
            false => Err(used_before()),
        }
    }
}
