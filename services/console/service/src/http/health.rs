//! Whether the process is up, whether the platform can do its work, and its metrics. Without a
//! token: the listener is for machines of the operator alone, and nothing here is a secret.

use std::sync::Arc;

use grantor_telemetry::Metrics;
use grantor_web::{AdminRoute, Answer, PathSpec, admin_handler};
use serde_json::json;

use super::GET;
use grantor_ports::{Check, Health};

/// What every process answers on its admin listener, whatever it runs.
pub fn health(metrics: &Metrics, own: &Arc<dyn Health>) -> Vec<AdminRoute> {
    let route = |name, path, handler| AdminRoute { name, at: PathSpec::Fixed(path), methods: GET, handler };
    let health = admin_handler(|_| async { Answer::json(200, &json!({ "status": "up" })).no_store() });
    let asked = Arc::clone(own);
    let ready = admin_handler(move |_| ready(Arc::clone(&asked)));
    let asked = metrics.clone();
    let metrics = admin_handler(move |_| {
        let text = asked.render();
        async { Answer::bytes(200, "text/plain; version=0.0.4; charset=utf-8", text).no_store() }
    });
    vec![route("health", "/health", health), route("ready", "/ready", ready), route("metrics", "/metrics", metrics)]
}

async fn ready(own: Arc<dyn Health>) -> Answer {
    let Ok(checks) = own.checks().await else { return Answer::json(503, &json!({ "status": "not ready" })).no_store() };
    let ready = checks.iter().all(|check| check.ready);
    let told = |Check { name, ready, aside, note }| {
        let mut told = json!({ "name": name, "ready": ready });
        if aside > 0 {
            told["set_aside"] = json!(aside);
        }
        if let Some(note) = note {
            told["note"] = json!(note);
        }
        told
    };
    let checks: Vec<_> = checks.into_iter().map(told).collect();
    let status = if ready { "ready" } else { "not ready" };
    let answer = Answer::json(if ready { 200 } else { 503 }, &json!({ "status": status, "checks": checks })).no_store();
    if ready { answer } else { answer.header("retry-after", "1") }
}
