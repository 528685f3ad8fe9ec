use serde_json::{Value, json};

use super::{
    api::{Admin, encode, show, table},
    named,
};
use crate::{
    cli::{Api, Place, WebhookCommand},
    failure::Failure,
};

/// `grantor webhook …`
pub fn webhook(api: &Api, place: &Place, tenant: &str, command: WebhookCommand) -> Result<(), Failure> {
    let all = format!("/admin/v1/tenants/{}/webhooks", encode(named(tenant)?));
    let at = |id: &str| format!("{all}/{}", encode(id));
    let admin = Admin::find(api, place)?;
    match command {
        WebhookCommand::List { client } => {
            let query = client.map(|client| format!("?client_id={}", encode(&client))).unwrap_or_default();
            table(&items(&admin.get(&format!("{all}{query}"))?), &["id", "client_id", "state", "url"]);
        }
        WebhookCommand::Show { id } => show(&admin.get(&at(&id))?),
        WebhookCommand::Create { url, events, client, format, signing, max_per_second } => {
            let mut body = json!({ "url": url, "events": events });
            if let Some(calls) = max_per_second {
                body["max_per_second"] = calls.into();
            }
            for (member, value) in [("client_id", client), ("format", format), ("signing", signing)] {
                if let Some(value) = value {
                    body[member] = value.into();
                }
            }
            show(&admin.post(&all, Some(&body))?);
        }
        WebhookCommand::Limit { id, per_second } => {
            show(&admin.patch(&at(&id), &json!({ "max_per_second": per_second }))?);
        }
        WebhookCommand::Pause { id } => show(&admin.post(&format!("{}/pause", at(&id)), None)?),
        WebhookCommand::Resume { id } => show(&admin.post(&format!("{}/resume", at(&id)), None)?),
        WebhookCommand::Delete { id } => show(&admin.delete(&at(&id))?),
        WebhookCommand::RotateSecret { id, overlap } => {
            let body = overlap.map_or(json!({}), |overlap| json!({ "overlap_seconds": overlap.as_secs() }));
            show(&admin.post(&format!("{}/secret", at(&id)), Some(&body))?);
        }
        WebhookCommand::Test { id } => show(&admin.post(&format!("{}/test", at(&id)), None)?),
        WebhookCommand::Deliveries { id, state } => {
            let query = state.map(|state| format!("?state={}", encode(&state))).unwrap_or_default();
            let found = admin.get(&format!("{}/deliveries{query}", at(&id)))?;
            let columns = ["message_id", "event", "state", "attempts", "last_status", "next_at"];
            table(&items(&found), &columns);
        }
        WebhookCommand::Resend { id, message } => {
            show(&admin.post(&format!("{}/deliveries/{}/resend", at(&id), encode(&message)), None)?);
        }
        WebhookCommand::Recover { id, since } => {
            show(&admin.post(&format!("{}/recover", at(&id)), Some(&json!({ "since": since })))?);
        }
    }
    Ok(())
}

fn items(found: &Value) -> Vec<Value> {
    found["items"].as_array().cloned().unwrap_or_default()
}
