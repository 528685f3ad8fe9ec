//! Where partners and tenants are told what happens: endpoints and their secrets.

use std::sync::Arc;

use grantor_ids::WebhookId;
use grantor_ports::{
    AdminError, NewWebhook, PortError, WebhookChange, WebhookCommand, WebhookFormat, WebhookSecret, WebhookSigning,
};
use grantor_web::Answer;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::{Ask, DELETE, GET, Operation, Outcome, PATCH, POST, members::Members, problem::Problem};
use crate::Console;

const ALL: &str = "/admin/v1/tenants/{slug}/webhooks";
const ONE: &str = "/admin/v1/tenants/{slug}/webhooks/{webhook}";
const FORMATS: &str = "tenant, standard, cloud_events";
const SIGNINGS: &str = "v1, v1a, both";

const OWNER: &[(&str, &str)] = &[("client_id", "Only this client's.")];

pub(super) fn operations() -> Vec<Operation> {
    let mut all = vec![
        Operation::new("list_webhooks", GET, ALL, "A tenant's webhook endpoints, newest first.", |console, ask| {
            Box::pin(list(console, ask))
        })
        .query(OWNER)
        .answers(200, "WebhookList"),
        Operation::new(
            "create_webhook",
            POST,
            ALL,
            "Makes an endpoint, of a client or of the tenant. Its secret is in this answer.",
            |console, ask| Box::pin(create(console, ask)),
        )
        .takes("NewWebhook")
        .answers(201, "WebhookWithSecret"),
        Operation::new("get_webhook", GET, ONE, "One endpoint, and how it does.", |console, ask| {
            Box::pin(get(console, ask))
        })
        .answers(200, "Webhook"),
        Operation::new("change_webhook", PATCH, ONE, "Changes an endpoint; absent members stay.", |console, ask| {
            Box::pin(change(console, ask))
        })
        .takes("WebhookChange")
        .answers(200, "Webhook"),
        Operation::new("delete_webhook", DELETE, ONE, "Takes an endpoint away for ever.", |console, ask| {
            Box::pin(command(console, ask, WebhookCommand::Delete))
        }),
        Operation::new(
            "pause_webhook",
            POST,
            "/admin/v1/tenants/{slug}/webhooks/{webhook}/pause",
            "Stops calling an endpoint; what happens meanwhile waits.",
            |console, ask| Box::pin(command(console, ask, WebhookCommand::Pause)),
        )
        .answers(200, "Webhook"),
        Operation::new(
            "resume_webhook",
            POST,
            "/admin/v1/tenants/{slug}/webhooks/{webhook}/resume",
            "Goes on, also after an endpoint was disabled.",
            |console, ask| Box::pin(command(console, ask, WebhookCommand::Resume)),
        )
        .answers(200, "Webhook"),
    ];
    all.extend(secrets());
    all
}

fn secrets() -> [Operation; 2] {
    [
        Operation::new(
            "rotate_webhook_secret",
            POST,
            "/admin/v1/tenants/{slug}/webhooks/{webhook}/secret",
            "A new secret; those before sign on for `overlap_seconds`, a day when absent.",
            |console, ask| Box::pin(rotate(console, ask)),
        )
        .takes("WebhookRotation")
        .answers(200, "WebhookSecret"),
        Operation::new(
            "reveal_webhook_secret",
            POST,
            "/admin/v1/tenants/{slug}/webhooks/{webhook}/secret/reveal",
            "The newest secret once more. That it was shown is an event.",
            |console, ask| Box::pin(reveal(console, ask)),
        )
        .answers(200, "WebhookSecret"),
    ]
}

/// The endpoint in the path.
pub(super) fn id(ask: &Ask) -> Result<WebhookId, Problem> {
    ask.param("webhook")?.parse().map_err(|_| AdminError::NotFound("webhook").into())
}

/// No answer from who keeps them.
pub(super) fn away(error: PortError) -> Problem {
    AdminError::from(error).into()
}

/// Calls per second, at most; 0 for no limit.
fn max_per_second(members: &mut Members) -> Option<u32> {
    let value = members.value("max_per_second")?;
    let calls = value.as_u64().and_then(|calls| calls.try_into().ok());
    if calls.is_none() {
        members.refuse("max_per_second", "must be a whole number, 0 or more");
    }
    calls
}

