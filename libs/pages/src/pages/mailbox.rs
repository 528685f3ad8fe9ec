use askama::Template;
use chrono::{DateTime, Utc};

use crate::Frame;

/// The mails of a deployment without a mail server, on the operator's listener.
#[derive(Clone, Template)]
#[template(path = "mailbox.html")]
pub struct Mailbox {
    /// What every page shares.
    pub frame: Frame,
    /// The mails, newest first.
    pub mails: Vec<Mail>,
}

/// One mail.
#[derive(Clone)]
pub struct Mail {
    /// Whom it was sent to.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// When it was sent.
    pub sent_at: DateTime<Utc>,
    /// Its text.
    pub body: String,
}
