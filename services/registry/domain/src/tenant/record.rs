use std::sync::Arc;

use grantor_eventsourcing::Timestamp;
use grantor_profile::Profile;
use serde::{Deserialize, Serialize};

use super::Team;
use crate::{Problem, text};

/// What a tenant is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Real users.
    Production,
    /// Built against.
    Development,
    /// Built against, with a clock of its own.
    Sandbox,
}

/// What an authority serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Login, consent, tokens, metadata.
    Identity,
    /// The tenant's own API.
    Api,
    /// Pages that partners show in a frame.
    Widget,
}

/// One network authority.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authority {
    /// What it serves.
    pub role: Role,
    /// Lower-case `host` or `host:port`.
    pub authority: String,
}

/// What never changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The word in `/t/{slug}`.
    pub slug: String,
    /// What it is for.
    pub kind: Kind,
    /// The issuer identifier (RFC 8414 2).
    pub issuer: String,
    /// Base URL of the tenant's API.
    pub api: String,
    /// Where it is reached, beside `/t/{slug}`.
    pub authorities: Vec<Authority>,
}

/// How pages look.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Branding {
    /// `#rrggbb`.
    pub colour: Option<String>,
    /// One to three letters.
    pub monogram: Option<String>,
}

/// What developers accept.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Terms {
    /// Names the text.
    pub version: String,
    /// Plain text; paragraphs split by blank lines.
    pub text: String,
}

/// What people see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presentation {
    /// The tenant's name.
    pub name: String,
    /// Its look.
    pub branding: Branding,
    /// Whom a partner writes to.
    pub contact: Option<String>,
    /// What developers accept.
    pub terms: Terms,
}

/// How the connection to a mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailSecurity {
    /// TLS from the first byte.
    Tls,
    /// `STARTTLS`.
    StartTls,
    /// None.
    Plain,
}

/// A mail server of the tenant's own, but for its password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailServer {
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// How the connection is protected.
    pub security: MailSecurity,
    /// The account, if there is a login.
    pub username: Option<String>,
    /// The sender's address.
    pub from: String,
}

/// A tenant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// What never changes.
    pub identity: Identity,
    /// Its wire behaviour.
    pub profile: Arc<Profile>,
    /// What people see.
    pub presentation: Presentation,
    /// Since when.
    pub created_at: Timestamp,
    /// A mail server of its own.
    #[serde(default)]
    pub mail_server: Option<MailServer>,
    /// Its own staff.
    #[serde(default)]
    pub team: Team,
    /// How far its own time is ahead of real time, in milliseconds; a sandbox's alone.
    #[serde(default)]
    pub clock_ahead_ms: i64,
}

impl Presentation {
    /// All that is wrong with it.
    pub(super) fn problems(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        let mut note = |pointer: &str, detail: String| found.push(Problem::at(pointer, detail));
        if let Err(refusal) = text::line(&self.name, 80) {
            note("/name", refusal.to_string());
        }
        if self.branding.colour.as_deref().is_some_and(|colour| !is_colour(colour)) {
            note("/branding/colour", "must look like #1d4f91".into());
        }
        let letters = |mark: &str| (1..=3).contains(&mark.chars().count()) && mark.chars().all(char::is_alphanumeric);
        if self.branding.monogram.as_deref().is_some_and(|mark| !letters(mark)) {
            note("/branding/monogram", "must be one to three letters or digits".into());
        }
        if let Some(Err(refusal)) = self.contact.as_deref().map(|contact| text::line(contact, 200)) {
            note("/contact", refusal.to_string());
        }
        if let Err(refusal) = text::paragraphs(&self.terms.text, 32 * 1024) {
            note("/terms/text", refusal.to_string());
        }
        if (!self.terms.text.is_empty() || !self.terms.version.is_empty())
            && let Err(refusal) = text::line(&self.terms.version, 40)
        {
            note("/terms/version", refusal.to_string());
        }
        found
    }
}

fn is_colour(text: &str) -> bool {
    let digits = text.strip_prefix('#');
    digits.is_some_and(|digits| digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()))
}
