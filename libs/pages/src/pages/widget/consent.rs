use askama::Template;
use chrono::{DateTime, Utc};

use super::{WidgetAccount, WidgetStep};
use crate::{Frame, Monogram, ScopeLine};

/// Step 5: the question. Posts `approve`.
#[derive(Clone, Template)]
#[template(path = "widget_consent.html")]
pub struct WidgetConsent {
    /// What every page shares.
    pub frame: Frame,
    /// What every step shares.
    pub step: WidgetStep,
    /// The host of the client's website, in ASCII form.
    pub website_host: Option<String>,
    /// The accounts that were chosen.
    pub accounts: Vec<WidgetAccount>,
    /// What of them is shared.
    pub scopes: Vec<ScopeLine>,
    /// Days of transaction history.
    pub history_days: u16,
    /// The end of ongoing access; `None` for a single one.
    pub until: Option<DateTime<Utc>>,
}

impl WidgetConsent {
    fn client_monogram(&self) -> Monogram {
        Monogram::of(&self.step.client_name)
    }

    fn lasts(&self) -> String {
        let t = self.frame.texts().widget;
        self.until.map_or_else(|| t.consent_once.to_owned(), |end| (t.consent_ongoing)(&self.frame.day(&end)))
    }

    fn history(&self) -> String {
        (self.frame.texts().widget.consent_history)(self.history_days)
    }
}

/// The question once more, in a frame (C16): a click that was led astray is not an answer. Posts
/// `agreed` and `confirm`.
#[derive(Clone, Template)]
#[template(path = "widget_confirm.html")]
pub struct WidgetConfirm {
    /// What every page shares.
    pub frame: Frame,
    /// What every step shares.
    pub step: WidgetStep,
    /// How many accounts were chosen.
    pub accounts: usize,
    /// The box was not ticked.
    pub missing: bool,
}

impl WidgetConfirm {
    fn lead(&self) -> String {
        (self.frame.texts().widget.confirm_lead)(self.accounts)
    }
}