fn shown(secret: &WebhookSecret) -> Value {
    json!({ "id": secret.id, "secret": secret.secret.expose_secret(), "public_key": secret.public_key })
}

async fn list(console: Arc<Console>, ask: Ask) -> Outcome {
    let tenant = console.tenant_of(&ask).await?;
    let items = console.webhooks.webhooks(tenant.id, ask.query("client_id")).await.map_err(away)?;
    Ok(Answer::json(200, &json!({ "items": items })))
}

async fn create(console: Arc<Console>, ask: Ask) -> Outcome {
    let tenant = console.tenant_of(&ask).await?;
    let mut members = ask.members()?;
    let wanted = NewWebhook {
        client_id: members.text("client_id"),
        url: members.required("url"),
        description: members.text("description").unwrap_or_default(),
        events: members.texts("events").unwrap_or_default(),
        format: members.word("format", FORMATS).unwrap_or_default(),
        signing: members.word("signing", SIGNINGS).unwrap_or_default(),
        max_per_second: max_per_second(&mut members).unwrap_or(0),
    };
    members.finish()?;
    let (made, secret) = console.webhooks.create_webhook(tenant.id, wanted, &ask.meta()).await?;
    Ok(Answer::json(201, &json!({ "webhook": made, "secret": shown(&secret) })))
}

async fn get(console: Arc<Console>, ask: Ask) -> Outcome {
    let tenant = console.tenant_of(&ask).await?;
    let found = console.webhooks.webhook(tenant.id, id(&ask)?).await.map_err(away)?;
    let found = found.ok_or(AdminError::NotFound("webhook"))?;
    let mut shown = json!(found);
    shown["health"] = json!(console.webhook_deliveries.webhook_health(tenant.id, found.id).await.ok());
    Ok(Answer::json(200, &shown))
}

async fn change(console: Arc<Console>, ask: Ask) -> Outcome {
    let tenant = console.tenant_of(&ask).await?;
    let mut members = ask.members()?;
    let format: Option<WebhookFormat> = members.word("format", FORMATS);
    let signing: Option<WebhookSigning> = members.word("signing", SIGNINGS);
    let change = WebhookChange {
        url: members.text("url"),
        description: members.text("description"),
        events: members.texts("events"),
        format,
        signing,
        max_per_second: max_per_second(&mut members),
    };
    members.finish()?;
    let changed = console.webhooks.change_webhook(tenant.id, id(&ask)?, change, &ask.meta()).await?;
    Ok(Answer::json(200, &changed))
}

async fn command(console: Arc<Console>, ask: Ask, command: WebhookCommand) -> Outcome {
    ask.no_body()?;
    let tenant = console.tenant_of(&ask).await?;
    let done = console.webhooks.command_webhook(tenant.id, id(&ask)?, command, &ask.meta()).await?;
    Ok(if command == WebhookCommand::Delete { Answer::empty(204) } else { Answer::json(200, &done) })
}

async fn rotate(console: Arc<Console>, ask: Ask) -> Outcome {
    let tenant = console.tenant_of(&ask).await?;
    let mut members = Members::parse(ask.json().unwrap_or(b"{}"))?;
    let overlap = match members.value("overlap_seconds") {
        None => None,
        Some(value) => match value.as_u64() {
            Some(seconds) => Some(seconds),
            None => {
                members.refuse("overlap_seconds", "must be a whole number, 0 or more");
                None
            }
        },
    };
    members.finish()?;
    let secret = console.webhooks.rotate_webhook_secret(tenant.id, id(&ask)?, overlap, &ask.meta()).await?;
    Ok(Answer::json(200, &shown(&secret)))
}

async fn reveal(console: Arc<Console>, ask: Ask) -> Outcome {
    ask.no_body()?;
    let tenant = console.tenant_of(&ask).await?;
    let secret = console.webhooks.reveal_webhook_secret(tenant.id, id(&ask)?, &ask.meta()).await?;
    Ok(Answer::json(200, &shown(&secret)))
}
