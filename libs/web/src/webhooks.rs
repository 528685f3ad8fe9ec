//! What pages show of webhooks, whoever shows it: a client's developer, a tenant's staff, an operator.

use grantor_eventsourcing::Timestamp;
use grantor_pages::{
    DeliveryStateName, WebhookAttempt, WebhookForm, WebhookHealthLine, WebhookKey, WebhookLogEntry, WebhookStateName,
};
use grantor_ports::{AttemptView, DeliveryState, DeliveryView, WebhookHealth, WebhookState, WebhookView};

/// Whether an endpoint is called, and if not, why.
pub fn webhook_state(endpoint: &WebhookView) -> WebhookStateName {
    match (endpoint.state, endpoint.reason.as_deref()) {
        (WebhookState::Active, _) => WebhookStateName::Active,
        (WebhookState::Paused, _) => WebhookStateName::Paused,
        (WebhookState::Disabled, Some("gone")) => WebhookStateName::Gone,
        (WebhookState::Disabled, _) => WebhookStateName::Failing,
    }
}

/// How an endpoint does.
pub fn webhook_health(health: WebhookHealth) -> WebhookHealthLine {
    WebhookHealthLine {
        pending: health.pending,
        last_success: health.last_success_at,
        failing_since: health.failing_since,
        next_probe: health.next_probe_at,
    }
}

/// The form of an endpoint as it is. What it hears and is offered no more stays a choice.
pub fn webhook_form(endpoint: &WebhookView, offered: &[String]) -> WebhookForm {
    let kept = endpoint.events.iter().filter(|event| !offered.contains(event));
    WebhookForm {
        url: endpoint.url.clone(),
        description: endpoint.description.clone(),
        events: offered.iter().chain(kept).map(|event| (event.clone(), endpoint.events.contains(event))).collect(),
        format: endpoint.format.as_str().to_owned(),
        signing: endpoint.signing.as_str().to_owned(),
        max_per_second: shown_limit(endpoint.max_per_second),
        problem: None,
    }
}

/// Calls per second as a field shows them: nothing for no limit, nor for what is no number.
pub fn shown_limit(calls: u32) -> String {
    if (1..u32::MAX).contains(&calls) { calls.to_string() } else { String::new() }
}

/// Calls per second as they were typed: 0 for nothing, and more than anybody may have for what is no number.
pub fn typed_limit(text: &str) -> u32 {
    let text = text.trim();
    if text.is_empty() { 0 } else { text.parse().unwrap_or(u32::MAX) }
}

/// An endpoint's keys; `now` is the tenant's time.
pub fn webhook_keys(endpoint: &WebhookView, now: Timestamp) -> Vec<WebhookKey> {
    let keys = endpoint.keys.iter().map(|key| WebhookKey {
        id: key.id.clone(),
        public_key: key.public_key.clone(),
        created_at: key.created_at,
        ends: key.expires_at.map(|end| (end, (end - now).num_minutes())),
    });
    keys.collect()
}

/// A delivery in the log of an endpoint whose page is at `endpoint`.
pub fn webhook_log_entry(endpoint: &str, delivery: DeliveryView) -> WebhookLogEntry {
    let last = match (delivery.last_status, delivery.last_error) {
        (Some(status), Some(error)) => format!("{status} {error}"),
        (Some(status), None) => status.to_string(),
        (None, error) => error.unwrap_or_default(),
    };
    WebhookLogEntry {
        path: format!("{endpoint}/deliveries/{}", delivery.message_id),
        message_id: delivery.message_id,
        event: delivery.event,
        at: delivery.occurred_at,
        state: delivery_state(delivery.state),
        attempts: delivery.attempts,
        next_at: delivery.next_at,
        last,
    }
}

/// How far a delivery is.
pub const fn delivery_state(state: DeliveryState) -> DeliveryStateName {
    match state {
        DeliveryState::Pending => DeliveryStateName::Pending,
        DeliveryState::Delivered => DeliveryStateName::Delivered,
        DeliveryState::Failed => DeliveryStateName::Failed,
    }
}

/// The state by which a log is narrowed down.
pub const fn asked_delivery_state(state: DeliveryStateName) -> DeliveryState {
    match state {
        DeliveryStateName::Pending => DeliveryState::Pending,
        DeliveryStateName::Delivered => DeliveryState::Delivered,
        DeliveryStateName::Failed => DeliveryState::Failed,
    }
}

/// One attempt of a delivery.
pub fn webhook_attempt(attempt: AttemptView) -> WebhookAttempt {
    let AttemptView { number, trigger, started_at, duration_ms, timings, status, error, response } = attempt;
    WebhookAttempt { number, trigger, at: started_at, duration_ms, timings, status, error, response }
}
