//! Given these events, when this command comes, then this is decided.

mod codes;
mod families;
mod fold;
mod keys;
mod opening;

use chrono::{DateTime, TimeDelta};
use grantor_eventsourcing::Timestamp;
use grantor_ids::{ClientKey, ConsentId, SessionId, UserId};
use grantor_oauth::{CodeChallenge, CodeVerifier, ScopeSet, Thumbprint};
use uuid::Uuid;

use super::*;
use crate::Marks;

pub const OWNER: ClientKey = ClientKey::from_uuid(Uuid::from_u128(1));
pub const OTHER: ClientKey = ClientKey::from_uuid(Uuid::from_u128(2));
pub const CALLBACK: &str = "https://client.example/callback";
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A thumbprint of this letter.
pub fn key(letter: char) -> Option<Thumbprint> {
    Some(Thumbprint::parse(format!("{}A", letter.to_string().repeat(42))).unwrap())
}

/// Seconds after the code was made; it lives for 60.
pub fn at(seconds: i64) -> Timestamp {
    DateTime::from_timestamp(1_700_000_000 + seconds, 0).unwrap()
}

pub fn verifier(text: &str) -> Option<CodeVerifier> {
    Some(CodeVerifier::parse(text).unwrap())
}

pub fn approval() -> Approval {
    Approval {
        client: OWNER,
        client_id: "client".into(),
        user: UserId::from_uuid(Uuid::from_u128(3)),
        account: None,
        session: Some(SessionId::from_uuid(Uuid::from_u128(4))),
        consent: Some(ConsentId::from_uuid(Uuid::from_u128(5))),
        scope: ScopeSet::from_spaced("openid offline_access").unwrap(),
        audience: "https://api.example".into(),
        redirect_uri: Some(CALLBACK.into()),
        code_challenge: CodeChallenge::from_request(Some(CHALLENGE), Some("S256")).unwrap(),
        key: None,
        auth_time: at(-30),
        acr: None,
        amr: vec!["pwd".into()],
        created_at: at(0),
        code_expires_at: at(60),
        marks: Marks::default(),
    }
}

pub fn created(approval: Approval) -> GrantEvent {
    GrantEvent::Created(Box::new(approval))
}

pub fn redeemed() -> Vec<GrantEvent> {
    vec![created(approval()), GrantEvent::CodeRedeemed { at: at(1), refresh: true, key: None }]
}

pub fn revoked(seconds: i64, reason: EndReason) -> GrantEvent {
    GrantEvent::revoked(&approval(), at(seconds), reason)
}

pub fn exchange() -> ExchangeCode {
    ExchangeCode {
        client: OWNER,
        redirect_uri: Some(CALLBACK.into()),
        redirect_demand: RedirectDemand::IfSent,
        default_redirect_uri: None,
        verifier: verifier(VERIFIER),
        key: None,
        refresh: true,
        policy: Ok(()),
        now: at(1),
    }
}

pub fn refresh(generation: u32, now: Timestamp) -> RotateRefresh {
    RotateRefresh {
        client: OWNER,
        generation,
        key: None,
        public: false,
        rotate: true,
        grace: TimeDelta::seconds(60),
        idle: Some(TimeDelta::seconds(1000)),
        absolute: Some(TimeDelta::seconds(5000)),
        policy: Ok(()),
        now,
    }
}
