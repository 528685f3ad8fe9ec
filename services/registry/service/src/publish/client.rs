use grantor_contracts::{
    registry::v1 as proto,
    stored::{decoded, encoded, id, id_bytes, instant, member, unreadable},
};
use grantor_eventsourcing::{Codec, DecodeError, Encoded, Envelope};
use grantor_jose::KeySet;
use grantor_profile::Lifetimes;
use grantor_registry_domain::client::{Client, Event, Kind, Registration, Secret, Settings, TermsAcceptance};

use super::{hex, unhex};

pub(super) const REGISTERED: &str = "oauth.client.registered";
pub(super) const SUBMITTED: &str = "oauth.client.submitted";
pub(super) const APPROVED: &str = "oauth.client.approved";
pub(super) const REJECTED: &str = "oauth.client.rejected";
pub(super) const SUSPENDED: &str = "oauth.client.suspended";
pub(super) const RESTORED: &str = "oauth.client.restored";
pub(super) const UPDATED: &str = "oauth.client.updated";
pub(super) const SECRET_ROTATED: &str = "oauth.client.secret_rotated";
pub(super) const SECRET_RETIRED: &str = "oauth.client.secret_retired";
pub(super) const DELETED: &str = "oauth.client.deleted";

/// Events of clients.
pub struct ClientCodec;

impl Codec for ClientCodec {
    type Aggregate = Client;

    fn encode(event: &Event) -> Encoded {
        match event {
            Event::Registered(registration) => encoded(REGISTERED, &registered(registration)),
            Event::Submitted => encoded(SUBMITTED, &proto::ClientSubmitted {}),
            Event::Approved => encoded(APPROVED, &proto::ClientApproved {}),
            Event::Rejected { reason } => encoded(REJECTED, &proto::ClientRejected { reason: reason.clone() }),
            Event::Suspended { reason } => encoded(SUSPENDED, &proto::ClientSuspended { reason: reason.clone() }),
            Event::Restored => encoded(RESTORED, &proto::ClientRestored {}),
            Event::Updated(settings) => {
                encoded(UPDATED, &proto::ClientUpdated { settings: Some(settings_to_proto(settings)) })
            }
            Event::SecretRotated { secret, previous_ends_at } => encoded(
                SECRET_ROTATED,
                &proto::ClientSecretRotated {
                    secret: Some(secret_to_proto(secret)),
                    previous_ends_at_ms: previous_ends_at.timestamp_millis(),
                },
            ),
            Event::SecretRetired { id } => {
                encoded(SECRET_RETIRED, &proto::ClientSecretRetired { secret_id: id.clone() })
            }
            Event::Deleted => encoded(DELETED, &proto::ClientDeleted {}),
        }
    }

    fn decode(envelope: &Envelope) -> Result<Event, DecodeError> {
        Ok(match envelope.event_type.as_str() {
            REGISTERED => Event::Registered(Box::new(registration(envelope, decoded(envelope)?)?)),
            SUBMITTED => Event::Submitted,
            APPROVED => Event::Approved,
            REJECTED => Event::Rejected { reason: decoded::<proto::ClientRejected>(envelope)?.reason },
            SUSPENDED => Event::Suspended { reason: decoded::<proto::ClientSuspended>(envelope)?.reason },
            RESTORED => Event::Restored,
            UPDATED => {
                let settings = decoded::<proto::ClientUpdated>(envelope)?.settings;
                Event::Updated(Box::new(settings_from_proto(envelope, member(envelope, "settings", settings)?)?))
            }
            SECRET_ROTATED => {
                let message: proto::ClientSecretRotated = decoded(envelope)?;
                Event::SecretRotated {
                    secret: secret_from_proto(envelope, member(envelope, "secret", message.secret)?)?,
                    previous_ends_at: instant(envelope, message.previous_ends_at_ms)?,
                }
            }
            SECRET_RETIRED => Event::SecretRetired { id: decoded::<proto::ClientSecretRetired>(envelope)?.secret_id },
            DELETED => Event::Deleted,
            _ => return Err(unreadable(envelope, "not an event of a client")),
        })
    }
}

