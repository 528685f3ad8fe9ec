//! Flows ↔ `proto/authorization/v1`.

use grantor_authorization_domain::{Flow, FlowEvent, FlowFailure, FlowKind, FlowTerms};
use grantor_contracts::{
    authorization::v1 as proto,
    stored::{decoded, encoded, id, id_bytes, instant, unreadable},
};
use grantor_eventsourcing::{Codec, DecodeError, Encoded, Envelope};

pub(crate) const INITIATED: &str = "oauth.flow.initiated";
pub(crate) const COMPLETED: &str = "oauth.flow.completed";
pub(crate) const CANCELLED: &str = "oauth.flow.cancelled";
pub(crate) const FAILED: &str = "oauth.flow.failed";
pub(crate) const EXPIRED: &str = "oauth.flow.expired";

/// Flows, stored.
pub struct FlowCodec;

impl Codec for FlowCodec {
    type Aggregate = Flow;

    fn encode(event: &FlowEvent) -> Encoded {
        match event {
            FlowEvent::Initiated(terms) => encoded(
                INITIATED,
                &proto::FlowInitiated {
                    client_key: id_bytes(terms.client),
                    client_id: terms.client_id.clone(),
                    kind: terms.kind.as_str().to_owned(),
                    language: terms.language.clone(),
                    sync_period: terms.sync_period.into(),
                    named_accounts: terms.named_accounts.into(),
                    expires_at_ms: terms.expires_at.timestamp_millis(),
                },
            ),
            FlowEvent::Completed { user, consent, accounts } => encoded(
                COMPLETED,
                &proto::FlowCompleted {
                    user_id: id_bytes(*user),
                    consent_id: id_bytes(*consent),
                    accounts: (*accounts).into(),
                },
            ),
            FlowEvent::Cancelled => encoded(CANCELLED, &proto::FlowCancelled {}),
            FlowEvent::Failed(reason) => encoded(FAILED, &proto::FlowFailed { reason: reason.as_str().to_owned() }),
            FlowEvent::Expired => encoded(EXPIRED, &proto::FlowExpired {}),
        }
    }

    fn decode(envelope: &Envelope) -> Result<FlowEvent, DecodeError> {
        let number = |value: u32| u16::try_from(value).map_err(|_| unreadable(envelope, "too large a number"));
        match envelope.event_type.as_str() {
            INITIATED => {
                let read: proto::FlowInitiated = decoded(envelope)?;
                let kind = FlowKind::ALL.into_iter().find(|kind| kind.as_str() == read.kind);
                Ok(FlowEvent::Initiated(FlowTerms {
                    client: id(envelope, &read.client_key)?,
                    client_id: read.client_id,
                    kind: kind.ok_or_else(|| unreadable(envelope, "unknown kind"))?,
                    language: read.language,
                    sync_period: number(read.sync_period)?,
                    named_accounts: number(read.named_accounts)?,
                    expires_at: instant(envelope, read.expires_at_ms)?,
                }))
            }
            COMPLETED => {
                let read: proto::FlowCompleted = decoded(envelope)?;
                Ok(FlowEvent::Completed {
                    user: id(envelope, &read.user_id)?,
                    consent: id(envelope, &read.consent_id)?,
                    accounts: number(read.accounts)?,
                })
            }
            CANCELLED => decoded::<proto::FlowCancelled>(envelope).map(|_| FlowEvent::Cancelled),
            FAILED => {
                let read: proto::FlowFailed = decoded(envelope)?;
                let reason = FlowFailure::ALL.into_iter().find(|reason| reason.as_str() == read.reason);
                Ok(FlowEvent::Failed(reason.ok_or_else(|| unreadable(envelope, "unknown reason"))?))
            }
            EXPIRED => decoded::<proto::FlowExpired>(envelope).map(|_| FlowEvent::Expired),
            _ => Err(unreadable(envelope, "not an event of flows")),
        }
    }
}
