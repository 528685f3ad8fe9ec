//! One call: read, sign, send.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta};
use grantor_egress::{CallClient, OutboundAnswer, OutboundCall, OutboundError, OutboundTimes};
use grantor_eventsourcing::Timestamp;
use grantor_ids::{EventId, WebhookId};
use grantor_ports::{Clock, Drilled, Point, PortError};
use grantor_store::{Delivery, Message};
use grantor_telemetry::{set_parent, trace_parent};
use grantor_webhooks_domain::{Ended, Failure, body::Format, endpoint::Status, signature::sign};
use serde::{Deserialize, Serialize};
use tracing::Instrument;

use super::Callables;

/// Headers of answers that may hold a secret of the receiver's.
const HIDDEN: [&str; 5] = ["set-cookie", "authorization", "proxy-authorization", "www-authenticate", "x-api-key"];
const AGENT: &str = concat!("Grantor-Webhooks/", env!("CARGO_PKG_VERSION"));

/// Makes calls.
pub(crate) struct Sender {
    pub clock: Arc<dyn Clock>,
    pub callables: Callables,
    pub client: Arc<CallClient>,
    pub drill: Drilled,
}

/// A delivery whose turn is over.
pub(super) struct Finished {
    pub delivery: Delivery,
    pub what: What,
}

/// How.
pub(super) enum What {
    /// A call was made.
    Called(Box<Called>),
    /// The endpoint is not to be called now.
    Stopped,
    /// There is no such endpoint any more.
    Deleted,
    /// The message is gone.
    Expired,
    /// It could not be read what to send.
    NotNow,
}

/// A call that was made.
pub(super) struct Called {
    pub at: Timestamp,
    pub ended: Ended,
    pub times: OutboundTimes,
    pub details: Details,
}

/// What is kept of a call beside its columns.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Details {
    /// `dns`, `connect`, `tls`, `first_byte`, in milliseconds.
    pub timings: Vec<(String, u32)>,
    /// Of the answer.
    pub headers: Vec<(String, String)>,
    /// The beginning of the answer's body.
    pub response: String,
}

impl Sender {
    /// Makes a delivery of this message, once.
    pub(super) async fn send(&self, delivery: Delivery, message: &Message) -> Finished {
        let what = self.call(&delivery, message).await.unwrap_or_else(|cause| {
            tracing::warn!(%cause, "a delivery cannot be read");
            What::NotNow
        });
        Finished { delivery, what }
    }

    async fn call(&self, delivery: &Delivery, message: &Message) -> Result<What, PortError> {
        let (tenant, endpoint) = (delivery.tenant, WebhookId::from_uuid(delivery.key.endpoint));
        let Some(callable) = self.callables.get(tenant, endpoint).await? else { return Ok(What::Deleted) };
        let record = &callable.record;
        if record.status != Status::Active {
            return Ok(What::Stopped);
        }
        let (at, id) = (self.clock.real(), EventId::from_uuid(delivery.key.message).to_string());
        let span = tracing::info_span!(
            "webhook.attempt", otel.kind = "client", webhook.id = %id, webhook.event = %delivery.event_type,
            webhook.attempt = delivery.attempts + 1, http.status = tracing::field::Empty
        );
        if let Some(trace) = &message.trace {
            set_parent(&span, trace);
        }
        let called = async {
            let keys = callable.keys(self.clock.now(tenant));
            let signature = sign(keys, record.settings.signing, &id, at.timestamp(), &message.body);
            let content = Format::of_word(&message.form).unwrap_or_default().content_type();
            let mut headers = vec![
                ("content-type", content.to_owned()),
                ("user-agent", AGENT.to_owned()),
                ("webhook-id", id),
                ("webhook-timestamp", at.timestamp().to_string()),
                ("webhook-signature", signature),
            ];
            headers.extend(trace_parent().map(|trace| ("traceparent", trace)));
            let call = OutboundCall {
                owner: delivery.key.endpoint,
                url: record.settings.url.clone(),
                headers: headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
                body: message.body.clone(),
            };
            let (answer, times) = self.client.call(&call).await;
            tracing::Span::current().record("http.status", answer.as_ref().map_or(0, |answer| answer.status));
            (answer, times)
        };
        let (answer, times) = called.instrument(span).await;
        self.drill.reached(Point::Answered).await;
        let (ended, details) = judge(answer, &times, self.clock.real());
        Ok(What::Called(Box::new(Called { at, ended, times, details })))
    }
}

fn judge(answer: Result<OutboundAnswer, OutboundError>, times: &OutboundTimes, now: Timestamp) -> (Ended, Details) {
    let steps = [("dns", times.dns), ("connect", times.connect), ("tls", times.tls), ("first_byte", times.first_byte)];
    let timings = steps.into_iter().filter_map(|(name, took)| Some((name.to_owned(), took?))).collect();
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => return (Ended::Failed(failure(error)), Details { timings, ..Details::default() }),
    };
    let wait = answer.headers.iter().find(|(name, _)| name == "retry-after");
    let ended =
        Ended::Answered { status: answer.status, retry_after: wait.and_then(|(_, text)| retry_after(text, now)) };
    let shown = |(name, value): (String, String)| {
        let value = if HIDDEN.contains(&name.as_str()) { "…".to_owned() } else { value };
        (name, value)
    };
    let headers = answer.headers.into_iter().map(shown).collect();
    (ended, Details { timings, headers, response: String::from_utf8_lossy(&answer.body).into_owned() })
}

fn failure(error: OutboundError) -> Failure {
    match error {
        OutboundError::Address => Failure::Address,
        OutboundError::Dns => Failure::Dns,
        OutboundError::Blocked => Failure::Blocked,
        OutboundError::Connect => Failure::Connect,
        OutboundError::Tls => Failure::Tls,
        OutboundError::Timeout => Failure::Timeout,
        OutboundError::Broken => Failure::Broken,
    }
}

/// Seconds, or a date (RFC 9110 10.2.3).
fn retry_after(text: &str, now: Timestamp) -> Option<TimeDelta> {
    if let Ok(seconds) = text.trim().parse::<u32>() {
        return Some(TimeDelta::seconds(seconds.into()));
    }
    let at = DateTime::parse_from_rfc2822(text.trim()).ok()?;
    Some((at.to_utc() - now).max(TimeDelta::zero()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_a_number_or_a_date() {
        let now = DateTime::from_timestamp(1_445_412_450, 0).expect("an instant");
        assert_eq!(retry_after("120", now), Some(TimeDelta::seconds(120)));
        assert_eq!(retry_after("Wed, 21 Oct 2015 07:28:00 GMT", now), Some(TimeDelta::seconds(30)));
        assert_eq!(retry_after("Wed, 21 Oct 2009 07:28:00 GMT", now), None.or(retry_after("0", now)));
        assert_eq!(retry_after("soon", now), None);
    }

    #[test]
    fn secrets_of_the_receiver_are_not_kept() {
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let answer = OutboundAnswer {
            status: 302,
            headers: vec![header("set-cookie", "sid=secret"), header("location", "https://elsewhere.example")],
            body: b"moved".to_vec(),
        };
        let times = OutboundTimes { connect: Some(3), first_byte: Some(9), total: 12, ..OutboundTimes::default() };
        let (_, details) = judge(Ok(answer), &times, DateTime::UNIX_EPOCH);
        let text = serde_json::to_string(&details).expect("JSON");
        assert!(!text.contains("secret") && text.contains("elsewhere") && text.contains("moved"), "{text}");
        assert_eq!(details.timings, [("connect".to_owned(), 3), ("first_byte".to_owned(), 9)]);
    }
}
