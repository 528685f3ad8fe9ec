//! Rows as others see them.

use grantor_eventsourcing::Timestamp;
use grantor_ids::EventId;
use grantor_ports::{AttemptView, DeliveryState, DeliveryView, WebhookHealth};
use grantor_store::{Attempt, Delivered, Delivery};
use grantor_webhooks_domain::{Admission, Health};

use crate::dispatch::Details;

pub(super) fn stored(state: DeliveryState) -> Delivered {
    match state {
        DeliveryState::Pending => Delivered::NotYet,
        DeliveryState::Delivered => Delivered::Arrived,
        DeliveryState::Failed => Delivered::GivenUp,
    }
}

pub(super) fn delivery(row: &Delivery) -> DeliveryView {
    let state = match row.state {
        Delivered::NotYet => DeliveryState::Pending,
        Delivered::Arrived => DeliveryState::Delivered,
        Delivered::GivenUp => DeliveryState::Failed,
    };
    DeliveryView {
        message_id: EventId::from_uuid(row.key.message).to_string(),
        event: row.event_type.clone(),
        occurred_at: row.occurred_at,
        state,
        attempts: row.attempts,
        next_at: (state == DeliveryState::Pending).then_some(row.due_at),
        last_status: row.last_status,
        last_error: row.last_error.clone(),
    }
}

pub(super) fn attempt(row: &Attempt) -> AttemptView {
    let details: Details = serde_json::from_slice(&row.details).unwrap_or_default();
    AttemptView {
        number: row.number,
        trigger: row.why.clone(),
        started_at: row.started_at,
        duration_ms: row.duration_ms,
        timings: details.timings,
        status: row.status,
        error: row.error.clone(),
        response: details.response,
    }
}

pub(super) fn health(health: &Health, pending: u64, now: Timestamp) -> WebhookHealth {
    let next_probe_at = match health.admits(now) {
        Admission::NotBefore(at) => Some(at),
        Admission::Probe => Some(now),
        Admission::UpTo(_) => None,
    };
    WebhookHealth {
        pending,
        last_success_at: health.last_success_at,
        failing_since: health.failing_since,
        next_probe_at,
    }
}
