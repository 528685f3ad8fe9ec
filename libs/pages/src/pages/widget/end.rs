use askama::Template;

use crate::Frame;

/// The last page: it leads back to the client, in the whole window.
#[derive(Clone, Template)]
#[template(path = "widget_end.html")]
pub struct WidgetEnd {
    /// What every page shares.
    pub frame: Frame,
    /// How it ended.
    pub kind: WidgetEndKind,
    /// The client's name.
    pub client_name: String,
    /// Where the client waits: a whole URL.
    pub back: String,
}

/// How a flow ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WidgetEndKind {
    /// With a consent.
    Success,
    /// The person gave up.
    Cancelled,
    /// The bank let them in no more.
    BankRefused,
    /// The bank does not answer.
    BankUnavailable,
    /// Nothing to share.
    NoAccounts,
    /// No bank to choose.
    NoBank,
}

impl WidgetEndKind {
    /// Every kind, for tests.
    pub const ALL: [Self; 6] =
        [Self::Success, Self::Cancelled, Self::BankRefused, Self::BankUnavailable, Self::NoAccounts, Self::NoBank];

    /// A word for machines, in `data-end`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Cancelled => "cancelled",
            Self::BankRefused => "bank_refused",
            Self::BankUnavailable => "bank_unavailable",
            Self::NoAccounts => "no_accounts",
            Self::NoBank => "no_bank",
        }
    }
}

impl WidgetEnd {
    fn heading(&self) -> &'static str {
        let t = self.frame.texts().widget;
        match self.kind {
            WidgetEndKind::Success => t.success_title,
            WidgetEndKind::Cancelled => t.cancelled_title,
            _ => t.failed_title,
        }
    }

    fn failure(&self) -> Option<&'static str> {
        let t = self.frame.texts().widget;
        Some(match self.kind {
            WidgetEndKind::Success | WidgetEndKind::Cancelled => return None,
            WidgetEndKind::BankRefused => t.bank_refused,
            WidgetEndKind::BankUnavailable => t.bank_unavailable,
            WidgetEndKind::NoAccounts => t.no_accounts,
            WidgetEndKind::NoBank => t.no_bank,
        })
    }
}
