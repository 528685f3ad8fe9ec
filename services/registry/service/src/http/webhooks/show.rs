use grantor_pages::{
    DeliveryStateName, WebhookEndpoint, WebhookForm, WebhookHealthLine, WebhookKey, WebhookLogEntry, WebhookNotice,
    WebhookRow, WebhookStateName, Webhooks,
};
use grantor_ports::{DeliveryState, DeliveryView, Page, WebhookHealth, WebhookState, WebhookView};
use grantor_web::{Answer, Call, page};

use super::{
    super::{Outcome, framed, lang},
    form,
    place::{Place, away},
};
use crate::Registry;

/// Deliveries on one page.
const SHOWN: u32 = 25;

/// `GET` of the list.
pub(in crate::http) async fn list(registry: &Registry, call: &Call) -> Outcome {
    let place = Place::of(registry, call).await?;
    listed(registry, call, &place, 200, None).await
}

/// The list, with the form as it was posted.
pub(super) async fn listed(
    registry: &Registry,
    call: &Call,
    place: &Place,
    status: u16,
    posted: Option<WebhookForm>,
) -> Outcome {
    let tenant = call.tenant.id;
    let mut found = registry.webhooks.webhooks(tenant, place.client_id.as_deref()).await.map_err(|_| away(call))?;
    found.retain(|endpoint| endpoint.client_id == place.client_id);
    let mut endpoints = Vec::with_capacity(found.len());
    for endpoint in found {
        endpoints.push(WebhookRow {
            health: registry.webhook_deliveries.webhook_health(tenant, endpoint.id).await.ok().map(health),
            id: endpoint.id.to_string(),
            path: place.path(endpoint.id),
            state: state(&endpoint),
            url: endpoint.url,
            description: endpoint.description,
            events: endpoint.events,
        });
    }
    let empty = match (place.may_manage, posted) {
        (false, _) => None,
        (true, Some(posted)) => Some(posted),
        (true, None) => Some(form::empty(&offered(registry, call).await?)),
    };
    let model = Webhooks {
        frame: place.visitor.frame(call, framed(call, lang(call))),
        csrf: place.visitor.session.csrf.clone(),
        place: place.shown.clone(),
        endpoints,
        form: empty,
    };
    Ok(page(status, &model))
}

/// `GET` of one endpoint; `?state=` shows deliveries in one state only, `?after=` older ones.
pub(in crate::http) async fn endpoint(registry: &Registry, call: &Call) -> Outcome {
    let place = Place::of(registry, call).await?;
    let found = place.endpoint(registry, call).await?;
    let notice = match call.query_params().unwrap_or_default().get("done") {
        Some("saved") => Some(WebhookNotice::Saved),
        Some("paused") => Some(WebhookNotice::Paused),
        Some("resumed") => Some(WebhookNotice::Resumed),
        Some("tested") => Some(WebhookNotice::Tested),
        Some("recovered") => Some(WebhookNotice::Recovered),
        _ => None,
    };
    shown(registry, call, &place, &found, 200, None, notice).await
}

/// One endpoint, with the form as it was posted.
pub(super) async fn shown(
    registry: &Registry,
    call: &Call,
    place: &Place,
    endpoint: &WebhookView,
    status: u16,
    posted: Option<WebhookForm>,
    notice: Option<WebhookNotice>,
) -> Outcome {
    let (tenant, id) = (call.tenant.id, endpoint.id);
    let action = place.path(id);
    let query = call.query_params().unwrap_or_default();
    let only = DeliveryStateName::ALL.into_iter().find(|state| Some(state.code()) == query.get("state"));
    let asked = Page { after: query.get("after").map(str::to_owned), limit: SHOWN };
    let log = registry.webhook_deliveries.webhook_deliveries(tenant, id, only.map(asked_state), asked).await.ok();
    let older = log.as_ref().and_then(|log| log.next.as_ref()).map(|next| {
        let state = only.map(|state| format!("&state={}", state.code())).unwrap_or_default();
        let next = percent_encoding::utf8_percent_encode(next, percent_encoding::NON_ALPHANUMERIC);
        format!("{action}?after={next}{state}#log")
    });
    let now = registry.clock.now(tenant);
    let form = match posted {
        Some(posted) => posted,
        None => form::of(endpoint, &offered(registry, call).await?),
    };
    let model = WebhookEndpoint {
        frame: place.visitor.frame(call, framed(call, lang(call))),
        csrf: place.visitor.session.csrf.clone(),
        place: place.shown.clone(),
        id: id.to_string(),
        url: endpoint.url.clone(),
        state: state(endpoint),
        health: registry.webhook_deliveries.webhook_health(tenant, id).await.ok().map(health),
        form,
        keys: endpoint
            .keys
            .iter()
            .map(|key| WebhookKey {
                id: key.id.clone(),
                public_key: key.public_key.clone(),
                created_at: key.created_at,
                ends: key.expires_at.map(|end| (end, (end - now).num_minutes())),
            })
            .collect(),
        log: log.map(|log| log.items.into_iter().map(|delivery| entry(&action, delivery)).collect()),
        only,
        older,
        may_manage: place.may_manage,
        notice,
        action,
    };
    Ok(page(status, &model))
}

/// The events that can be chosen.
pub(super) async fn offered(registry: &Registry, call: &Call) -> Result<Vec<String>, Answer> {
    registry.webhooks.webhook_events(call.tenant.id).await.map_err(|_| away(call))
}

fn entry(action: &str, delivery: DeliveryView) -> WebhookLogEntry {
    let last = match (delivery.last_status, delivery.last_error) {
        (Some(status), Some(error)) => format!("{status} {error}"),
        (Some(status), None) => status.to_string(),
        (None, error) => error.unwrap_or_default(),
    };
    WebhookLogEntry {
        path: format!("{action}/deliveries/{}", delivery.message_id),
        message_id: delivery.message_id,
        event: delivery.event,
        at: delivery.occurred_at,
        state: state_name(delivery.state),
        attempts: delivery.attempts,
        next_at: delivery.next_at,
        last,
    }
}

fn state(endpoint: &WebhookView) -> WebhookStateName {
    match (endpoint.state, endpoint.reason.as_deref()) {
        (WebhookState::Active, _) => WebhookStateName::Active,
        (WebhookState::Paused, _) => WebhookStateName::Paused,
        (WebhookState::Disabled, Some("gone")) => WebhookStateName::Gone,
        (WebhookState::Disabled, _) => WebhookStateName::Failing,
    }
}

fn health(health: WebhookHealth) -> WebhookHealthLine {
    WebhookHealthLine {
        pending: health.pending,
        last_success: health.last_success_at,
        failing_since: health.failing_since,
        next_probe: health.next_probe_at,
    }
}

pub(super) const fn state_name(state: DeliveryState) -> DeliveryStateName {
    match state {
        DeliveryState::Pending => DeliveryStateName::Pending,
        DeliveryState::Delivered => DeliveryStateName::Delivered,
        DeliveryState::Failed => DeliveryStateName::Failed,
    }
}

const fn asked_state(state: DeliveryStateName) -> DeliveryState {
    match state {
        DeliveryStateName::Pending => DeliveryState::Pending,
        DeliveryStateName::Delivered => DeliveryState::Delivered,
        DeliveryStateName::Failed => DeliveryState::Failed,
    }
}
