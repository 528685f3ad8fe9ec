use std::collections::BTreeSet;

use futures_util::{StreamExt, stream};
use grantor_eventsourcing::Timestamp;
use grantor_ids::TenantId;
use grantor_ports::{Clock, SystemClock};
use grantor_testkit::{Received, Receiver};
use grantor_webhooks_domain::{
    Audience, EVENT_TYPES,
    signature::{Call, Verifier, verify},
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{Arrival, Due, Partner, Whose};

/// One more than a page of a recovery would do as well: a whole one asks for another.
const RECOVERED: usize = 200;
/// Asked for at once.
const ASKED_AT_ONCE: usize = 8;
const TEST: &str = "webhook.test";

/// Endpoints of the strict tenant and of its client on a receiver that takes every call, and all that
/// has arrived there.
pub struct Hooks {
    receiver: Receiver,
    tenant: TenantId,
    endpoints: Vec<Endpoint>,
    arrived: Vec<Arrival>,
    tests: Vec<Due>,
    recovery: Option<Value>,
}

/// An endpoint, and what its owner was shown.
struct Endpoint {
    whose: Whose,
    path: String,
    /// Each has to fit by itself.
    keys: Vec<Verifier>,
    created_at: Timestamp,
}

impl Hooks {
    /// The client's hears of grants and wants the secret's signatures; the tenant's own hears of clients
    /// and people, in the other form, and wants both kinds.
    ///
    /// # Panics
    /// When they cannot be made.
    pub(crate) async fn made_by(partner: &Partner) -> Self {
        let path = format!("/admin/v1/tenants/{}", partner.slug);
        let (status, tenant) = partner.admin("GET", &path, None).await.expect("an answer");
        let id = tenant["id"].as_str().and_then(|id| id.parse().ok());
        let tenant = id.unwrap_or_else(|| panic!("{status}: {tenant}"));
        let receiver = Receiver::start().await;
        let mut endpoints = Vec::new();
        for whose in Whose::ALL {
            endpoints.push(Endpoint::made_by(partner, whose, &receiver.url).await);
        }
        Self { receiver, tenant, endpoints, arrived: Vec::new(), tests: Vec::new(), recovery: None }
    }

    /// Whose events they hear.
    pub(crate) const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Whether this is told to whom, if it happened then.
    pub(crate) fn hears(&self, event: &str, at_ms: i64) -> Option<Whose> {
        let hears = |endpoint: &&Endpoint| {
            endpoint.whose.events().any(|name| name == event) && endpoint.created_at.timestamp_millis() <= at_ms
        };
        self.endpoints.iter().find(hears).map(|endpoint| endpoint.whose)
    }

    /// Test events that were asked for.
    pub(crate) fn tests(&self) -> &[Due] {
        &self.tests
    }

    /// Everything that has arrived so far.
    ///
    /// # Panics
    /// When something came that is no event.
    pub(crate) async fn arrived(&mut self) -> &[Arrival] {
        while self.receiver.has_more() {
            let call = self.receiver.call().await;
            self.arrived.push(self.read(&call));
        }
        &self.arrived
    }

    /// Paths of the endpoints in the admin API.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.endpoints.iter().map(|endpoint| endpoint.path.clone()).collect()
    }

    /// A time with so many events to the client's endpoint that to recover it is a task.
    pub(crate) const fn recovery(&self) -> Option<&Value> {
        self.recovery.as_ref()
    }

    /// Asks for so many test events.
    pub(crate) async fn test(&mut self, partner: &Partner) {
        let path = format!("{}/test", self.endpoints[0].path);
        let since = now();
        let ask = |_| async {
            let (status, answer) = partner.admin("POST", &path, None).await.expect("an answer");
            answer["message_id"].as_str().unwrap_or_else(|| panic!("{status}: {answer}")).to_owned()
        };
        let asked: Vec<String> = stream::iter(0..RECOVERED).map(ask).buffer_unordered(ASKED_AT_ONCE).collect().await;
        let due = |id| Due { to: self.endpoints[0].whose, id, event: TEST.to_owned() };
        self.tests.extend(asked.into_iter().map(due));
        self.recovery = Some(json!({ "since": since, "until": now() }));
    }

    fn read(&self, call: &Received) -> Arrival {
        let to = if call.head.starts_with(&format!("POST {} ", Whose::Client.path())) {
            Whose::Client
        } else {
            Whose::Tenant
        };
        let body = call.json();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let id = call.header("webhook-id").to_owned();
        let signed = self.endpoints.iter().find(|endpoint| endpoint.whose == to).is_some_and(|endpoint| {
            let (timestamp, signature) = (call.header("webhook-timestamp"), call.header("webhook-signature"));
            let signed = Call { id: &id, timestamp, signature, body: call.body.as_bytes() };
            let fits = |key| verify(std::slice::from_ref(key), signed, call.at.timestamp()).is_ok();
            body["id"] == id.as_str() && endpoint.keys.iter().all(fits)
        });
        let member = ["client_id", "user_id"].into_iter().find(|name| body["data"][name].is_string());
        Arrival {
            to,
            event: text(&body["type"]),
            about: member.map(|name| text(&body["data"][name])).unwrap_or_default(),
            trace: call.header("traceparent").split('-').nth(1).unwrap_or_default().to_owned(),
            body: Uuid::new_v5(&Uuid::NAMESPACE_OID, call.body.as_bytes()),
            signed,
            id,
        }
    }
}

impl Endpoint {
    async fn made_by(partner: &Partner, whose: Whose, receiver: &str) -> Self {
        let all = format!("/admin/v1/tenants/{}/webhooks", partner.slug);
        let url = receiver.replace("/hook", whose.path());
        let mut wanted = json!({ "url": url, "events": whose.events().collect::<BTreeSet<_>>() });
        match whose {
            Whose::Client => wanted["client_id"] = json!(partner.client_id),
            Whose::Tenant => (wanted["format"], wanted["signing"]) = (json!("cloud_events"), json!("both")),
        }
        let (status, made) = partner.admin("POST", &all, Some(&wanted)).await.expect("an answer");
        let text = |pointer: &str| {
            made.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{status}, no {pointer}: {made}"))
        };
        let keys: &[&str] = match whose {
            Whose::Client => &["/secret/secret"],
            Whose::Tenant => &["/secret/secret", "/secret/public_key"],
        };
        Self {
            whose,
            path: format!("{all}/{}", text("/webhook/id")),
            keys: keys.iter().map(|key| Verifier::parse(text(key)).expect("a key")).collect(),
            created_at: text("/webhook/created_at").parse().expect("an instant"),
        }
    }
}

impl Whose {
    const ALL: [Self; 2] = [Self::Client, Self::Tenant];

    const fn path(self) -> &'static str {
        match self {
            Self::Client => "/of-the-client",
            Self::Tenant => "/of-the-tenant",
        }
    }

    /// What it hears: each kind of event goes to one of them.
    fn events(self) -> impl Iterator<Item = &'static str> {
        let its = move |audience| (audience == Audience::Grant) == (self == Self::Client);
        EVENT_TYPES.iter().filter(move |known| its(known.audience)).map(|known| known.name)
    }
}

fn now() -> Timestamp {
    SystemClock.real()
}
