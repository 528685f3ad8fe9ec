use askama::Template;
use chrono::{DateTime, Utc};

use super::{
    DeliveryStateName, WebhookForm, WebhookFormProblem, WebhookHealthLine, WebhookNotice, WebhookPlace,
    WebhookStateName,
};
use crate::{Frame, PanelEvent};

/// One endpoint. Posts `csrf` and one button: `save` with the fields of the form, `pause`,
/// `resume`, `test`, `rotate` with `overlap` (seconds), `reveal`, `recover` with `since` (seconds
/// ago), or `delete` with `sure`; who runs it without managing it has `limit` with `max_per_second`.
#[derive(Clone, Template)]
#[template(path = "webhook.html")]
pub struct WebhookEndpoint {
    /// What every page shares.
    pub frame: Frame,
    /// Binds the forms to the session (C25).
    pub csrf: String,
    /// Where it belongs.
    pub place: WebhookPlace,
    /// Its own page, where the forms post to: a path without the base.
    pub action: String,
    /// Its id.
    pub id: String,
    /// Where it is.
    pub url: String,
    /// Whether it is called.
    pub state: WebhookStateName,
    /// How it does; `None` while that is not known.
    pub health: Option<WebhookHealthLine>,
    /// Its settings.
    pub form: WebhookForm,
    /// Its live keys, newest first.
    pub keys: Vec<WebhookKey>,
    /// Its deliveries, newest first; `None` while they are not known.
    pub log: Option<Vec<WebhookLogEntry>>,
    /// Only those in this state are shown.
    pub only: Option<DeliveryStateName>,
    /// Where older ones are: a path without the base.
    pub older: Option<String>,
    /// What happened to it, newest first; empty where readers are not told.
    pub history: Vec<PanelEvent>,
    /// Whether the reader may stop it, try it, and send again.
    pub may_run: bool,
    /// Whether the reader may change anything.
    pub may_manage: bool,
    /// What was done a moment ago.
    pub notice: Option<WebhookNotice>,
}

/// One key.
#[derive(Clone)]
pub struct WebhookKey {
    /// Its id.
    pub id: String,
    /// Of `v1a`.
    pub public_key: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends, and how many minutes that is from now.
    pub ends: Option<(DateTime<Utc>, i64)>,
}

/// One delivery in the log.
#[derive(Clone)]
pub struct WebhookLogEntry {
    /// `webhook-id`.
    pub message_id: String,
    /// The event's name.
    pub event: String,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// How far it is.
    pub state: DeliveryStateName,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next.
    pub next_at: Option<DateTime<Utc>>,
    /// The last answer: a status, or a word for why there was none.
    pub last: String,
    /// Its own page: a path without the base.
    pub path: String,
}

impl WebhookEndpoint {
    fn states(&self) -> [DeliveryStateName; 3] {
        DeliveryStateName::ALL
    }

    fn is_called(&self) -> bool {
        self.state == WebhookStateName::Active
    }
}

impl WebhookKey {
    /// How long it still signs: `23 h 59 min`.
    fn left(&self) -> Option<String> {
        let minutes = self.ends?.1.max(0);
        let (days, hours, rest) = (minutes / 1440, minutes % 1440 / 60, minutes % 60);
        Some(match (days, hours) {
            (0, 0) => format!("{rest} min"),
            (0, _) => format!("{hours} h {rest} min"),
            _ => format!("{days} d {hours} h"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_countdown_has_two_parts_at_most() {
        let left = |minutes| {
            let ends = Some((DateTime::UNIX_EPOCH, minutes));
            let key =
                WebhookKey { id: String::new(), public_key: String::new(), created_at: DateTime::UNIX_EPOCH, ends };
            key.left().expect("an end")
        };
        assert_eq!(
            [left(-1), left(59), left(60), left(1439), left(1440)],
            ["0 min", "59 min", "1 h 0 min", "23 h 59 min", "1 d 0 h"]
        );
    }
}
