use grantor_pages::{DeliveryStateName, WebhookEndpoint, WebhookForm, WebhookNotice, WebhookRow, Webhooks};
use grantor_ports::{Page, WebhookView};
use grantor_web::{
    Answer, Call, asked_delivery_state, page, webhook_form, webhook_health, webhook_keys, webhook_log_entry,
    webhook_state,
};

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
            health: registry.webhook_deliveries.webhook_health(tenant, endpoint.id).await.ok().map(webhook_health),
            id: endpoint.id.to_string(),
            path: place.path(endpoint.id),
            state: webhook_state(&endpoint),
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
    let log =
        registry.webhook_deliveries.webhook_deliveries(tenant, id, only.map(asked_delivery_state), asked).await.ok();
    let older = log.as_ref().and_then(|log| log.next.as_ref()).map(|next| {
        let state = only.map(|state| format!("&state={}", state.code())).unwrap_or_default();
        let next = percent_encoding::utf8_percent_encode(next, percent_encoding::NON_ALPHANUMERIC);
        format!("{action}?after={next}{state}#log")
    });
    let form = match posted {
        Some(posted) => posted,
        None => webhook_form(endpoint, &offered(registry, call).await?),
    };
    let model = WebhookEndpoint {
        frame: place.visitor.frame(call, framed(call, lang(call))),
        csrf: place.visitor.session.csrf.clone(),
        place: place.shown.clone(),
        id: id.to_string(),
        url: endpoint.url.clone(),
        state: webhook_state(endpoint),
        health: registry.webhook_deliveries.webhook_health(tenant, id).await.ok().map(webhook_health),
        form,
        keys: webhook_keys(endpoint, registry.clock.now(tenant)),
        log: log.map(|log| log.items.into_iter().map(|delivery| webhook_log_entry(&action, delivery)).collect()),
        only,
        older,
        history: Vec::new(),
        may_run: place.may_manage,
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
