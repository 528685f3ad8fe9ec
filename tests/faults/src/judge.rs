//! The invariants on a history. An unknown outcome allows both worlds.

use std::{collections::BTreeMap, time::Duration};

use crate::{Answer, Operation, Outcome, What};

/// Codes live for a minute, access tokens for ten: what is older proves nothing.
const CODE_LIVES: Duration = Duration::from_secs(55);
const TOKEN_LIVES: Duration = Duration::from_secs(570);

/// What ends something: from `start` on it may have happened; from `end` on it has, if `certain`.
struct Death {
    start: Duration,
    end: Duration,
    certain: bool,
}

impl Death {
    fn of(operation: &Operation, certain: bool) -> Self {
        Self { start: operation.start, end: operation.end, certain }
    }
}

/// Every broken promise, in words. Empty when all invariants hold.
pub fn judge(operations: &[Operation]) -> Vec<String> {
    let mut subjects: BTreeMap<&str, Vec<&Operation>> = BTreeMap::new();
    for operation in operations {
        subjects.entry(&operation.subject).or_default().push(operation);
    }
    let mut found = Vec::new();
    for (subject, operations) in &subjects {
        let mut problems = Vec::new();
        for operation in operations {
            if let Outcome::Broken(status) = operation.outcome {
                problems.push(format!("I15: {:?} was answered by {status}", operation.what));
            }
        }
        codes(operations, &mut problems);
        tokens(operations, &mut problems);
        clients(operations, &mut problems);
        if !problems.is_empty() {
            let lines: Vec<String> = operations.iter().map(|operation| format!("    {operation:?}")).collect();
            found.push(format!("{subject}: {}\n{}", problems.join("; "), lines.join("\n")));
        }
    }
    found
}

fn acknowledged(operation: &Operation) -> bool {
    matches!(operation.outcome, Outcome::Acknowledged(_))
}

fn exchanges<'a>(operations: &[&'a Operation]) -> Vec<&'a Operation> {
    operations.iter().copied().filter(|operation| operation.what == What::Exchange).collect()
}

fn codes(operations: &[&Operation], problems: &mut Vec<String>) {
    let exchanges = exchanges(operations);
    let redeemed = exchanges.iter().filter(|exchange| acknowledged(exchange)).count();
    if redeemed > 1 {
        problems.push(format!("I2: the code was redeemed {redeemed} times"));
    }
    let issued = operations.iter().find(|operation| operation.what == What::Authorize);
    for refused in exchanges.iter().filter(|exchange| matches!(exchange.outcome, Outcome::Refused(_))) {
        let excused = exchanges.iter().any(|other| {
            !std::ptr::eq(*other, *refused)
                && other.start < refused.end
                && !matches!(other.outcome, Outcome::Refused(_) | Outcome::Broken(_))
        });
        let young = issued.is_none_or(|issued| refused.end - issued.end < CODE_LIVES);
        if !excused && young {
            problems.push("I1: an acknowledged code that nobody redeemed was refused".to_owned());
        }
    }
}

/// What may have ended the whole grant: a second redemption of its code, or its refresh token
/// given back.
fn grant_deaths(operations: &[&Operation]) -> Vec<Death> {
    let exchanges = exchanges(operations);
    let mut deaths = Vec::new();
    if exchanges.len() > 1 {
        let repeated = exchanges.iter().filter(|exchange| !acknowledged(exchange));
        deaths.extend(repeated.map(|exchange| Death::of(exchange, matches!(exchange.outcome, Outcome::Refused(_)))));
    }
    let refresh_tokens: Vec<&String> = operations
        .iter()
        .filter_map(|operation| match &operation.outcome {
            Outcome::Acknowledged(Answer::Tokens { refresh, .. }) => refresh.as_ref(),
            _ => None,
        })
        .collect();
    for operation in operations {
        if let What::Revoke(token) = &operation.what
            && refresh_tokens.contains(&token)
        {
            deaths.push(Death::of(operation, acknowledged(operation)));
        }
    }
    deaths
}

fn tokens(operations: &[&Operation], problems: &mut Vec<String>) {
    let grant = grant_deaths(operations);
    for operation in operations {
        match &operation.what {
            What::Introspect(token) => {
                let Outcome::Acknowledged(Answer::Active(active)) = operation.outcome else { continue };
                let own: Vec<Death> = operations.iter().filter_map(|other| own_death(other, token)).collect();
                let deaths = || grant.iter().chain(&own);
                if !active
                    && is_young(operations, operation, token)
                    && deaths().all(|death| death.start >= operation.end)
                {
                    problems.push(format!("I1: the token {token} is not active though nothing ended it"));
                }
                if active && deaths().any(|death| death.certain && death.end <= operation.start) {
                    problems.push(format!("I5, I6: the token {token} is active though it was ended"));
                }
            }
            What::Refresh(token) => {
                let earlier = operations.iter().any(|other| {
                    !std::ptr::eq(*other, *operation)
                        && other.what == What::Refresh(token.clone())
                        && other.start < operation.end
                });
                let ended = grant.iter().any(|death| death.start < operation.end);
                if matches!(operation.outcome, Outcome::Refused(_)) && !earlier && !ended {
                    problems.push(format!("I4: the current refresh token {token} was refused"));
                }
                if acknowledged(operation) && grant.iter().any(|death| death.certain && death.end <= operation.start) {
                    problems.push(format!("I5: the refresh token {token} worked though its grant was ended"));
                }
            }
            _ => {}
        }
    }
}

/// Given back, or rotated away (which need not show in an introspection at once).
fn own_death(operation: &Operation, token: &str) -> Option<Death> {
    match &operation.what {
        What::Revoke(other) if other == token => Some(Death::of(operation, acknowledged(operation))),
        What::Refresh(other) if other == token => Some(Death::of(operation, false)),
        _ => None,
    }
}

fn is_young(operations: &[&Operation], asked: &Operation, token: &str) -> bool {
    operations.iter().any(|operation| match &operation.outcome {
        Outcome::Acknowledged(Answer::Tokens { access, refresh }) => {
            (access == token || refresh.as_deref() == Some(token)) && asked.end - operation.start < TOKEN_LIVES
        }
        _ => false,
    })
}

/// What an operator makes needs no approval.
fn is_born_approved(operation: &Operation) -> bool {
    operation.outcome == Outcome::Acknowledged(Answer::State("approved".into())) && operation.what == What::Register
}

fn clients(operations: &[&Operation], problems: &mut Vec<String>) {
    let approvals: Vec<Death> = operations
        .iter()
        .filter(|operation| operation.what == What::Approve || is_born_approved(operation))
        .map(|operation| Death::of(operation, acknowledged(operation)))
        .collect();
    for look in operations.iter().filter(|operation| operation.what == What::Look) {
        match &look.outcome {
            Outcome::Refused(status) => problems.push(format!("I1: a registered client is answered by {status}")),
            Outcome::Acknowledged(Answer::State(state)) => {
                let must = approvals.iter().any(|approval| approval.certain && approval.end <= look.start);
                let may = approvals.iter().any(|approval| approval.start < look.end);
                let right = match state.as_str() {
                    "approved" => may,
                    "pending" => !must,
                    _ => false,
                };
                if !right {
                    problems.push(format!("I1: a client is {state}, which nobody made it"));
                }
            }
            _ => {}
        }
    }
}
