//! What a rule about deviations is made of.

use std::borrow::Cow;

use serde::Serialize;

use crate::{DeviationId, Profile};

/// How much a deviation weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Short of a recommendation, or of what FAPI 2.0 demands beyond OAuth: shown, nothing to
    /// acknowledge.
    Note,
    /// Weaker than RFC 9700 or OAuth 2.1: must be acknowledged.
    Weak,
    /// Exists only because a partner's guide demands it: must be acknowledged, and operators see
    /// it so marked.
    LegacyUnsafe,
}

/// Where it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Reference {
    /// The document.
    pub document: &'static str,
    /// The section in it.
    pub section: &'static str,
}

pub(super) const fn rfc9700(section: &'static str) -> Reference {
    Reference { document: "RFC 9700", section }
}

/// Sections as of draft 16.
pub(super) const fn oauth21(section: &'static str) -> Reference {
    Reference { document: "OAuth 2.1", section }
}

pub(super) const fn fapi(section: &'static str) -> Reference {
    Reference { document: "FAPI 2.0 Security Profile", section }
}

pub(super) const fn other(document: &'static str, section: &'static str) -> Reference {
    Reference { document, section }
}

/// What makes up for something, where the condition holds.
pub(super) type Compensation = (fn(&Profile) -> bool, &'static str);

/// One deviation that a profile can have.
pub(super) struct Rule {
    pub id: DeviationId,
    pub knob: u8,
    /// JSON pointer of the knob.
    pub path: &'static str,
    pub severity: Severity,
    pub from: &'static [Reference],
    /// What the tenant does, when it does.
    pub says: fn(&Profile) -> Option<Cow<'static, str>>,
    /// What makes up for it.
    pub compensations: &'static [Compensation],
}

/// A text where the condition holds.
pub(super) fn when(holds: bool, text: &'static str) -> Option<Cow<'static, str>> {
    holds.then_some(Cow::Borrowed(text))
}

pub(super) fn always(_: &Profile) -> bool {
    true
}
