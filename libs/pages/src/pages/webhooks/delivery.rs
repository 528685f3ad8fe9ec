use askama::Template;
use chrono::{DateTime, Utc};

use super::{DeliveryStateName, WebhookNotice, WebhookPlace};
use crate::Frame;

/// The delivery of one event to one endpoint. Posts `csrf` and `resend`.
#[derive(Clone, Template)]
#[template(path = "webhook_delivery.html")]
pub struct WebhookDelivery {
    /// What every page shares.
    pub frame: Frame,
    /// Binds the form to the session (C25).
    pub csrf: String,
    /// Where it belongs.
    pub place: WebhookPlace,
    /// The endpoint's page: a path without the base.
    pub endpoint_path: String,
    /// The endpoint's address.
    pub url: String,
    /// Where the form posts to: a path without the base.
    pub action: String,
    /// `webhook-id`.
    pub message_id: String,
    /// The event's name.
    pub event: String,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// How far it is.
    pub state: DeliveryStateName,
    /// When it is tried next.
    pub next_at: Option<DateTime<Utc>>,
    /// As it was sent.
    pub body: String,
    /// Newest first.
    pub attempts: Vec<WebhookAttempt>,
    /// Whether the reader may send it again.
    pub may_manage: bool,
    /// What was done a moment ago.
    pub notice: Option<WebhookNotice>,
}

/// One attempt.
#[derive(Clone)]
pub struct WebhookAttempt {
    /// Which, from 1.
    pub number: u32,
    /// Why: `schedule`, `probe`, `resend`, `recover` or `test`.
    pub trigger: String,
    /// When it began.
    pub at: DateTime<Utc>,
    /// How long it took, in milliseconds.
    pub duration_ms: u32,
    /// The parts of that: name and milliseconds.
    pub timings: Vec<(String, u32)>,
    /// Of the answer.
    pub status: Option<u16>,
    /// What was wrong, as a word.
    pub error: Option<String>,
    /// The beginning of the answer's body.
    pub response: String,
}

impl WebhookAttempt {
    fn is_good(&self) -> bool {
        self.error.is_none() && self.status.is_some_and(|status| (200..300).contains(&status))
    }

    fn why(&self, frame: &Frame) -> &str {
        let t = frame.texts().webhooks;
        match self.trigger.as_str() {
            "schedule" => t.trigger_schedule,
            "probe" => t.trigger_probe,
            "resend" => t.trigger_resend,
            "recover" => t.trigger_recover,
            "test" => t.trigger_test,
            other => other,
        }
    }
}
