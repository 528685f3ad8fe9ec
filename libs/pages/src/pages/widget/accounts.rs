use askama::Template;

use super::WidgetStep;
use crate::Frame;

/// Step 4: which accounts. Posts `account_1`, `account_2`, … of those that were ticked.
#[derive(Clone, Template)]
#[template(path = "widget_accounts.html")]
pub struct WidgetAccounts {
    /// What every page shares.
    pub frame: Frame,
    /// What every step shares.
    pub step: WidgetStep,
    /// At which bank.
    pub bank_name: String,
    /// The accounts, in the bank's order.
    pub accounts: Vec<WidgetAccount>,
    /// None was chosen.
    pub missing: bool,
}

/// An account to share.
#[derive(Clone)]
pub struct WidgetAccount {
    /// What kind it is.
    pub name: String,
    /// Its number, as the person knows it.
    pub number: String,
    /// Whose it is.
    pub holder: String,
    /// Ticked.
    pub chosen: bool,
}

impl WidgetAccount {
    /// In groups of four, as IBANs are printed (ISO 13616). What has spaces has groups already.
    pub(super) fn grouped(&self) -> String {
        if self.number.contains(' ') {
            return self.number.clone();
        }
        let plain: Vec<char> = self.number.chars().collect();
        plain.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
    }
}
