use askama::Template;

use super::WidgetStep;
use crate::{Frame, Monogram};

/// Step 1: which bank. Posts `bank`.
#[derive(Clone, Template)]
#[template(path = "widget_bank.html")]
pub struct WidgetBank {
    /// What every page shares.
    pub frame: Frame,
    /// What every step shares.
    pub step: WidgetStep,
    /// The banks to choose from.
    pub banks: Vec<WidgetBankChoice>,
    /// None was chosen.
    pub missing: bool,
}

/// A bank to choose.
#[derive(Clone)]
pub struct WidgetBankChoice {
    /// The form's value.
    pub id: String,
    /// For people.
    pub name: String,
    /// Tells it from others.
    pub detail: String,
}

impl WidgetBankChoice {
    fn monogram(&self) -> Monogram {
        Monogram::of(&self.name)
    }
}
