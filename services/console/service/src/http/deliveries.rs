//! What was sent to webhook endpoints, and what goes out again.

use std::sync::Arc;

use grantor_ids::{TenantId, WebhookId};
use grantor_ports::{AdminError, DeliveryState};
use grantor_web::Answer;
use serde_json::json;

use super::{
    Ask, GET, Operation, Outcome, POST,
    members::Members,
    problem::{Problem, Wrong},
    webhooks::{away, id},
};
use crate::Console;

const DELIVERIES: &str = "/admin/v1/tenants/{slug}/webhooks/{webhook}/deliveries";

const LOG: &[(&str, &str)] = &[
    ("state", "Only deliveries in this state: pending, delivered, failed."),
    ("after", "The `next` of the page before."),
    ("limit", "At most this many items, 1 to 200; 50 when absent."),
];

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(
            "test_webhook",
            POST,
            "/admin/v1/tenants/{slug}/webhooks/{webhook}/test",
            "Sends an event of type `webhook.test`.",
            |console, ask| Box::pin(test(console, ask)),
        )
        .answers(202, "WebhookMessage"),
        Operation::new(
            "list_deliveries",
            GET,
            DELIVERIES,
            "An endpoint's deliveries, newest first.",
            |console, ask| Box::pin(deliveries(console, ask)),
        )
        .query(LOG)
        .answers(200, "DeliveryList"),
        Operation::new(
            "get_delivery",
            GET,
            "/admin/v1/tenants/{slug}/webhooks/{webhook}/deliveries/{message}",
            "One delivery, with its body and every attempt.",
            |console, ask| Box::pin(delivery(console, ask)),
        )
        .answers(200, "DeliveryDetail"),
        Operation::new(
            "resend_delivery",
            POST,
            "/admin/v1/tenants/{slug}/webhooks/{webhook}/deliveries/{message}/resend",
            "Sends one again, with the same id and body.",
            |console, ask| Box::pin(resend(console, ask)),
        ),
        Operation::new(
            "recover_webhook",
            POST,
            "/admin/v1/tenants/{slug}/webhooks/{webhook}/recover",
            "Sends again what happened in this time and did not arrive.",
            |console, ask| Box::pin(recover(console, ask)),
        )
        .takes("WebhookRecovery")
        .answers(202, "WebhookRecovered"),
    ]
}

/// The endpoint, once it is sure that it is this tenant's.
async fn known(console: &Console, ask: &Ask) -> Result<(TenantId, WebhookId), Problem> {
    let tenant = console.tenant_of(ask).await?.id;
    let found = console.webhooks.webhook(tenant, id(ask)?).await.map_err(away)?;
    Ok((tenant, found.ok_or(AdminError::NotFound("webhook"))?.id))
}

async fn test(console: Arc<Console>, ask: Ask) -> Outcome {
    ask.no_body()?;
    let (tenant, id) = known(&console, &ask).await?;
    let message = console.webhook_deliveries.test_webhook(tenant, id, &ask.meta()).await?;
    Ok(Answer::json(202, &json!({ "message_id": message })))
}

async fn deliveries(console: Arc<Console>, ask: Ask) -> Outcome {
    let (tenant, id) = known(&console, &ask).await?;
    let states = [DeliveryState::Pending, DeliveryState::Delivered, DeliveryState::Failed];
    let state = match ask.query("state") {
        None => None,
        Some(word) => {
            let known = states.into_iter().find(|state| state.as_str() == word);
            Some(known.ok_or_else(|| Problem::Malformed("state must be pending, delivered or failed".into()))?)
        }
    };
    let page = console.webhook_deliveries.webhook_deliveries(tenant, id, state, ask.page()?).await.map_err(away)?;
    Ok(Answer::json(200, &page))
}

async fn delivery(console: Arc<Console>, ask: Ask) -> Outcome {
    let (tenant, id) = known(&console, &ask).await?;
    let found = console.webhook_deliveries.webhook_delivery(tenant, id, &ask.param("message")?).await.map_err(away)?;
    Ok(Answer::json(200, &found.ok_or(AdminError::NotFound("delivery"))?))
}

async fn resend(console: Arc<Console>, ask: Ask) -> Outcome {
    ask.no_body()?;
    let (tenant, id) = known(&console, &ask).await?;
    console.webhook_deliveries.resend_webhook(tenant, id, &ask.param("message")?, &ask.meta()).await?;
    Ok(Answer::empty(204))
}

async fn recover(console: Arc<Console>, ask: Ask) -> Outcome {
    let (tenant, id) = known(&console, &ask).await?;
    let mut members = ask.members()?;
    let instant = |members: &mut Members, name: &str| {
        let text = members.text(name)?;
        let read = text.parse().ok();
        if read.is_none() {
            members.refuse(name, "must be an instant, such as 2026-11-28T12:00:00Z");
        }
        read
    };
    let since = instant(&mut members, "since");
    let until = instant(&mut members, "until").unwrap_or_else(|| console.clock.real());
    members.finish()?;
    let since = since.ok_or_else(|| Problem::Invalid(vec![Wrong::at("/since", "is missing")]))?;
    let count = console.webhook_deliveries.recover_webhook(tenant, id, since, until, &ask.meta()).await?;
    Ok(Answer::json(202, &json!({ "deliveries": count })))
}
