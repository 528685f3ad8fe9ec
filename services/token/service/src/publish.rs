//! Domain form ↔ stored and published form. Only fields are added; a new meaning is a new type.

use chrono::TimeDelta;
use grantor_contracts::{
    stored::{decoded, encoded, id, id_bytes, instant, unreadable},
    token::v1 as proto,
};
use grantor_eventsourcing::{AggregateType, Codec, DecodeError, Encoded, Envelope, Meta, Timestamp};
use grantor_ids::{ClientKey, Id, TenantId, UserId};
use grantor_oauth::{CodeChallenge, ScopeSet, Thumbprint};
use grantor_store::{NewEvent, NewFact, Store};
use grantor_token_domain::{
    Marks,
    grant::{Approval, EndReason, Grant, GrantEvent, Whose},
    key::{KeyEvent, KeyInfo, SigningKey},
};
use uuid::Uuid;

/// `oauth.authorization.created`.
pub const CREATED: &str = "oauth.authorization.created";
/// `oauth.authorization.opened`.
pub const OPENED: &str = "oauth.authorization.opened";
/// `oauth.authorization.redeemed`.
pub const REDEEMED: &str = "oauth.authorization.redeemed";
/// `oauth.authorization.reuse_detected`.
pub const REUSE_DETECTED: &str = "oauth.authorization.reuse_detected";
/// `oauth.authorization.revoked`.
pub const REVOKED: &str = "oauth.authorization.revoked";
/// `oauth.authorization.expired`.
pub const EXPIRED: &str = "oauth.authorization.expired";
/// `platform.signing_key.created`.
pub const KEY_CREATED: &str = "platform.signing_key.created";
/// `platform.signing_key.activated`.
pub const KEY_ACTIVATED: &str = "platform.signing_key.activated";
/// `platform.signing_key.retired`.
pub const KEY_RETIRED: &str = "platform.signing_key.retired";
/// Fact.
pub const TOKEN_ISSUED: &str = "oauth.token.issued";
/// Fact.
pub const CODE_REDEEMED_LATE: &str = "oauth.code.redeemed_late";
/// Fact.
pub const TOKEN_REFRESHED: &str = "oauth.token.refreshed";

fn some_id<T: Id>(envelope: &Envelope, bytes: &[u8]) -> Result<Option<T>, DecodeError> {
    if bytes.is_empty() { Ok(None) } else { id(envelope, bytes).map(Some) }
}

/// Events of grants.
pub struct GrantCodec;

impl Codec for GrantCodec {
    type Aggregate = Grant;

    fn encode(event: &GrantEvent) -> Encoded {
        match event {
            GrantEvent::Created(approval) => encoded(CREATED, &created(approval)),
            GrantEvent::Opened { approval, refresh, key } => encoded(
                OPENED,
                &proto::AuthorizationOpened {
                    authorization: Some(created(approval)),
                    refresh: *refresh,
                    jkt: jkt(key.as_ref()),
                },
            ),
            GrantEvent::CodeRedeemed { at, refresh, key } => encoded(
                REDEEMED,
                &proto::AuthorizationRedeemed {
                    at_ms: at.timestamp_millis(),
                    refresh: *refresh,
                    jkt: jkt(key.as_ref()),
                },
            ),
            GrantEvent::ReuseDetected { at, generation } => encoded(
                REUSE_DETECTED,
                &proto::AuthorizationReuseDetected { at_ms: at.timestamp_millis(), generation: *generation },
            ),
            GrantEvent::Revoked { at, reason, whose } => encoded(REVOKED, &revoked(*at, *reason, whose.as_deref())),
            GrantEvent::Expired { at } => {
                encoded(EXPIRED, &proto::AuthorizationExpired { at_ms: at.timestamp_millis() })
            }
        }
    }

    fn decode(e: &Envelope) -> Result<GrantEvent, DecodeError> {
        Ok(match e.event_type.as_str() {
            CREATED => GrantEvent::Created(Box::new(approval(e, decoded(e)?)?)),
            OPENED => {
                let found: proto::AuthorizationOpened = decoded(e)?;
                let opened = found.authorization.ok_or_else(|| unreadable(e, "no authorization"))?;
                let key = thumbprint(e, found.jkt)?;
                GrantEvent::Opened { approval: Box::new(approval(e, opened)?), refresh: found.refresh, key }
            }
            REDEEMED => {
                let found: proto::AuthorizationRedeemed = decoded(e)?;
                let (at, key) = (instant(e, found.at_ms)?, thumbprint(e, found.jkt)?);
                GrantEvent::CodeRedeemed { at, refresh: found.refresh, key }
            }
            REUSE_DETECTED => {
                let found: proto::AuthorizationReuseDetected = decoded(e)?;
                GrantEvent::ReuseDetected { at: instant(e, found.at_ms)?, generation: found.generation }
            }
            REVOKED => {
                let found: proto::AuthorizationRevoked = decoded(e)?;
                let reason = EndReason::parse(&found.reason).ok_or_else(|| unreadable(e, "an unknown reason"))?;
                GrantEvent::Revoked { at: instant(e, found.at_ms)?, reason, whose: whose(e, found)? }
            }
            EXPIRED => {
                let found: proto::AuthorizationExpired = decoded(e)?;
                GrantEvent::Expired { at: instant(e, found.at_ms)? }
            }
            _ => return Err(unreadable(e, "an unknown type")),
        })
    }
}

