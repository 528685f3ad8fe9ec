//! Texts of mails.

use serde::{Deserialize, Serialize};

use crate::Bilingual;

/// What a tenant's mails say, where that is something of its own. In subjects and texts
/// `{tenant}` stands for its name, and what else each has is said there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mails {
    /// The code that confirms an address; must have `{code}` in its text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verification: Option<MailText>,
    /// The code that resets a password; must have `{code}` in its text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reset: Option<MailText>,
    /// A platform, an operator or the tenant has ended what somebody gave to an app: `{app}`.
    /// Absent means that nobody is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revocation: Option<MailText>,
}

/// A mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailText {
    /// One line.
    pub subject: Bilingual,
    /// Plain text.
    pub text: Bilingual,
}

impl Mails {
    /// Whether all mails say what they say everywhere.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl MailText {
    /// Subject and text in one language, with the placeholders filled. What is filled in is not
    /// looked at again, so no value can bring a placeholder of its own.
    pub fn fill(&self, locale: crate::Locale, values: &[(&str, &str)]) -> (String, String) {
        (filled(self.subject.get(locale), values), filled(self.text.get(locale), values))
    }
}

fn filled(text: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let known = values.iter().find_map(|(name, value)| {
            let after = rest[1..].strip_prefix(name)?.strip_prefix('}')?;
            Some((*value, after))
        });
        match known {
            Some((value, after)) => {
                out.push_str(value);
                rest = after;
            }
            None => {
                out.push('{');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_once() {
        let values = [("tenant", "{code}"), ("code", "123")];
        assert_eq!(filled("{tenant}: {code} {other} {", &values), "{code}: 123 {other} {");
    }
}
