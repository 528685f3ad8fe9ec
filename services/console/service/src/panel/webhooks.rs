//! A tenant's webhook endpoints, its own and its clients': how they do, and what was sent to them.

use std::sync::Arc;

use chrono::TimeDelta;
use grantor_ids::WebhookId;
use grantor_pages::{
    DeliveryStateName, MenuPage, Page as _, PageError, WebhookDelivery, WebhookEndpoint, WebhookForm,
    WebhookFormProblem, WebhookNotice, WebhookPlace, WebhookRow, Webhooks,
};
use grantor_ports::{AdminError, TenantView, WebhookChange, WebhookCommand, WebhookView};
use grantor_web::{
    Answer, asked_delivery_state, delivery_state, shown_limit, typed_limit, webhook_attempt, webhook_form,
    webhook_health, webhook_keys, webhook_log_entry, webhook_state,
};

use super::{Halt, NOT_FOUND, Outcome, Visit, place, timeline};
use crate::Console;

/// `GET /tenants/{slug}/webhooks`.
pub(super) async fn list(console: &Console, visit: &Visit) -> Outcome {
    let tenant = visit.tenant(console).await?;
    let found = console.webhooks.webhooks(tenant.id, None).await?;
    let mut endpoints = Vec::with_capacity(found.len());
    for endpoint in found {
        endpoints.push(WebhookRow {
            health: console.webhook_deliveries.webhook_health(tenant.id, endpoint.id).await.ok().map(webhook_health),
            id: endpoint.id.to_string(),
            path: path(&tenant, endpoint.id),
            state: webhook_state(&endpoint),
            description: endpoint.client_id.unwrap_or(endpoint.description),
            url: endpoint.url,
            events: endpoint.events,
        });
    }
    let page = Webhooks {
        frame: visit.frame(Some(MenuPage::Tenants)),
        csrf: visit.csrf(),
        place: webhook_place(&tenant),
        endpoints,
        form: None,
    };
    Ok(Answer::html(200, page.html()))
}

fn webhook_place(tenant: &TenantView) -> WebhookPlace {
    let back = format!("/tenants/{}", tenant.slug);
    WebhookPlace { name: tenant.name.clone(), list: format!("{back}/webhooks"), back, panel: Some(place(tenant)) }
}

fn path(tenant: &TenantView, id: WebhookId) -> String {
    format!("/tenants/{}/webhooks/{id}", tenant.slug)
}

/// The tenant and its endpoint that the path names.
async fn endpoint(console: &Console, visit: &Visit) -> Result<(Arc<TenantView>, WebhookView), Halt> {
    let tenant = visit.tenant(console).await?;
    let id: WebhookId = visit.param("webhook")?.parse().map_err(|_| NOT_FOUND)?;
    let found = console.webhooks.webhook(tenant.id, id).await?;
    Ok((tenant, found.ok_or(NOT_FOUND)?))
}

/// `GET /tenants/{slug}/webhooks/{webhook}`; `?state=` shows deliveries in one state only.
pub(super) async fn show(console: &Console, visit: &Visit) -> Outcome {
    let (tenant, found) = endpoint(console, visit).await?;
    let notice = match visit.query.get("done") {
        Some("pause") => Some(WebhookNotice::Paused),
        Some("resume") => Some(WebhookNotice::Resumed),
        Some("test") => Some(WebhookNotice::Tested),
        Some("recover") => Some(WebhookNotice::Recovered),
        Some("limit") => Some(WebhookNotice::Saved),
        _ => None,
    };
    shown(console, visit, &tenant, &found, 200, None, notice).await
}

