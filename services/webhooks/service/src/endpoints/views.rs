//! Domain forms ↔ the port's.

use grantor_eventsourcing::{Timestamp, Version};
use grantor_ids::WebhookId;
use grantor_ports as ports;
use grantor_webhooks_domain::{
    Rate,
    body::Format,
    endpoint::{Key, Record, Status},
    signature::Signing,
};

pub(super) fn view(id: WebhookId, record: &Record, version: Version, now: Timestamp) -> ports::WebhookView {
    let (state, reason) = match &record.status {
        Status::Active => (ports::WebhookState::Active, None),
        Status::Paused => (ports::WebhookState::Paused, None),
        Status::Disabled { reason } => (ports::WebhookState::Disabled, Some(reason.clone())),
    };
    let key = |key: &Key| ports::WebhookKeyView {
        id: key.id.clone(),
        public_key: key.public_key.clone(),
        created_at: key.created_at,
        expires_at: key.expires_at,
    };
    ports::WebhookView {
        id,
        client_id: record.listener.as_ref().map(|listener| listener.client_id.clone()),
        url: record.settings.url.clone(),
        description: record.settings.description.clone(),
        events: record.settings.events.clone(),
        format: shown_format(record.settings.format),
        signing: shown_signing(record.settings.signing),
        max_per_second: record.settings.rate.map_or(0, Rate::get),
        state,
        reason,
        keys: record.live_keys(now).map(key).collect(),
        created_at: record.created_at,
        version,
    }
}

const fn shown_format(format: Format) -> ports::WebhookFormat {
    match format {
        Format::Tenant => ports::WebhookFormat::Tenant,
        Format::Standard => ports::WebhookFormat::Standard,
        Format::CloudEvents => ports::WebhookFormat::CloudEvents,
    }
}

const fn shown_signing(signing: Signing) -> ports::WebhookSigning {
    match signing {
        Signing::V1 => ports::WebhookSigning::V1,
        Signing::V1a => ports::WebhookSigning::V1a,
        Signing::Both => ports::WebhookSigning::Both,
    }
}

pub(super) const fn format(format: ports::WebhookFormat) -> Format {
    match format {
        ports::WebhookFormat::Tenant => Format::Tenant,
        ports::WebhookFormat::Standard => Format::Standard,
        ports::WebhookFormat::CloudEvents => Format::CloudEvents,
    }
}

pub(super) const fn signing(signing: ports::WebhookSigning) -> Signing {
    match signing {
        ports::WebhookSigning::V1 => Signing::V1,
        ports::WebhookSigning::V1a => Signing::V1a,
        ports::WebhookSigning::Both => Signing::Both,
    }
}
