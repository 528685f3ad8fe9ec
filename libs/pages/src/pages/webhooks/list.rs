use askama::Template;

use super::{WebhookHealthLine, WebhookPlace, WebhookStateName, event_text};
use crate::Frame;

/// The endpoints of a client, or of a tenant. The form posts `csrf`, `create`, `url`,
/// `description`, `event.NAME` for each chosen event, `format`, `signing` and `max_per_second`.
#[derive(Clone, Template)]
#[template(path = "webhooks.html")]
pub struct Webhooks {
    /// What every page shares.
    pub frame: Frame,
    /// Binds the forms to the session (C25).
    pub csrf: String,
    /// Where it belongs.
    pub place: WebhookPlace,
    /// The endpoints, newest first.
    pub endpoints: Vec<WebhookRow>,
    /// For one more; `None` for who may only look.
    pub form: Option<WebhookForm>,
}

/// One endpoint in the list.
#[derive(Clone)]
pub struct WebhookRow {
    /// Its id.
    pub id: String,
    /// Where it is.
    pub url: String,
    /// For people.
    pub description: String,
    /// Whether it is called.
    pub state: WebhookStateName,
    /// Names of events.
    pub events: Vec<String>,
    /// How it does; `None` while that is not known.
    pub health: Option<WebhookHealthLine>,
    /// Its own page: a path without the base.
    pub path: String,
}

/// The settings of an endpoint, as fields.
#[derive(Clone)]
pub struct WebhookForm {
    /// Where it is.
    pub url: String,
    /// For people.
    pub description: String,
    /// Every event that can be chosen, and whether it is.
    pub events: Vec<(String, bool)>,
    /// `tenant`, `standard` or `cloud_events`.
    pub format: String,
    /// `v1`, `v1a` or `both`.
    pub signing: String,
    /// Calls per second, at most; empty for no limit.
    pub max_per_second: String,
    /// What is wrong.
    pub problem: Option<WebhookFormProblem>,
}

/// What is wrong with an endpoint's settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookFormProblem {
    /// The address.
    Url,
    /// The description.
    Description,
    /// No event, or one that is not offered.
    Events,
    /// The limit.
    Limit,
    /// There are enough endpoints.
    TooMany,
}

impl WebhookForm {
    pub(super) fn choices(&self, frame: &Frame) -> Vec<(&str, bool, &'static str)> {
        self.events.iter().map(|(name, chosen)| (name.as_str(), *chosen, event_text(frame, name))).collect()
    }

    pub(super) fn is_wrong(&self, problem: WebhookFormProblem) -> bool {
        self.problem == Some(problem)
    }
}
