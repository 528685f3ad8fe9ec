//! One command, one file: load, decide, append, answer.

mod create_operator;
mod disable_operator;
mod first_operator;
mod list_operators;
mod restore_client;
mod rotate_token;
mod suspend_client;

pub use first_operator::{FirstOperator, FirstOperatorRefusal, first_operator};

use grantor_console_domain::{Effect, Event, Operator, Refusal, Verdict};
use grantor_store::{RowChange, Step};

type OperatorStep = Step<Event, Effect, Refusal, Operator>;

/// The rows belong to the change: without one, none is touched.
fn step(verdict: Verdict, rows: impl FnOnce() -> Vec<RowChange>) -> OperatorStep {
    let changed = verdict.outcome == Ok(Effect::Changed);
    let step = Step::from(verdict);
    if changed { step.rows(rows()) } else { step }
}
