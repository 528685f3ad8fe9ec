use askama::Template;

use super::WidgetStep;
use crate::{Frame, Monogram};

/// Step 2: the bank's login. Posts `username` and `pin`, or `other_bank`.
#[derive(Clone, Template)]
#[template(path = "widget_login.html")]
pub struct WidgetLogin {
    /// What every page shares.
    pub frame: Frame,
    /// What every step shares.
    pub step: WidgetStep,
    /// At which bank.
    pub bank_name: String,
    /// As typed before.
    pub username: String,
    /// How to sign in at a bank that is not real.
    pub sandbox_hint: Option<String>,
    /// What was wrong.
    pub error: Option<WidgetLoginError>,
}

/// What was wrong with a login at a bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WidgetLoginError {
    /// Name or PIN.
    Wrong,
    /// The bank has ended an earlier login.
    Over,
}

impl WidgetLogin {
    fn bank_monogram(&self) -> Monogram {
        Monogram::of(&self.bank_name)
    }

    fn error_text(&self) -> Option<&'static str> {
        let t = self.frame.texts().widget;
        self.error.map(|error| match error {
            WidgetLoginError::Wrong => t.login_wrong,
            WidgetLoginError::Over => t.login_over,
        })
    }
}
