use askama::Template;
use chrono::{DateTime, Utc};

use super::{PanelPlace, Section};
use crate::{Frame, texts::event_label};

/// What happened to a tenant and its clients, newest first.
#[derive(Clone, Template)]
#[template(path = "panel_timeline.html")]
pub struct PanelTimeline {
    /// What every page shares.
    pub frame: Frame,
    /// Whose.
    pub place: PanelPlace,
    /// Only what happened to this client is shown.
    pub client: Option<String>,
    /// Only events of this type are shown; empty for all.
    pub only: String,
    /// They.
    pub events: Vec<PanelEvent>,
    /// Where older ones are: a path without the base.
    pub next: Option<String>,
}

/// One thing that happened.
#[derive(Clone)]
pub struct PanelEvent {
    /// The event's id.
    pub id: String,
    /// Its type.
    pub event: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Who did it.
    pub actor: PanelActor,
    /// Its place in its stream.
    pub version: u32,
    /// The client that it is about, by its id on the wire.
    pub client_id: Option<String>,
    /// What is different since.
    pub changes: Vec<PanelEventChange>,
}

/// Who did something.
#[derive(Clone)]
pub enum PanelActor {
    /// An operator, by their name.
    Operator(String),
    /// A user of the tenant.
    User {
        /// Their id.
        id: String,
        /// Their page: a path without the base.
        path: String,
    },
    /// A client.
    Client(String),
    /// Somebody who did not say who they are.
    Anonymous,
    /// Grantor itself.
    System,
}

/// One thing that is different.
#[derive(Clone)]
pub struct PanelEventChange {
    /// Which: a JSON pointer.
    pub pointer: String,
    /// What it was.
    pub before: Option<String>,
    /// What it is.
    pub after: Option<String>,
}

/// What can happen to a tenant and its clients.
const TYPES: [&str; 22] = [
    "platform.tenant.created",
    "platform.tenant.profile_changed",
    "platform.tenant.presentation_changed",
    "platform.tenant.mail_server_changed",
    "platform.tenant.member_invited",
    "platform.tenant.invitation_withdrawn",
    "platform.tenant.member_joined",
    "platform.tenant.member_role_changed",
    "platform.tenant.member_left",
    "platform.tenant.suspended",
    "platform.tenant.restored",
    "platform.tenant.clock_advanced",
    "oauth.client.registered",
    "oauth.client.submitted",
    "oauth.client.approved",
    "oauth.client.rejected",
    "oauth.client.suspended",
    "oauth.client.restored",
    "oauth.client.updated",
    "oauth.client.secret_rotated",
    "oauth.client.secret_retired",
    "oauth.client.deleted",
];

impl PanelEvent {
    pub(crate) fn label(&self, frame: &Frame) -> &str {
        event_label(frame.lang, &self.event).unwrap_or(&self.event)
    }
}

impl PanelTimeline {
    fn tabs(&self) -> Vec<super::Tab> {
        self.place.tabs(&self.frame, Section::Timeline)
    }

    /// What the list can be narrowed down to: type, label, whether it is.
    fn types(&self) -> Vec<(&'static str, &'static str, bool)> {
        let one =
            |event: &'static str| (event, event_label(self.frame.lang, event).unwrap_or(event), self.only == event);
        TYPES.into_iter().map(one).collect()
    }
}
