//! Events of endpoints ↔ their stored form.

use grantor_contracts::{
    stored::{decoded, encoded, id, id_bytes, instant, member, unreadable},
    webhooks::v1 as proto,
};
use grantor_eventsourcing::{Codec, DecodeError, Encoded, Envelope};
use grantor_webhooks_domain::{
    Rate,
    body::Format,
    endpoint::{Creation, Endpoint, Event, Key, Listener, Settings},
    signature::Signing,
};

const CREATED: &str = "webhook.endpoint.created";
const UPDATED: &str = "webhook.endpoint.updated";
const PAUSED: &str = "webhook.endpoint.paused";
const RESUMED: &str = "webhook.endpoint.resumed";
const DISABLED: &str = "webhook.endpoint.disabled";
const SECRET_ROTATED: &str = "webhook.endpoint.secret_rotated";
const SECRET_REVEALED: &str = "webhook.endpoint.secret_revealed";
const DELETED: &str = "webhook.endpoint.deleted";

/// Every event type of an endpoint's stream, for tests that enumerate them.
pub const ENDPOINT_EVENTS: [&str; 8] =
    [CREATED, UPDATED, PAUSED, RESUMED, DISABLED, SECRET_ROTATED, SECRET_REVEALED, DELETED];

/// Events of endpoints.
pub struct EndpointCodec;

impl Codec for EndpointCodec {
    type Aggregate = Endpoint;

    fn encode(event: &Event) -> Encoded {
        match event {
            Event::Created(creation) => encoded(CREATED, &created(creation)),
            Event::Updated(settings) => {
                encoded(UPDATED, &proto::EndpointUpdated { settings: Some(settings_to_proto(settings)) })
            }
            Event::Paused => encoded(PAUSED, &proto::EndpointPaused {}),
            Event::Resumed => encoded(RESUMED, &proto::EndpointResumed {}),
            Event::Disabled { reason } => encoded(DISABLED, &proto::EndpointDisabled { reason: reason.clone() }),
            Event::KeyRotated { key, previous_ends_at } => encoded(
                SECRET_ROTATED,
                &proto::EndpointSecretRotated {
                    key: Some(key_to_proto(key)),
                    previous_ends_at_ms: previous_ends_at.timestamp_millis(),
                },
            ),
            Event::KeyRevealed { id } => {
                encoded(SECRET_REVEALED, &proto::EndpointSecretRevealed { key_id: id.clone() })
            }
            Event::Deleted => encoded(DELETED, &proto::EndpointDeleted {}),
        }
    }

    fn decode(envelope: &Envelope) -> Result<Event, DecodeError> {
        Ok(match envelope.event_type.as_str() {
            CREATED => Event::Created(Box::new(creation(envelope, decoded(envelope)?)?)),
            UPDATED => {
                let settings = decoded::<proto::EndpointUpdated>(envelope)?.settings;
                Event::Updated(Box::new(settings_from_proto(envelope, settings)?))
            }
            PAUSED => Event::Paused,
            RESUMED => Event::Resumed,
            DISABLED => Event::Disabled { reason: decoded::<proto::EndpointDisabled>(envelope)?.reason },
            SECRET_ROTATED => {
                let message: proto::EndpointSecretRotated = decoded(envelope)?;
                Event::KeyRotated {
                    key: key_from_proto(envelope, message.key)?,
                    previous_ends_at: instant(envelope, message.previous_ends_at_ms)?,
                }
            }
            SECRET_REVEALED => Event::KeyRevealed { id: decoded::<proto::EndpointSecretRevealed>(envelope)?.key_id },
            DELETED => Event::Deleted,
            _ => return Err(unreadable(envelope, "not an event of an endpoint")),
        })
    }
}

fn created(from: &Creation) -> proto::EndpointCreated {
    let listener = from.listener.as_ref();
    proto::EndpointCreated {
        client_key: listener.map(|listener| id_bytes(listener.key)),
        client_id: listener.map(|listener| listener.client_id.clone()),
        settings: Some(settings_to_proto(&from.settings)),
        key: Some(key_to_proto(&from.key)),
        created_at_ms: from.created_at.timestamp_millis(),
    }
}

fn creation(envelope: &Envelope, from: proto::EndpointCreated) -> Result<Creation, DecodeError> {
    let listener = match (from.client_key, from.client_id) {
        (Some(key), Some(client_id)) => Some(Listener { key: id(envelope, &key)?, client_id }),
        _ => None,
    };
    Ok(Creation {
        listener,
        settings: settings_from_proto(envelope, from.settings)?,
        key: key_from_proto(envelope, from.key)?,
        created_at: instant(envelope, from.created_at_ms)?,
    })
}

fn settings_to_proto(settings: &Settings) -> proto::EndpointSettings {
    proto::EndpointSettings {
        url: settings.url.clone(),
        description: settings.description.clone(),
        events: settings.events.clone(),
        format: settings.format.as_str().to_owned(),
        signing: settings.signing.as_str().to_owned(),
        max_per_second: settings.rate.map_or(0, Rate::get),
    }
}

fn settings_from_proto(envelope: &Envelope, message: Option<proto::EndpointSettings>) -> Result<Settings, DecodeError> {
    let message = member(envelope, "settings", message)?;
    let signing = Signing::ALL.into_iter().find(|signing| signing.as_str() == message.signing);
    Ok(Settings {
        format: member(envelope, "format", Format::of_word(&message.format))?,
        signing: member(envelope, "signing", signing)?,
        rate: Rate::per_second(message.max_per_second),
        url: message.url,
        description: message.description,
        events: message.events,
    })
}

fn key_to_proto(key: &Key) -> proto::EndpointKey {
    proto::EndpointKey {
        id: key.id.clone(),
        public_key: key.public_key.clone(),
        created_at_ms: key.created_at.timestamp_millis(),
        expires_at_ms: key.expires_at.map(|end| end.timestamp_millis()),
    }
}

fn key_from_proto(envelope: &Envelope, message: Option<proto::EndpointKey>) -> Result<Key, DecodeError> {
    let message = member(envelope, "key", message)?;
    Ok(Key {
        id: message.id,
        public_key: message.public_key,
        created_at: instant(envelope, message.created_at_ms)?,
        expires_at: message.expires_at_ms.map(|end| instant(envelope, end)).transpose()?,
    })
}
