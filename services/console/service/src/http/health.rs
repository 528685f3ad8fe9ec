//! Whether the process is up, whether the platform can do its work, and its metrics. Without a
//! token: the listener is for machines of the operator alone, and nothing here is a secret.

use std::sync::Arc;

use grantor_web::{AdminRoute, Answer, PathSpec, admin_handler};
use serde_json::json;

use super::GET;
use crate::Console;

pub(super) fn routes(console: &Arc<Console>) -> Vec<AdminRoute> {
    let route = |name, path, handler| AdminRoute { name, at: PathSpec::Fixed(path), methods: GET, handler };
    let health = admin_handler(|_| async { Answer::json(200, &json!({ "status": "up" })).no_store() });
    let asked = Arc::clone(console);
    let ready = admin_handler(move |_| ready(Arc::clone(&asked)));
    let asked = Arc::clone(console);
    let metrics = admin_handler(move |_| {
        let text = asked.metrics.render();
        async { Answer::bytes(200, "text/plain; version=0.0.4; charset=utf-8", text).no_store() }
    });
    vec![route("health", "/health", health), route("ready", "/ready", ready), route("metrics", "/metrics", metrics)]
}

async fn ready(console: Arc<Console>) -> Answer {
    let checks = (console.readiness)().await;
    let ready = checks.iter().all(|(_, well)| *well);
    let checks: Vec<_> = checks.into_iter().map(|(name, well)| json!({ "name": name, "ready": well })).collect();
    let status = if ready { "ready" } else { "not ready" };
    let answer = Answer::json(if ready { 200 } else { 503 }, &json!({ "status": status, "checks": checks })).no_store();
    if ready { answer } else { answer.header("retry-after", "1") }
}
