//! The pages of webhooks: the list, one endpoint, one delivery, and a secret.

mod delivery;
mod endpoint;
mod list;
mod secret;

pub use delivery::{WebhookAttempt, WebhookDelivery};
pub use endpoint::{WebhookEndpoint, WebhookKey, WebhookLogEntry};
pub use list::{WebhookForm, WebhookFormProblem, WebhookRow, Webhooks};
pub use secret::{WebhookSecretPage, WebhookSecretReason};

use super::panel::{Tab, webhook_tabs};
use crate::{Frame, PanelPlace};

/// Where a page of webhooks belongs: to a client's page, or to the tenant itself.
#[derive(Clone)]
pub struct WebhookPlace {
    /// The client's name, or the tenant's.
    pub name: String,
    /// Where one comes from: a path without the base.
    pub back: String,
    /// Where the list is: a path without the base.
    pub list: String,
    /// The tenant, for operators: its other pages are in reach from here.
    pub panel: Option<PanelPlace>,
}

impl WebhookPlace {
    fn tabs(&self, frame: &Frame) -> Vec<Tab> {
        self.panel.as_ref().map(|panel| webhook_tabs(panel, frame)).unwrap_or_default()
    }
}

/// Whether an endpoint is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookStateName {
    /// It is.
    Active,
    /// Somebody stopped it.
    Paused,
    /// It answered 410.
    Gone,
    /// It gave no good answer for days.
    Failing,
}

/// How an endpoint does.
#[derive(Debug, Clone, Default)]
pub struct WebhookHealthLine {
    /// Deliveries that wait.
    pub pending: u64,
    /// The last good answer.
    pub last_success: Option<chrono::DateTime<chrono::Utc>>,
    /// The first failure since.
    pub failing_since: Option<chrono::DateTime<chrono::Utc>>,
    /// While it is not called: when it is tried next.
    pub next_probe: Option<chrono::DateTime<chrono::Utc>>,
}

/// How far a delivery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryStateName {
    /// It waits.
    Pending,
    /// It arrived.
    Delivered,
    /// No attempt is left.
    Failed,
}

/// What was done a moment ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookNotice {
    /// Settings were saved.
    Saved,
    /// It is called no more.
    Paused,
    /// It is called again.
    Resumed,
    /// A test event was sent.
    Tested,
    /// A delivery goes out again.
    Resent,
    /// What did not arrive goes out again.
    Recovered,
    /// The state does not allow it.
    NotPossible,
}

impl WebhookStateName {
    /// The word in the page, for tests and styles.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Gone | Self::Failing => "disabled",
        }
    }

    const fn badge(self) -> &'static str {
        match self {
            Self::Active => "approved",
            Self::Paused => "pending",
            Self::Gone | Self::Failing => "rejected",
        }
    }

    fn label(self, frame: &Frame) -> &'static str {
        let t = frame.texts().webhooks;
        match self {
            Self::Active => t.active,
            Self::Paused => t.paused,
            Self::Gone | Self::Failing => t.disabled,
        }
    }

    fn means(self, frame: &Frame) -> &'static str {
        let t = frame.texts().webhooks;
        match self {
            Self::Active => t.active_means,
            Self::Paused => t.paused_means,
            Self::Gone => t.disabled_gone,
            Self::Failing => t.disabled_failing,
        }
    }
}

impl DeliveryStateName {
    /// Every state, for choosing.
    pub const ALL: [Self; 3] = [Self::Pending, Self::Delivered, Self::Failed];

    /// The word in the page and in its query.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }

    const fn badge(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "approved",
            Self::Failed => "rejected",
        }
    }

    fn label(self, frame: &Frame) -> &'static str {
        let t = frame.texts().webhooks;
        match self {
            Self::Pending => t.state_pending,
            Self::Delivered => t.state_delivered,
            Self::Failed => t.state_failed,
        }
    }
}

impl WebhookNotice {
    const fn is_good(self) -> bool {
        !matches!(self, Self::NotPossible)
    }

    fn text(self, frame: &Frame) -> &'static str {
        let t = frame.texts().webhooks;
        match self {
            Self::Saved => t.done_saved,
            Self::Paused => t.done_paused,
            Self::Resumed => t.done_resumed,
            Self::Tested => t.done_tested,
            Self::Resent => t.done_resent,
            Self::Recovered => t.done_recovered,
            Self::NotPossible => t.not_possible,
        }
    }
}

/// What an event means; nothing for one that has no sentence yet.
fn event_text(frame: &Frame, event: &str) -> &'static str {
    let t = frame.texts().webhooks;
    match event {
        "oauth.authorization.created" => t.ev_created,
        "oauth.authorization.opened" => t.ev_opened,
        "oauth.authorization.revoked" => t.ev_revoked,
        "oauth.authorization.expired" => t.ev_expired,
        "oauth.authorization.reuse_detected" => t.ev_reuse,
        "oauth.client.approved" => t.ev_client_approved,
        "oauth.client.rejected" => t.ev_client_rejected,
        "oauth.client.suspended" => t.ev_client_suspended,
        "oauth.client.restored" => t.ev_client_restored,
        "identity.user.locked" => t.ev_user_locked,
        "identity.user.unlocked" => t.ev_user_unlocked,
        "identity.user.deactivated" => t.ev_user_deactivated,
        "identity.user.erased" => t.ev_user_erased,
        _ => "",
    }
}
