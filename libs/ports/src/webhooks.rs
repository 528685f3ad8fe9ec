//! Webhooks: where partners are told what happened, and what became of the telling.

use async_trait::async_trait;
use grantor_eventsourcing::{Meta, Timestamp, Version};
use grantor_ids::{TenantId, WebhookId};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::{AdminError, HistoryEntry, PageOf, PortError, wire};

/// How the body of a call is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WebhookFormat {
    /// As the tenant's profile says (knob 44); `id`, `type`, `timestamp`, `data` where it says nothing.
    #[default]
    Tenant,
    /// `id`, `type`, `timestamp`, `data` (Standard Webhooks).
    Standard,
    /// A CloudEvents 1.0 event in structured mode.
    CloudEvents,
}

impl WebhookFormat {
    /// Every format, for choosing.
    pub const ALL: [Self; 3] = [Self::Tenant, Self::Standard, Self::CloudEvents];

    /// The word of documents and forms.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::Standard => "standard",
            Self::CloudEvents => "cloud_events",
        }
    }
}

/// Which signatures of Standard Webhooks a call carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WebhookSigning {
    /// `v1`: HMAC-SHA-256 with a secret that both sides know.
    #[default]
    V1,
    /// `v1a`: Ed25519; the receiver needs the public key only.
    V1a,
    /// Both, `v1` first.
    Both,
}

impl WebhookSigning {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::V1, Self::V1a, Self::Both];

    /// The word of documents and forms.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V1a => "v1a",
            Self::Both => "both",
        }
    }
}

/// Whether an endpoint is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WebhookState {
    /// It is.
    Active,
    /// Somebody stopped it; what happens meanwhile waits.
    Paused,
    /// It answered 410, or nothing good for days; somebody has to resume it.
    Disabled,
}

impl WebhookState {
    /// The word of documents.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Disabled => "disabled",
        }
    }
}

/// An endpoint to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewWebhook {
    /// The client whose events it hears, by its id on the wire; `None`: the whole tenant's.
    #[serde(default)]
    pub client_id: Option<String>,
    /// Where it is.
    pub url: String,
    /// For people.
    #[serde(default)]
    pub description: String,
    /// Names of events.
    pub events: Vec<String>,
    /// How bodies are written.
    #[serde(default)]
    pub format: WebhookFormat,
    /// Which signatures calls carry.
    #[serde(default)]
    pub signing: WebhookSigning,
    /// Calls per second, at most; 0 for no limit.
    #[serde(default)]
    pub max_per_second: u32,
}

/// A change of an endpoint; absent members stay.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebhookChange {
    /// Where it is.
    pub url: Option<String>,
    /// For people.
    pub description: Option<String>,
    /// Names of events.
    pub events: Option<Vec<String>>,
    /// How bodies are written.
    pub format: Option<WebhookFormat>,
    /// Which signatures calls carry.
    pub signing: Option<WebhookSigning>,
    /// Calls per second, at most; 0 for no limit.
    pub max_per_second: Option<u32>,
}

/// What can be done with an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WebhookCommand {
    /// Stop calling it.
    Pause,
    /// Go on, also after it was disabled.
    Resume,
    /// Take it away for ever.
    Delete,
}

/// A signing key of an endpoint, without what is secret of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookKeyView {
    /// Names it in lists; random, says nothing of it.
    pub id: String,
    /// Of `v1a`: `whpk_` and base64 of the 32 bytes of an Ed25519 public key (RFC 8032).
    pub public_key: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// After this it signs no more; `None` while it is the newest.
    pub expires_at: Option<Timestamp>,
}

/// An endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookView {
    /// Its id.
    pub id: WebhookId,
    /// The client whose events it hears; `None`: the whole tenant's.
    pub client_id: Option<String>,
    /// Where it is.
    pub url: String,
    /// For people.
    pub description: String,
    /// Names of events.
    pub events: Vec<String>,
    /// How bodies are written.
    pub format: WebhookFormat,
    /// Which signatures calls carry.
    pub signing: WebhookSigning,
    /// Calls per second, at most; 0 for no limit.
    #[serde(default)]
    pub max_per_second: u32,
    /// Whether it is called.
    pub state: WebhookState,
    /// Why it is disabled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Keys that sign, newest first; at most four.
    pub keys: Vec<WebhookKeyView>,
    /// Since when it is there.
    pub created_at: Timestamp,
    /// Version of the stream this view shows.
    pub version: Version,
}

/// A signing key as its receiver needs it. Shown once, or when somebody asks for it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WebhookSecret {
    /// Its id.
    pub id: String,
    /// For `v1`: `whsec_` and base64 of 32 bytes.
    #[serde(serialize_with = "wire::secret")]
    pub secret: SecretString,
    /// For `v1a`: `whpk_` and base64 of 32 bytes.
    pub public_key: String,
}