fn jkt(key: Option<&Thumbprint>) -> String {
    key.map(|key| key.as_str().to_owned()).unwrap_or_default()
}

fn thumbprint(e: &Envelope, text: String) -> Result<Option<Thumbprint>, DecodeError> {
    let some = (!text.is_empty()).then(|| Thumbprint::parse(text));
    some.transpose().map_err(|_| unreadable(e, "not a thumbprint"))
}

fn revoked(at: Timestamp, reason: EndReason, whose: Option<&Whose>) -> proto::AuthorizationRevoked {
    let plain = proto::AuthorizationRevoked {
        at_ms: at.timestamp_millis(),
        reason: reason.as_str().to_owned(),
        ..proto::AuthorizationRevoked::default()
    };
    match whose {
        None => plain,
        Some(whose) => proto::AuthorizationRevoked {
            client_id: whose.client_id.clone(),
            account_id: whose.account.map(id_bytes).unwrap_or_default(),
            scope: whose.scope.to_string(),
            revoked_by: reason.revoked_by().to_owned(),
            user_id: whose.user.map(id_bytes).unwrap_or_default(),
            ..plain
        },
    }
}

fn whose(e: &Envelope, found: proto::AuthorizationRevoked) -> Result<Option<Box<Whose>>, DecodeError> {
    if found.client_id.is_empty() {
        return Ok(None);
    }
    Ok(Some(Box::new(Whose {
        account: some_id(e, &found.account_id)?,
        user: some_id(e, &found.user_id)?,
        scope: ScopeSet::from_spaced(&found.scope).map_err(|_| unreadable(e, "not a scope"))?,
        client_id: found.client_id,
    })))
}

fn created(approval: &Approval) -> proto::AuthorizationCreated {
    proto::AuthorizationCreated {
        client_key: id_bytes(approval.client),
        client_id: approval.client_id.clone(),
        user_id: id_bytes(approval.user),
        session_id: approval.session.map(id_bytes).unwrap_or_default(),
        consent_id: approval.consent.map(id_bytes).unwrap_or_default(),
        scope: approval.scope.to_string(),
        audience: approval.audience.clone(),
        redirect_uri: approval.redirect_uri.clone().unwrap_or_default(),
        code_challenge: approval.code_challenge.as_ref().map(|c| c.as_str().to_owned()).unwrap_or_default(),
        auth_time_ms: approval.auth_time.timestamp_millis(),
        acr: approval.acr.clone().unwrap_or_default(),
        amr: approval.amr.clone(),
        at_ms: approval.created_at.timestamp_millis(),
        code_expires_at_ms: approval.code_expires_at.timestamp_millis(),
        tenant_mark: approval.marks.tenant,
        user_mark: approval.marks.user,
        account_id: approval.account.map(id_bytes).unwrap_or_default(),
        dpop_jkt: jkt(approval.key.as_ref()),
    }
}

fn approval(e: &Envelope, found: proto::AuthorizationCreated) -> Result<Approval, DecodeError> {
    let some = |text: String| (!text.is_empty()).then_some(text);
    let challenge = some(found.code_challenge).map(|text| CodeChallenge::from_request(Some(&text), Some("S256")));
    Ok(Approval {
        client: id(e, &found.client_key)?,
        client_id: found.client_id,
        user: id(e, &found.user_id)?,
        account: some_id(e, &found.account_id)?,
        session: some_id(e, &found.session_id)?,
        consent: some_id(e, &found.consent_id)?,
        scope: ScopeSet::from_spaced(&found.scope).map_err(|_| unreadable(e, "not a scope"))?,
        audience: found.audience,
        redirect_uri: some(found.redirect_uri),
        code_challenge: challenge.transpose().map_err(|_| unreadable(e, "not a challenge"))?.flatten(),
        key: thumbprint(e, found.dpop_jkt)?,
        auth_time: instant(e, found.auth_time_ms)?,
        acr: some(found.acr),
        amr: found.amr,
        created_at: instant(e, found.at_ms)?,
        code_expires_at: instant(e, found.code_expires_at_ms)?,
        marks: Marks { tenant: found.tenant_mark, user: found.user_mark },
    })
}