fn registered(from: &Registration) -> proto::ClientRegistered {
    let terms = from.terms.as_ref().map(|terms| proto::TermsAcceptance {
        version: terms.version.clone(),
        sha256: unhex(&terms.sha256),
        accepted_by: id_bytes(terms.accepted_by),
        accepted_at_ms: terms.accepted_at.timestamp_millis(),
    });
    proto::ClientRegistered {
        client_id: from.client_id.clone(),
        kind: kind_word(from.kind).to_owned(),
        contact: from.contact.map(id_bytes),
        settings: Some(settings_to_proto(&from.settings)),
        resource: from.resource.clone(),
        terms,
        secret: from.secret.as_ref().map(secret_to_proto),
        created_at_ms: from.created_at.timestamp_millis(),
    }
}

fn registration(envelope: &Envelope, from: proto::ClientRegistered) -> Result<Registration, DecodeError> {
    let terms = |terms: proto::TermsAcceptance| {
        Ok(TermsAcceptance {
            version: terms.version,
            sha256: hex(&terms.sha256),
            accepted_by: id(envelope, &terms.accepted_by)?,
            accepted_at: instant(envelope, terms.accepted_at_ms)?,
        })
    };
    Ok(Registration {
        client_id: from.client_id,
        kind: member(envelope, "kind", kind(&from.kind))?,
        contact: from.contact.map(|bytes| id(envelope, &bytes)).transpose()?,
        settings: settings_from_proto(envelope, member(envelope, "settings", from.settings)?)?,
        resource: from.resource,
        terms: from.terms.map(terms).transpose()?,
        secret: from.secret.map(|secret| secret_from_proto(envelope, secret)).transpose()?,
        created_at: instant(envelope, from.created_at_ms)?,
    })
}

fn settings_to_proto(settings: &Settings) -> proto::ClientSettings {
    let Settings {
        name,
        website,
        logo_url,
        redirect_uris,
        post_logout_redirect_uris,
        origins,
        scopes,
        jwks,
        id_token_alg,
        password_grant,
        lifetimes,
    } = settings.clone();
    proto::ClientSettings {
        name,
        website,
        logo_url,
        redirect_uris,
        post_logout_redirect_uris,
        origins,
        scopes,
        id_token_alg,
        password_grant,
        user_access_seconds: lifetimes.user_access,
        client_access_seconds: lifetimes.client_access,
        refresh_seconds: lifetimes.refresh,
        // A plain record with string keys: it always has a JSON form.
        jwks: (!jwks.is_empty()).then(|| serde_json::to_string(&jwks).unwrap_or_default()),
    }
}

fn settings_from_proto(envelope: &Envelope, message: proto::ClientSettings) -> Result<Settings, DecodeError> {
    let proto::ClientSettings {
        name,
        website,
        logo_url,
        redirect_uris,
        post_logout_redirect_uris,
        origins,
        scopes,
        id_token_alg,
        password_grant,
        user_access_seconds,
        client_access_seconds,
        refresh_seconds,
        jwks,
    } = message;
    let jwks = match jwks {
        Some(text) => serde_json::from_str(&text).map_err(|_| unreadable(envelope, "not a set of keys"))?,
        None => KeySet::default(),
    };
    let lifetimes =
        Lifetimes { user_access: user_access_seconds, client_access: client_access_seconds, refresh: refresh_seconds };
    Ok(Settings {
        name,
        website,
        logo_url,
        redirect_uris,
        post_logout_redirect_uris,
        origins,
        scopes,
        jwks,
        id_token_alg,
        password_grant,
        lifetimes,
    })
}

fn secret_to_proto(secret: &Secret) -> proto::ClientSecret {
    proto::ClientSecret {
        id: secret.id.clone(),
        sha256: unhex(&secret.sha256),
        created_at_ms: secret.created_at.timestamp_millis(),
    }
}

fn secret_from_proto(envelope: &Envelope, message: proto::ClientSecret) -> Result<Secret, DecodeError> {
    Ok(Secret {
        id: message.id,
        sha256: hex(&message.sha256),
        created_at: instant(envelope, message.created_at_ms)?,
        expires_at: None,
    })
}

const fn kind_word(kind: Kind) -> &'static str {
    match kind {
        Kind::Confidential => "confidential",
        Kind::Public => "public",
        Kind::Native => "native",
    }
}

fn kind(word: &str) -> Option<Kind> {
    [Kind::Confidential, Kind::Public, Kind::Native].into_iter().find(|kind| kind_word(*kind) == word)
}
