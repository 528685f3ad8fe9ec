use askama::Template;
use chrono::{DateTime, Utc};

use super::{PanelEvent, PanelPlace, PanelTenantKind, Section};
use crate::Frame;

/// One tenant. Posts `csrf` and one button: `suspend` with `sure`, `restore`, or `rotate` with `alg`.
#[derive(Clone, Template)]
#[template(path = "panel_tenant.html")]
pub struct PanelTenant {
    /// What every page shares.
    pub frame: Frame,
    /// Binds the forms to the session (C25).
    pub csrf: String,
    /// Which.
    pub place: PanelPlace,
    /// What it is for.
    pub kind: PanelTenantKind,
    /// Its issuer.
    pub issuer: String,
    /// Base URL of its API.
    pub api: String,
    /// Where it is reached, beside its path.
    pub authorities: Vec<String>,
    /// Endpoints of the protocol: name and address.
    pub endpoints: Vec<(String, String)>,
    /// Whom partners write to.
    pub contact: Option<String>,
    /// Version of the terms; empty when it has none.
    pub terms: String,
    /// The preset that its profile is most like.
    pub preset: String,
    /// In how many settings it differs from that.
    pub differences: usize,
    /// How far its clock is ahead, in seconds.
    pub clock_ahead: u32,
    /// How many of what it has.
    pub counts: PanelCounts,
    /// Its signing keys; `None` while they are not known.
    pub keys: Option<Vec<PanelKey>>,
    /// What became of the last form.
    pub notice: Option<PanelTenantNotice>,
}

/// How many there are; each `None` while that is not known.
#[derive(Debug, Clone, Copy, Default)]
pub struct PanelCounts {
    /// Clients, in whatever state.
    pub clients: Option<u64>,
    /// Clients that wait for a decision.
    pub waiting: Option<u64>,
    /// Users.
    pub users: Option<u64>,
    /// Webhook endpoints, its own and its clients'.
    pub webhooks: Option<u64>,
}

/// A signing key.
#[derive(Clone)]
pub struct PanelKey {
    /// Its name on the wire.
    pub kid: String,
    /// Its algorithm.
    pub alg: String,
    /// `pending`, `active`, `retiring` or `retired`.
    pub state: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// How many days ago that was.
    pub days: i64,
    /// What happened to it, newest first.
    pub events: Vec<PanelEvent>,
}

/// What became of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PanelTenantNotice {
    /// It is there.
    Created,
    /// It refuses everything.
    Suspended,
    /// It answers again.
    Restored,
    /// A next key is published.
    KeyComing,
    /// The box was not ticked.
    NotSure,
    /// The state does not allow it.
    NotPossible,
}

impl PanelKey {
    fn badge(&self) -> &'static str {
        match self.state.as_str() {
            "active" => "approved",
            "pending" => "pending",
            _ => "draft",
        }
    }

    fn label(&self, frame: &Frame) -> &str {
        let t = frame.texts().panel;
        match self.state.as_str() {
            "active" => t.key_active,
            "pending" => t.key_pending,
            "retiring" => t.key_retiring,
            "retired" => t.key_retired,
            other => other,
        }
    }

    fn age(&self, frame: &Frame) -> String {
        (frame.texts().panel.days_old)(self.days)
    }
}

impl PanelTenant {
    fn tabs(&self) -> Vec<super::Tab> {
        self.place.tabs(&self.frame, Section::Tenant)
    }

    /// Label, number, part of the path where they are, id.
    fn figures(&self) -> [(&'static str, String, &'static str, &'static str); 4] {
        let (t, counts) = (self.frame.texts().panel, self.counts);
        let told = |count: Option<u64>| count.map_or_else(|| "–".to_owned(), |count| count.to_string());
        [
            (t.count_clients, told(counts.clients), "/clients", "count_clients"),
            (t.count_waiting, told(counts.waiting), "/clients?state=pending", "count_waiting"),
            (t.count_users, told(counts.users), "/users", "count_users"),
            (t.count_webhooks, told(counts.webhooks), "/webhooks", "count_webhooks"),
        ]
    }

    fn algs(&self) -> [&'static str; 3] {
        ["ES256", "EdDSA", "RS256"]
    }

    fn differs(&self) -> String {
        (self.frame.texts().panel.differs)(self.differences)
    }

    /// How far its clock is ahead, if it is.
    fn ahead(&self) -> Option<String> {
        (self.clock_ahead > 0).then(|| self.frame.duration(self.clock_ahead))
    }

    fn is_not_sure(&self) -> bool {
        self.notice == Some(PanelTenantNotice::NotSure)
    }

    fn good_text(&self) -> Option<&'static str> {
        let t = self.frame.texts().panel;
        match self.notice? {
            PanelTenantNotice::Created => Some(t.did_create_tenant),
            PanelTenantNotice::Suspended => Some(t.did_suspend_tenant),
            PanelTenantNotice::Restored => Some(t.did_restore_tenant),
            PanelTenantNotice::KeyComing => Some(t.did_rotate),
            PanelTenantNotice::NotSure | PanelTenantNotice::NotPossible => None,
        }
    }

    fn bad_text(&self) -> Option<&'static str> {
        match self.notice? {
            PanelTenantNotice::NotSure => Some(self.frame.texts().shared.check_fields),
            PanelTenantNotice::NotPossible => Some(self.frame.texts().panel.not_possible),
            _ => None,
        }
    }
}