/// Events of signing keys.
pub struct KeyCodec;

impl Codec for KeyCodec {
    type Aggregate = SigningKey;

    fn encode(event: &KeyEvent) -> Encoded {
        match event {
            KeyEvent::Created(key) => encoded(
                KEY_CREATED,
                &proto::SigningKeyCreated {
                    alg: key.alg.clone(),
                    kid: key.kid.clone(),
                    jwk: key.jwk.clone(),
                    at_ms: key.created_at.timestamp_millis(),
                },
            ),
            KeyEvent::Activated { at } => {
                encoded(KEY_ACTIVATED, &proto::SigningKeyActivated { at_ms: at.timestamp_millis() })
            }
            KeyEvent::Retired { at, shown_until } => encoded(
                KEY_RETIRED,
                &proto::SigningKeyRetired {
                    at_ms: at.timestamp_millis(),
                    shown_until_ms: shown_until.timestamp_millis(),
                },
            ),
        }
    }

    fn decode(e: &Envelope) -> Result<KeyEvent, DecodeError> {
        Ok(match e.event_type.as_str() {
            KEY_CREATED => {
                let found: proto::SigningKeyCreated = decoded(e)?;
                let created_at = instant(e, found.at_ms)?;
                KeyEvent::Created(Box::new(KeyInfo { alg: found.alg, kid: found.kid, jwk: found.jwk, created_at }))
            }
            KEY_ACTIVATED => {
                let found: proto::SigningKeyActivated = decoded(e)?;
                KeyEvent::Activated { at: instant(e, found.at_ms)? }
            }
            KEY_RETIRED => {
                let found: proto::SigningKeyRetired = decoded(e)?;
                KeyEvent::Retired { at: instant(e, found.at_ms)?, shown_until: instant(e, found.shown_until_ms)? }
            }
            _ => return Err(unreadable(e, "an unknown type")),
        })
    }
}

/// Whom a token was issued to and for what; for the facts.
pub(crate) struct Issue<'a> {
    pub tenant: TenantId,
    /// The grant's id, or the client's for its own token.
    pub stream: Uuid,
    pub client: ClientKey,
    pub client_id: &'a str,
    pub user: Option<UserId>,
    pub scope: &'a ScopeSet,
    pub expires_at: Timestamp,
    pub now: Timestamp,
    pub meta: &'a Meta,
}

impl Issue<'_> {
    /// `oauth.token.issued`.
    pub fn issued(&self, store: &Store, grant_type: &str) -> NewFact {
        let message = proto::TokenIssued {
            client_key: id_bytes(self.client),
            client_id: self.client_id.to_owned(),
            user_id: self.user.map(id_bytes).unwrap_or_default(),
            grant_type: grant_type.to_owned(),
            scope: self.scope.to_string(),
            expires_at_ms: self.expires_at.timestamp_millis(),
        };
        self.fact(store, encoded(TOKEN_ISSUED, &message))
    }

    /// `oauth.token.refreshed`.
    pub fn refreshed(&self, store: &Store, generation: u32) -> NewFact {
        let message = proto::TokenRefreshed {
            client_key: id_bytes(self.client),
            client_id: self.client_id.to_owned(),
            user_id: self.user.map(id_bytes).unwrap_or_default(),
            generation,
            scope: self.scope.to_string(),
            expires_at_ms: self.expires_at.timestamp_millis(),
        };
        self.fact(store, encoded(TOKEN_REFRESHED, &message))
    }

    /// `oauth.code.redeemed_late`.
    pub fn redeemed_late(&self, store: &Store, age: TimeDelta) -> NewFact {
        let message = proto::CodeRedeemedLate {
            client_key: id_bytes(self.client),
            client_id: self.client_id.to_owned(),
            user_id: self.user.map(id_bytes).unwrap_or_default(),
            age_ms: age.num_milliseconds(),
        };
        self.fact(store, encoded(CODE_REDEEMED_LATE, &message))
    }

    fn fact(&self, store: &Store, encoded: Encoded) -> NewFact {
        NewFact {
            tenant: self.tenant,
            kind: AggregateType::Grant,
            aggregate: self.stream,
            event: NewEvent { id: store.event_id(), encoded, occurred_at: self.now, meta: self.meta.clone() },
        }
    }
}