/// Endpoints, seen and commanded.
#[async_trait]
pub trait Webhooks: Send + Sync + 'static {
    /// The events that the tenant's endpoints can ask for, by name; none where its profile has no webhooks.
    async fn webhook_events(&self, tenant: TenantId) -> Result<Vec<String>, PortError>;
    /// The endpoints of a client, or all of a tenant; newest first.
    async fn webhooks(&self, tenant: TenantId, client_id: Option<&str>) -> Result<Vec<WebhookView>, PortError>;
    /// One endpoint.
    async fn webhook(&self, tenant: TenantId, id: WebhookId) -> Result<Option<WebhookView>, PortError>;
    /// What happened to an endpoint, newest first: the newest 200. Nothing of what was sent to it.
    async fn webhook_history(&self, tenant: TenantId, id: WebhookId) -> Result<Vec<HistoryEntry>, PortError>;
    /// Makes one, with its first key.
    async fn create_webhook(
        &self,
        tenant: TenantId,
        webhook: NewWebhook,
        meta: &Meta,
    ) -> Result<(WebhookView, WebhookSecret), AdminError>;
    /// Changes one.
    async fn change_webhook(
        &self,
        tenant: TenantId,
        id: WebhookId,
        change: WebhookChange,
        meta: &Meta,
    ) -> Result<WebhookView, AdminError>;
    /// Pauses, resumes or deletes one; the view is the last one.
    async fn command_webhook(
        &self,
        tenant: TenantId,
        id: WebhookId,
        command: WebhookCommand,
        meta: &Meta,
    ) -> Result<WebhookView, AdminError>;
    /// Brings a new key in. The ones before sign on for so many seconds, 0 to seven days; a day when absent.
    async fn rotate_webhook_secret(
        &self,
        tenant: TenantId,
        id: WebhookId,
        overlap_seconds: Option<u64>,
        meta: &Meta,
    ) -> Result<WebhookSecret, AdminError>;
    /// Shows the newest key once more; that it was shown is an event.
    async fn reveal_webhook_secret(
        &self,
        tenant: TenantId,
        id: WebhookId,
        meta: &Meta,
    ) -> Result<WebhookSecret, AdminError>;
}

/// How an endpoint does.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct WebhookHealth {
    /// Deliveries that are still to be made.
    pub pending: u64,
    /// The last call that was answered with a success.
    pub last_success_at: Option<Timestamp>,
    /// The first failure since then.
    pub failing_since: Option<Timestamp>,
    /// While it is not called because it failed too often: when it is tried next.
    pub next_probe_at: Option<Timestamp>,
}

/// An endpoint that is not called because it failed too often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailingWebhook {
    /// Whose.
    pub tenant: TenantId,
    /// Which.
    pub id: WebhookId,
    /// Where it is.
    pub url: String,
    /// How it does.
    pub health: WebhookHealth,
}

/// How far the delivery of one event to one endpoint is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It waits for its first or next attempt.
    Pending,
    /// It arrived.
    Delivered,
    /// No attempt is left.
    Failed,
}

impl DeliveryState {
    /// The word of documents.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }
}

/// The delivery of one event to one endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryView {
    /// The event's id on the wire, `webhook-id`.
    pub message_id: String,
    /// The event's name.
    pub event: String,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// How far it is.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next.
    pub next_at: Option<Timestamp>,
    /// Status of the last answer; `None` when there was none.
    pub last_status: Option<u16>,
    /// What was wrong with the last attempt.
    pub last_error: Option<String>,
}

/// One attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptView {
    /// Which, from 1.
    pub number: u32,
    /// Why: `schedule`, `probe`, `resend`, `recover` or `test`.
    pub trigger: String,
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took, in milliseconds.
    pub duration_ms: u32,
    /// The parts of that, in milliseconds, in order: `dns`, `connect`, `tls`, `first_byte`.
    pub timings: Vec<(String, u32)>,
    /// Status of the answer; `None` when there was none.
    pub status: Option<u16>,
    /// What was wrong, as a word: `timeout`, `refused`, `tls`, `redirect`, `blocked`, …
    pub error: Option<String>,
    /// The beginning of the answer's body, as text.
    pub response: String,
}

/// A delivery with all that is known of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryDetail {
    /// Itself.
    pub delivery: DeliveryView,
    /// The body, as it was and will be sent.
    pub body: String,
    /// Oldest first.
    pub attempts: Vec<AttemptView>,
}

/// What was delivered to endpoints, and what is to be.
#[async_trait]
pub trait WebhookDeliveries: Send + Sync + 'static {
    /// How an endpoint does.
    async fn webhook_health(&self, tenant: TenantId, id: WebhookId) -> Result<WebhookHealth, PortError>;
    /// Endpoints of all tenants that are left alone because they failed too often, the longest first; at
    /// most so many, 1 to 200.
    async fn failing_webhooks(&self, limit: u32) -> Result<Vec<FailingWebhook>, PortError>;
    /// Sends an event of type `webhook.test` to this endpoint; answers its id.
    async fn test_webhook(&self, tenant: TenantId, id: WebhookId, meta: &Meta) -> Result<String, AdminError>;
    /// An endpoint's deliveries, newest first: all, or those in one state. `after` is a page's `next`;
    /// `limit` is 1 to 200.
    async fn webhook_deliveries(
        &self,
        tenant: TenantId,
        id: WebhookId,
        state: Option<DeliveryState>,
        page: crate::Page,
    ) -> Result<PageOf<DeliveryView>, PortError>;
    /// One of them.
    async fn webhook_delivery(
        &self,
        tenant: TenantId,
        id: WebhookId,
        message_id: &str,
    ) -> Result<Option<DeliveryDetail>, PortError>;
    /// Sends one again, now, whatever became of it before: with the same id and the same body.
    async fn resend_webhook(
        &self,
        tenant: TenantId,
        id: WebhookId,
        message_id: &str,
        meta: &Meta,
    ) -> Result<(), AdminError>;
    /// Sends again what happened in this time and did not arrive; answers how many deliveries that is at
    /// least. They go out by and by.
    async fn recover_webhook(
        &self,
        tenant: TenantId,
        id: WebhookId,
        since: Timestamp,
        until: Timestamp,
        meta: &Meta,
    ) -> Result<u64, AdminError>;
}
