//! What calls came to, written in one commit.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use grantor_contracts::{Message, webhooks::v1::DeliveryExhausted};
use grantor_eventsourcing::{Actor, AggregateType, Encoded, Meta, Position, Timestamp};
use grantor_ids::{EventId, TenantId, WebhookId};
use grantor_ports::{Entropy, EntropyExt};
use grantor_store::{
    Attempted, CursorMove, Delivered, Delivery, DeliveryChange, Leader, ListChange, NewEvent, NewFact, RowChange, Write,
};
use grantor_webhooks_domain::{Ended, Failure, Health, Lane, Sign, Urgency, Verdict, retry_in};

use super::{EVERYWHERE, LEFT_ALONE, sender::Called};
use crate::endpoints::row_of;

/// Fact: no attempt is left for a delivery.
pub(crate) const EXHAUSTED: &str = "webhook.delivery.exhausted";
/// A message that is sent once, to see what happens.
pub(crate) const TEST: &str = "test";

/// The results of some calls, to be written together.
#[derive(Default)]
pub(super) struct Results {
    deliveries: Vec<DeliveryChange>,
    facts: Vec<NewFact>,
    healths: BTreeMap<(TenantId, WebhookId), Health>,
    /// Endpoints that are left alone from now on, since when they fail; those that are called again.
    left_alone: BTreeMap<(TenantId, WebhookId), Option<Timestamp>>,
    /// Endpoints that are not to be called any more, and why.
    pub disable: Vec<(TenantId, WebhookId, &'static str)>,
}

/// How a delivery stands after its turn.
pub(super) struct Outcome {
    /// How its endpoint does.
    pub health: Health,
    /// When it is to be made again.
    pub due: Option<Timestamp>,
    /// What was wrong, or `delivered`.
    pub result: &'static str,
}

impl Results {
    pub fn is_empty(&self) -> bool {
        self.deliveries.is_empty()
    }

    /// One write, which counts only while this lead lasts.
    pub fn write(&self, leader: Leader) -> Write {
        // Nobody may know here that an endpoint was deleted a moment ago: it leaves nothing behind all the same.
        let row = |((tenant, endpoint), health): (&(TenantId, WebhookId), &Health)| RowChange::Overwrite {
            key: row_of(*tenant, *endpoint),
            data: serde_json::to_vec(health).unwrap_or_default(),
        };
        let cursor = CursorMove {
            reader: leader.name,
            source: "deliveries".to_owned(),
            position: Position::START,
            leader: Some(leader),
        };
        Write {
            deliveries: self.deliveries.clone(),
            facts: self.facts.clone(),
            rows: self.healths.iter().map(row).collect(),
            lists: self.left_alone.iter().map(listed).collect(),
            cursor: Some(cursor),
            ..Write::default()
        }
    }

    /// A delivery that is not to be made at all.
    pub fn give_up(&mut self, delivery: &Delivery, error: &'static str) {
        self.deliveries.push(DeliveryChange::GiveUp { key: delivery.key, error });
    }

    /// An endpoint is not there any more.
    pub fn forget(&mut self, tenant: TenantId, endpoint: WebhookId) {
        self.left_alone.insert((tenant, endpoint), None);
    }

