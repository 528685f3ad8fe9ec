//! Mails that were kept instead of being sent.

use std::sync::Arc;

use grantor_web::Answer;
use serde_json::json;

use super::{Ask, GET, Operation, Outcome, problem::Problem};
use crate::Console;

const TO: &[(&str, &str)] = &[("to", "Only mails to this address.")];

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new("list_mails", GET, "/admin/v1/mails", "Kept mails, newest first.", |console, ask| {
            Box::pin(list(console, ask))
        })
        .query(TO)
        .answers(200, "MailList"),
    ]
}

async fn list(console: Arc<Console>, ask: Ask) -> Outcome {
    let Some(mailbox) = &console.mailbox else { return Err(Problem::not_found("mailbox")) };
    let items = mailbox.mails(ask.query("to")).await?;
    Ok(Answer::json(200, &json!({ "items": items })))
}
