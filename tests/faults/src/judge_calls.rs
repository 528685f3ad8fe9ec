//! What partners were told, against what happened. An unknown outcome allows both worlds.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use uuid::Uuid;

use crate::{Answer, Operation, Outcome, What};

/// Codes live for a minute: one that is refused later proves nothing.
const CODE_LIVES: std::time::Duration = std::time::Duration::from_secs(55);
const REVOKED: &str = "oauth.authorization.revoked";
const APPROVED: &str = "oauth.client.approved";

/// Whose endpoint it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Whose {
    /// The demo client's.
    Client,
    /// The tenant's own.
    Tenant,
}

/// What an endpoint is to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Which endpoint.
    pub to: Whose,
    /// The event's `webhook-id`.
    pub id: String,
    /// Its type.
    pub event: String,
}

/// A call that has arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// At which endpoint.
    pub to: Whose,
    /// `webhook-id`.
    pub id: String,
    /// What it tells of.
    pub event: String,
    /// The client or the person in it, if one is.
    pub about: String,
    /// The trace of what made it happen.
    pub trace: String,
    /// A digest of its bytes.
    pub body: Uuid,
    /// Whether each key that the receiver has fits, now, and the body has the same id.
    pub signed: bool,
}

/// What was told so far.
#[derive(Debug, Default)]
pub struct Calls {
    /// What had happened, by the logs, before `arrived` was looked at …
    pub due: Vec<Due>,
    /// … and after that.
    pub happened: Vec<Due>,
    /// In the order of arrival.
    pub arrived: Vec<Arrival>,
}

impl Calls {
    /// Arrivals of what had arrived before.
    pub fn repeated(&self) -> usize {
        repeated(&self.arrived)
    }

    /// Every broken promise, in words: what committed events and acknowledged operations make necessary
    /// has arrived, signed, and nothing else has.
    pub fn judge(&self, operations: &[Operation]) -> Vec<String> {
        let mut found = self.lost();
        found.extend(self.invented());
        let ended: HashSet<&str> =
            self.arrived.iter().filter(|call| call.event == REVOKED).map(|call| call.trace.as_str()).collect();
        let approved: HashSet<&str> =
            self.arrived.iter().filter(|call| call.event == APPROVED).map(|call| call.about.as_str()).collect();
        let mut subjects: BTreeMap<&str, Vec<&Operation>> = BTreeMap::new();
        for operation in operations {
            subjects.entry(&operation.subject).or_default().push(operation);
        }
        for (subject, operations) in subjects {
            let is_approved = |one: &&Operation| one.what == What::Approve && is_acknowledged(one);
            if operations.iter().any(is_approved) && !approved.contains(subject) {
                found.push(format!("I12: nobody was told that {subject} is approved, which was acknowledged"));
            }
            if has_ended(&operations) && !ends(&operations).iter().any(|trace| ended.contains(trace.as_str())) {
                found.push(format!("I12: nobody was told of an end that was acknowledged: {operations:#?}"));
            }
        }
        found
    }

    fn lost(&self) -> Vec<String> {
        let arrived: HashSet<_> = self.arrived.iter().map(|call| (call.to, &call.id)).collect();
        let lost = self.due.iter().filter(|due| !arrived.contains(&(due.to, &due.id)));
        lost.map(|due| format!("I12: it has not arrived: {due:?}")).collect()
    }

    fn invented(&self) -> Vec<String> {
        let happened: HashSet<_> = self.happened.iter().map(|due| (due.to, &due.id, &due.event)).collect();
        let mut bodies = HashMap::new();
        let mut found = Vec::new();
        for call in &self.arrived {
            if !call.signed {
                found.push(format!("I12: it is not signed as it has to be: {call:?}"));
            }
            if !happened.contains(&(call.to, &call.id, &call.event)) {
                found.push(format!("I12: that has not happened: {call:?}"));
            }
            if *bodies.entry((call.to, &call.id)).or_insert(call.body) != call.body {
                found.push(format!("I12: it came with another body before: {call:?}"));
            }
        }
        found
    }
}

/// Calls for what had been called for before.
pub(crate) fn repeated(arrived: &[Arrival]) -> usize {
    let mut seen = HashSet::new();
    arrived.iter().filter(|call| !seen.insert((call.to, &call.id))).count()
}

/// The trace of requests about this: a partner who knows it finds what it was told because of them.
pub fn trace_of(what: &str) -> String {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, what.as_bytes()).simple().to_string()
}

fn is_acknowledged(operation: &Operation) -> bool {
    matches!(operation.outcome, Outcome::Acknowledged(_))
}

/// Whether this grant has certainly ended: its refresh token was given back, or its code came twice.
fn has_ended(operations: &[&Operation]) -> bool {
    let refresh: BTreeSet<&str> = operations
        .iter()
        .filter_map(|operation| match &operation.outcome {
            Outcome::Acknowledged(Answer::Tokens { refresh, .. }) => refresh.as_deref(),
            _ => None,
        })
        .collect();
    let given_back = operations.iter().any(|operation| {
        matches!(&operation.what, What::Revoke(token) if refresh.contains(token.as_str())) && is_acknowledged(operation)
    });
    let issued = operations.iter().find(|operation| operation.what == What::Authorize).map(|operation| operation.end);
    let exchanges = || operations.iter().filter(|operation| operation.what == What::Exchange);
    let replayed = exchanges().any(|operation| {
        let young = issued.is_some_and(|issued| operation.end.saturating_sub(issued) < CODE_LIVES);
        matches!(operation.outcome, Outcome::Refused(_)) && young
    });
    given_back || (replayed && exchanges().any(|operation| is_acknowledged(operation)))
}

/// The traces of all that may have ended it.
fn ends(operations: &[&Operation]) -> Vec<String> {
    let trace = |operation: &&Operation| match &operation.what {
        What::Exchange => Some(trace_of(&operation.subject)),
        What::Revoke(token) => Some(trace_of(token)),
        _ => None,
    };
    operations.iter().filter_map(trace).collect()
}