/// `POST` of it: `pause`, `resume`, `test`, `recover` with `since`, `limit` with `max_per_second`. Its other
/// settings and its secrets are its owner's; operators have them over the admin API.
pub(super) async fn act(console: &Console, visit: &Visit) -> Outcome {
    let (tenant, found) = endpoint(console, visit).await?;
    let (id, meta) = (found.id, visit.meta());
    let pressed =
        ["pause", "resume", "test", "recover", "limit"].into_iter().find(|name| visit.form.get(name).is_some());
    let command = |command| console.webhooks.command_webhook(tenant.id, id, command, &meta);
    let done = match pressed {
        Some("pause") => command(WebhookCommand::Pause).await.map(drop),
        Some("resume") => command(WebhookCommand::Resume).await.map(drop),
        Some("test") => console.webhook_deliveries.test_webhook(tenant.id, id, &meta).await.map(drop),
        Some("recover") => {
            let seconds: u32 = visit.form.get("since").and_then(|since| since.parse().ok()).unwrap_or(86_400);
            let until = console.clock.real();
            let since = until - TimeDelta::seconds(i64::from(seconds.min(31 * 86_400)));
            console.webhook_deliveries.recover_webhook(tenant.id, id, since, until, &meta).await.map(drop)
        }
        Some("limit") => {
            let calls = typed_limit(visit.form.get("max_per_second").unwrap_or_default());
            let change = WebhookChange { max_per_second: Some(calls), ..WebhookChange::default() };
            match console.webhooks.change_webhook(tenant.id, id, change, &meta).await {
                Err(AdminError::Invalid { .. }) => {
                    let problem = Some(WebhookFormProblem::Limit);
                    let typed =
                        WebhookForm { max_per_second: shown_limit(calls), problem, ..webhook_form(&found, &[]) };
                    return shown(console, visit, &tenant, &found, 400, Some(typed), None).await;
                }
                changed => changed.map(drop),
            }
        }
        _ => return Err(Halt(PageError::BadRequest)),
    };
    match done {
        Ok(()) => Ok(Answer::see_other(&format!("{}?done={}", path(&tenant, id), pressed.unwrap_or_default()))),
        Err(AdminError::Conflict(_) | AdminError::Invalid { .. }) => {
            shown(console, visit, &tenant, &found, 409, None, Some(WebhookNotice::NotPossible)).await
        }
        Err(other) => Err(other.into()),
    }
}

async fn shown(
    console: &Console,
    visit: &Visit,
    tenant: &TenantView,
    found: &WebhookView,
    status: u16,
    typed: Option<WebhookForm>,
    notice: Option<WebhookNotice>,
) -> Outcome {
    let action = path(tenant, found.id);
    let only = DeliveryStateName::ALL.into_iter().find(|state| Some(state.code()) == visit.query.get("state"));
    let deliveries = &console.webhook_deliveries;
    let asked = only.map(asked_delivery_state);
    let log = deliveries.webhook_deliveries(tenant.id, found.id, asked, visit.page()).await.ok();
    let older = log.as_ref().and_then(|log| visit.next(log.next.clone()));
    let history = console.webhooks.webhook_history(tenant.id, found.id).await.unwrap_or_default();
    let page = WebhookEndpoint {
        history: timeline::events(console, tenant, history).await?,
        frame: visit.frame(Some(MenuPage::Tenants)),
        csrf: visit.csrf(),
        place: webhook_place(tenant),
        id: found.id.to_string(),
        url: found.url.clone(),
        state: webhook_state(found),
        health: deliveries.webhook_health(tenant.id, found.id).await.ok().map(webhook_health),
        form: typed.unwrap_or_else(|| webhook_form(found, &[])),
        keys: webhook_keys(found, console.clock.now(tenant.id)),
        log: log.map(|log| log.items.into_iter().map(|one| webhook_log_entry(&action, one)).collect()),
        only,
        older,
        may_run: true,
        may_manage: false,
        notice,
        action,
    };
    Ok(Answer::html(status, page.html()))
}

/// `GET /tenants/{slug}/webhooks/{webhook}/deliveries/{message}`.
pub(super) async fn delivery(console: &Console, visit: &Visit) -> Outcome {
    let (tenant, endpoint) = endpoint(console, visit).await?;
    let message = visit.param("message")?;
    let found = console.webhook_deliveries.webhook_delivery(tenant.id, endpoint.id, &message).await?;
    let found = found.ok_or(NOT_FOUND)?;
    let mut attempts: Vec<_> = found.attempts.into_iter().map(webhook_attempt).collect();
    attempts.reverse();
    let endpoint_path = path(&tenant, endpoint.id);
    let page = WebhookDelivery {
        frame: visit.frame(Some(MenuPage::Tenants)),
        csrf: visit.csrf(),
        action: format!("{endpoint_path}/deliveries/{}", found.delivery.message_id),
        endpoint_path,
        url: endpoint.url,
        message_id: found.delivery.message_id,
        event: found.delivery.event,
        at: found.delivery.occurred_at,
        state: delivery_state(found.delivery.state),
        next_at: found.delivery.next_at,
        body: found.body,
        attempts,
        may_manage: true,
        notice: (visit.query.get("done") == Some("resend")).then_some(WebhookNotice::Resent),
        place: webhook_place(&tenant),
    };
    Ok(Answer::html(200, page.html()))
}

/// `POST` of the same: `resend`.
pub(super) async fn resend(console: &Console, visit: &Visit) -> Outcome {
    let (tenant, endpoint) = endpoint(console, visit).await?;
    let message = visit.param("message")?;
    visit.form.get("resend").ok_or(Halt(PageError::BadRequest))?;
    console.webhook_deliveries.resend_webhook(tenant.id, endpoint.id, &message, &visit.meta()).await?;
    Ok(Answer::see_other(&format!("{}/deliveries/{message}?done=resend", path(&tenant, endpoint.id))))
}
