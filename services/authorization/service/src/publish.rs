//! Domain events ↔ `proto/authorization/v1`.

use grantor_authorization_domain::{Consent, ConsentEvent, EndReason, Session, SessionEvent, Terms};
use grantor_contracts::{
    authorization::v1 as proto,
    stored::{decoded, encoded, id, id_bytes, instant, unreadable},
};
use grantor_eventsourcing::{AggregateType, Codec, DecodeError, Encoded, Envelope, Meta, Timestamp};
use grantor_ids::{ClientKey, TenantId};
use grantor_oauth::ScopeSet;
use grantor_store::{NewEvent, NewFact};

use crate::Authorization;

mod flow;

pub use flow::FlowCodec;

pub(crate) const STARTED: &str = "identity.session.started";
pub(crate) const ENDED: &str = "identity.session.ended";
pub(crate) const GRANTED: &str = "oauth.consent.granted";
pub(crate) const CHANGED: &str = "oauth.consent.changed";
pub(crate) const WITHDRAWN: &str = "oauth.consent.withdrawn";
pub(crate) const UNPROTECTED: &str = "oauth.request.unprotected";

/// Every event and fact of this service, as in `proto/CATALOGUE.md`.
pub const EVENT_TYPES: [&str; 11] = [
    STARTED,
    ENDED,
    GRANTED,
    CHANGED,
    WITHDRAWN,
    flow::INITIATED,
    flow::COMPLETED,
    flow::CANCELLED,
    flow::FAILED,
    flow::EXPIRED,
    UNPROTECTED,
];

/// Sessions, stored.
pub struct SessionCodec;

/// Consents, stored.
pub struct ConsentCodec;

impl Codec for SessionCodec {
    type Aggregate = Session;

    fn encode(event: &SessionEvent) -> Encoded {
        match event {
            SessionEvent::Started { user, auth_time, amr, expires_at } => encoded(
                STARTED,
                &proto::SessionStarted {
                    user_id: id_bytes(*user),
                    auth_time_ms: auth_time.timestamp_millis(),
                    amr: amr.clone(),
                    expires_at_ms: expires_at.timestamp_millis(),
                },
            ),
            SessionEvent::Ended { user, reason } => {
                encoded(ENDED, &proto::SessionEnded { user_id: id_bytes(*user), reason: reason.as_str().to_owned() })
            }
        }
    }

    fn decode(envelope: &Envelope) -> Result<SessionEvent, DecodeError> {
        match envelope.event_type.as_str() {
            STARTED => {
                let read: proto::SessionStarted = decoded(envelope)?;
                Ok(SessionEvent::Started {
                    user: id(envelope, &read.user_id)?,
                    auth_time: instant(envelope, read.auth_time_ms)?,
                    amr: read.amr,
                    expires_at: instant(envelope, read.expires_at_ms)?,
                })
            }
            ENDED => {
                let read: proto::SessionEnded = decoded(envelope)?;
                let reason = EndReason::ALL.into_iter().find(|reason| reason.as_str() == read.reason);
                Ok(SessionEvent::Ended {
                    user: id(envelope, &read.user_id)?,
                    reason: reason.ok_or_else(|| unreadable(envelope, "unknown reason"))?,
                })
            }
            _ => Err(unreadable(envelope, "not an event of sessions")),
        }
    }
}

impl Codec for ConsentCodec {
    type Aggregate = Consent;

    fn encode(event: &ConsentEvent) -> Encoded {
        match event {
            ConsentEvent::Granted(terms) => encoded(GRANTED, &granted(terms)),
            // The same fields; a type of its own, so that either may grow.
            ConsentEvent::Changed(terms) => {
                let proto::ConsentGranted { user_id, client_key, client_id, scopes, text_version, expires_at_ms } =
                    granted(terms);
                let changed =
                    proto::ConsentChanged { user_id, client_key, client_id, scopes, text_version, expires_at_ms };
                encoded(CHANGED, &changed)
            }
            ConsentEvent::Withdrawn { user, client, client_id } => encoded(
                WITHDRAWN,
                &proto::ConsentWithdrawn {
                    user_id: id_bytes(*user),
                    client_key: id_bytes(*client),
                    client_id: client_id.clone(),
                },
            ),
        }
    }

    fn decode(envelope: &Envelope) -> Result<ConsentEvent, DecodeError> {
        match envelope.event_type.as_str() {
            GRANTED => Ok(ConsentEvent::Granted(terms(envelope, decoded(envelope)?)?)),
            CHANGED => {
                let proto::ConsentChanged { user_id, client_key, client_id, scopes, text_version, expires_at_ms } =
                    decoded(envelope)?;
                let same =
                    proto::ConsentGranted { user_id, client_key, client_id, scopes, text_version, expires_at_ms };
                Ok(ConsentEvent::Changed(terms(envelope, same)?))
            }
            WITHDRAWN => {
                let read: proto::ConsentWithdrawn = decoded(envelope)?;
                Ok(ConsentEvent::Withdrawn {
                    user: id(envelope, &read.user_id)?,
                    client: id(envelope, &read.client_key)?,
                    client_id: read.client_id,
                })
            }
            _ => Err(unreadable(envelope, "not an event of consents")),
        }
    }
}

fn granted(terms: &Terms) -> proto::ConsentGranted {
    proto::ConsentGranted {
        user_id: id_bytes(terms.user),
        client_key: id_bytes(terms.client),
        client_id: terms.client_id.clone(),
        scopes: terms.scopes.iter().map(|scope| scope.as_str().to_owned()).collect(),
        text_version: terms.text_version.clone(),
        expires_at_ms: terms.expires_at.map(|end| end.timestamp_millis()),
    }
}

fn terms(envelope: &Envelope, read: proto::ConsentGranted) -> Result<Terms, DecodeError> {
    Ok(Terms {
        user: id(envelope, &read.user_id)?,
        client: id(envelope, &read.client_key)?,
        client_id: read.client_id,
        scopes: ScopeSet::from_names(read.scopes.iter().map(String::as_str))
            .map_err(|_| unreadable(envelope, "not a scope"))?,
        text_version: read.text_version,
        expires_at: read.expires_at_ms.map(|end| instant(envelope, end)).transpose()?,
    })
}

impl Authorization {
    /// The fact `oauth.request.unprotected`.
    pub(crate) fn unprotected(
        &self,
        tenant: TenantId,
        client: ClientKey,
        client_id: &str,
        meta: Meta,
        now: Timestamp,
    ) -> NewFact {
        let payload = proto::RequestUnprotected { client_key: id_bytes(client), client_id: client_id.to_owned() };
        NewFact {
            tenant,
            kind: AggregateType::Client,
            aggregate: client.uuid(),
            event: NewEvent {
                id: self.store.event_id(),
                encoded: encoded(UNPROTECTED, &payload),
                occurred_at: now,
                meta,
            },
        }
    }
}
