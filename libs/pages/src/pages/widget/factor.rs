use askama::Template;

use super::WidgetStep;
use crate::Frame;

/// Step 3: the bank's second factor. Posts `code`.
#[derive(Clone, Template)]
#[template(path = "widget_factor.html")]
pub struct WidgetFactor {
    /// What every page shares.
    pub frame: Frame,
    /// What every step shares.
    pub step: WidgetStep,
    /// Where the code went.
    pub sent_to: String,
    /// What was wrong.
    pub error: Option<WidgetFactorError>,
}

/// What was wrong with a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WidgetFactorError {
    /// It is another.
    Wrong,
}

impl WidgetFactor {
    fn error_text(&self) -> Option<&'static str> {
        self.error.map(|WidgetFactorError::Wrong| self.frame.texts().widget.factor_wrong)
    }
}
