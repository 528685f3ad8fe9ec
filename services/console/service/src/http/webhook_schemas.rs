//! The records of webhooks, as the OpenAPI document describes them.

use serde_json::{Value, json};

use super::schemas::{list, maybe, of, record, text, texts, time, words};

pub(super) fn schemas() -> Value {
    let formats = words(&["tenant", "standard", "cloud_events"]);
    let signings = words(&["v1", "v1a", "both"]);
    let key = record(
        &["id", "public_key", "created_at", "expires_at"],
        json!({
            "id": text(), "public_key": text(), "created_at": time(),
            "expires_at": { "type": ["string", "null"], "format": "date-time" }
        }),
    );
    let settings = json!({
        "url": text(), "description": text(), "events": texts(), "format": formats, "signing": signings,
        "max_per_second": {
            "type": "integer", "minimum": 0, "maximum": 10_000,
            "description": "Calls per second, at most; 0 for no limit. The deployment's configuration may allow less."
        }
    });
    let mut new = settings.clone();
    new["client_id"] = text();
    let mut webhook = settings.clone();
    webhook["id"] = text();
    webhook["client_id"] = maybe();
    webhook["state"] = words(&["active", "paused", "disabled"]);
    webhook["reason"] = text();
    webhook["keys"] = json!({ "type": "array", "items": key });
    webhook["created_at"] = time();
    webhook["version"] = json!({ "type": "integer" });
    webhook["health"] = json!({ "type": ["object", "null"] });
    json!({
        "Webhook": record(&["id", "client_id", "url", "events", "state", "keys", "created_at", "version"], webhook),
        "WebhookList": list("Webhook"),
        "NewWebhook": record(&["url", "events"], new),
        "WebhookChange": record(&[], settings),
        "WebhookSecret": record(&["id", "secret", "public_key"], json!({
            "id": text(), "secret": text(), "public_key": text()
        })),
        "WebhookWithSecret": record(&["webhook", "secret"], json!({
            "webhook": of("Webhook"), "secret": of("WebhookSecret")
        })),
        "WebhookMessage": record(&["message_id"], json!({ "message_id": text() })),
        "Delivery": delivery(),
        "DeliveryList": list("Delivery"),
        "DeliveryDetail": record(&["delivery", "body", "attempts"], json!({
            "delivery": of("Delivery"), "body": text(), "attempts": { "type": "array", "items": attempt() }
        })),
        "WebhookRecovery": record(&["since"], json!({ "since": time(), "until": time() })),
        "WebhookRecovered": record(&["deliveries"], json!({ "deliveries": { "type": "integer" } })),
        "WebhookRotation": record(&[], json!({
            "overlap_seconds": { "type": "integer", "minimum": 0, "maximum": 604_800 }
        }))
    })
}

fn delivery() -> Value {
    record(
        &["message_id", "event", "occurred_at", "state", "attempts", "next_at", "last_status", "last_error"],
        json!({
            "message_id": text(), "event": text(), "occurred_at": time(),
            "state": words(&["pending", "delivered", "failed"]), "attempts": { "type": "integer" },
            "next_at": { "type": ["string", "null"], "format": "date-time" },
            "last_status": { "type": ["integer", "null"] }, "last_error": maybe()
        }),
    )
}

fn attempt() -> Value {
    record(
        &["number", "trigger", "started_at", "duration_ms", "timings", "status", "error", "response"],
        json!({
            "number": { "type": "integer" }, "trigger": text(), "started_at": time(),
            "duration_ms": { "type": "integer" }, "timings": { "type": "array" },
            "status": { "type": ["integer", "null"] }, "error": maybe(), "response": text()
        }),
    )
}
