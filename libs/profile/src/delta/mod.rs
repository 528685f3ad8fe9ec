//! The security delta: where a profile leaves RFC 9700, OAuth 2.1 and FAPI 2.0, and what makes
//! up for it. Operators see it beside the profile, and what is weak must be acknowledged in it.

mod answers;
mod id;
mod people;
mod requests;
mod rule;
mod scopes;
mod strength;
mod tokens;

use std::borrow::Cow;

use serde::Serialize;

pub use id::DeviationId;
pub use rule::{Reference, Severity};

use crate::{Contradiction, Profile};

/// One deviation of one profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Deviation {
    /// The name by which it is acknowledged.
    pub id: DeviationId,
    /// The number of the knob that makes it.
    pub knob: u8,
    /// JSON pointer (RFC 6901) of that knob.
    pub path: &'static str,
    /// How much it weighs.
    pub severity: Severity,
    /// What the tenant does.
    pub deviation: Cow<'static, str>,
    /// What it deviates from.
    pub from: &'static [Reference],
    /// What makes up for it at this profile.
    pub compensations: Vec<&'static str>,
    /// Whether the profile acknowledges it.
    pub acknowledged: bool,
}

impl Deviation {
    /// Whether a profile with it must say so.
    pub fn must_be_acknowledged(&self) -> bool {
        self.severity > Severity::Note
    }
}

const TABLES: [&[rule::Rule]; 6] =
    [requests::RULES, tokens::RULES, scopes::RULES, answers::RULES, people::RULES, strength::RULES];

impl Profile {
    /// Every deviation, by knob.
    pub fn security_delta(&self) -> Vec<Deviation> {
        let mut found: Vec<Deviation> = TABLES
            .into_iter()
            .flatten()
            .filter_map(|rule| (rule.says)(self).map(|says| self.found(rule, says)))
            .collect();
        found.sort_by_key(|deviation| (deviation.knob, deviation.id));
        found
    }

    fn found(&self, rule: &'static rule::Rule, says: Cow<'static, str>) -> Deviation {
        let in_force = rule.compensations.iter().filter(|(holds, _)| holds(self)).map(|(_, text)| *text);
        Deviation {
            id: rule.id,
            knob: rule.knob,
            path: rule.path,
            severity: rule.severity,
            deviation: says,
            from: rule.from,
            compensations: in_force.collect(),
            acknowledged: self.acknowledged.contains(&rule.id),
        }
    }

    /// Weak knobs that are not acknowledged, and acknowledgements of what is not there: a later
    /// change must not find its consent already given.
    pub(crate) fn acknowledgement_contradictions(&self) -> Vec<Contradiction> {
        let delta = self.security_delta();
        let missing = delta.iter().filter(|one| one.must_be_acknowledged() && !one.acknowledged).map(|one| {
            let from: Vec<_> = one.from.iter().map(|from| format!("{} {}", from.document, from.section)).collect();
            let message = format!(
                "{} ({}): must be acknowledged as \"{}\" in /acknowledged",
                one.deviation,
                from.join(", "),
                one.id.as_str()
            );
            Contradiction { path: one.path.to_owned(), message }
        });
        let needless = self.acknowledged.iter().enumerate().filter_map(|(at, id)| {
            let needed = delta.iter().any(|one| one.id == *id && one.must_be_acknowledged());
            let message = || format!("{} is not in force: there is nothing to acknowledge", id.as_str());
            (!needed).then(|| Contradiction { path: format!("/acknowledged/{at}"), message: message() })
        });
        missing.chain(needless).collect()
    }
}