    /// Takes up what a call came to.
    pub fn called(
        &mut self,
        delivery: &Delivery,
        called: &Called,
        before: &Health,
        now: Timestamp,
        entropy: &dyn Entropy,
    ) -> Outcome {
        let (tenant, endpoint) = (delivery.tenant, WebhookId::from_uuid(delivery.key.endpoint));
        let verdict = called.ended.verdict();
        let timed_out = called.ended == Ended::Failed(Failure::Timeout);
        let was_closed = matches!(before.lane, Lane::Closed { .. });
        let opened = before.is_opened_by(&verdict);
        let health = before.clone().took(called.times.total, timed_out).after(delivery.key.message, &verdict, now);
        // What is sent to see whether an endpoint is back is no step of the delivery's own schedule.
        let counts = !(was_closed && verdict.sign == Sign::Ill);
        let tries = delivery.tries + u32::from(counts);
        let spread = u16::from_be_bytes(entropy.bytes());
        let (state, due) = next(delivery, &verdict, tries, counts, spread, &health, now);
        if state == Delivered::GivenUp && delivery.why != TEST {
            self.facts.push(exhausted(delivery, called, now, entropy));
        }
        let status = status(called);
        self.deliveries.push(DeliveryChange::Attempted(Box::new(Attempted {
            key: delivery.key,
            state,
            due_at: due.unwrap_or(now),
            tries,
            why: if was_closed { "probe".to_owned() } else { delivery.why.clone() },
            started_at: called.at,
            duration_ms: called.times.total,
            status,
            error: verdict.error,
            details: serde_json::to_vec(&called.details).unwrap_or_default(),
        })));
        let disabled = match verdict.sign {
            Sign::Gone => Some("gone"),
            _ if health.is_hopeless(now) => Some("failing"),
            _ => None,
        };
        // Whoever resumes it wants it to be called, whatever was.
        let health = if disabled.is_some() { health.resumed() } else { health };
        self.disable.extend(disabled.map(|why| (tenant, endpoint, why)));
        let is_closed = matches!(health.lane, Lane::Closed { .. });
        if is_closed != was_closed {
            let since = is_closed.then(|| health.failing_since.unwrap_or(now));
            self.left_alone.insert((tenant, endpoint), since);
        }
        // Of what is written already, only what changes is written again.
        if self.healths.contains_key(&(tenant, endpoint)) || health.is_news_after(before) {
            self.healths.insert((tenant, endpoint), health.clone());
        }
        Outcome { health, due: if opened { Some(now) } else { due }, result: verdict.error.unwrap_or("delivered") }
    }
}

/// The place of an endpoint in the list of those that are left alone.
fn listed(((tenant, endpoint), since): (&(TenantId, WebhookId), &Option<Timestamp>)) -> ListChange {
    let id = endpoint.to_string();
    match since {
        Some(since) => ListChange::Put {
            tenant: EVERYWHERE,
            list: LEFT_ALONE,
            owner: String::new(),
            sort: format!("{:020}", since.timestamp_millis()),
            id,
            version: 1,
            data: serde_json::to_vec(&(tenant, endpoint)).unwrap_or_default(),
        },
        None => ListChange::Remove { tenant: EVERYWHERE, list: LEFT_ALONE, id },
    }
}

/// How far a delivery is after a call, and when it is due again.
fn next(
    delivery: &Delivery,
    verdict: &Verdict,
    tries: u32,
    counts: bool,
    spread: u16,
    health: &Health,
    now: Timestamp,
) -> (Delivered, Option<Timestamp>) {
    if verdict.error.is_none() {
        return (Delivered::Arrived, None);
    }
    if delivery.why == TEST {
        return (Delivered::GivenUp, None);
    }
    if !counts || verdict.sign == Sign::Gone {
        return (Delivered::NotYet, Some(delivery.due_at.max(now)));
    }
    let urgency = if delivery.urgent { Urgency::Revocation } else { Urgency::Usual };
    match retry_in(urgency, tries, spread) {
        Some(wait) => (Delivered::NotYet, Some((now + wait).max(health.paused_until.unwrap_or(now)))),
        None => (Delivered::GivenUp, None),
    }
}

fn exhausted(delivery: &Delivery, called: &Called, now: Timestamp, entropy: &dyn Entropy) -> NewFact {
    let payload = DeliveryExhausted {
        message_id: delivery.key.message.as_bytes().to_vec(),
        event_type: delivery.event_type.clone(),
        attempts: delivery.attempts + 1,
        last_status: status(called).map_or(0, u32::from),
        at_ms: now.timestamp_millis(),
    };
    NewFact {
        tenant: delivery.tenant,
        kind: AggregateType::WebhookEndpoint,
        aggregate: delivery.key.endpoint,
        event: NewEvent {
            id: entropy.id::<EventId>(now),
            encoded: Encoded { event_type: EXHAUSTED, schema_version: 1, payload: payload.encode_to_vec().into() },
            occurred_at: now,
            meta: Meta::by(Actor::System),
        },
    }
}

fn status(called: &Called) -> Option<u16> {
    match called.ended {
        Ended::Answered { status, .. } => Some(status),
        Ended::Failed(_) => None,
    }
}

/// How long ago a first call should have begun, for the metric.
pub(super) fn waited(delivery: &Delivery, called: &Called) -> Option<TimeDelta> {
    (delivery.attempts == 0 && delivery.why == "schedule").then(|| called.at - delivery.created_at)
}

#[cfg(test)]
#[path = "result_tests.rs"]
mod tests;
