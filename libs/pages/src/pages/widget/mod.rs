//! The widget's pages: a person shows who they are at their bank and shares accounts with a client.
//! They work in a frame as well as alone. Every form posts `csrf`, and `cancel` where the person
//! gives up.

mod accounts;
mod bank;
mod consent;
mod end;
mod factor;
mod login;

pub use accounts::{WidgetAccount, WidgetAccounts};
pub use bank::{WidgetBank, WidgetBankChoice};
pub use consent::{WidgetConfirm, WidgetConsent};
pub use end::{WidgetEnd, WidgetEndKind};
pub use factor::{WidgetFactor, WidgetFactorError};
pub use login::{WidgetLogin, WidgetLoginError};

use crate::Frame;

/// How many steps the widget says it has.
const STEPS: u8 = 5;

/// What every step shares.
#[derive(Clone)]
pub struct WidgetStep {
    /// The token that binds the form to the flow (C25).
    pub csrf: String,
    /// Where the form posts to: a path without the base.
    pub action: String,
    /// The client's name, as it was registered.
    pub client_name: String,
}

impl Frame {
    /// `Step 2 of 5`, for who cannot see the dots.
    fn step_says(&self, at: &u8) -> String {
        (self.texts().widget.step)(*at, STEPS)
    }

    /// The dots above a page: how far the person is.
    fn step_dots(&self, at: &u8) -> impl Iterator<Item = bool> + use<> {
        let at = *at;
        (1..=STEPS).map(move |dot| dot <= at)
    }
}
