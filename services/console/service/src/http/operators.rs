//! Operators: made, listed, given another token, disabled.

use std::sync::Arc;

use grantor_ids::OperatorId;
use grantor_web::Answer;
use secrecy::ExposeSecret;
use serde::Serialize;
use serde_json::json;

use super::{Ask, GET, Operation, Outcome, PAGE, POST, problem::Problem};
use crate::{Console, consume::OperatorItem};

const ALL: &str = "/admin/v1/operators";

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new("list_operators", GET, ALL, "All operators, oldest first.", |console, ask| {
            Box::pin(list(console, ask))
        })
        .query(PAGE)
        .answers(200, "OperatorList"),
        Operation::new(
            "create_operator",
            POST,
            ALL,
            "Makes an operator. Their token is in this answer and nowhere else.",
            |console, ask| Box::pin(create(console, ask)),
        )
        .takes("NewOperator")
        .answers(201, "OperatorWithToken"),
        Operation::new(
            "rotate_operator_token",
            POST,
            "/admin/v1/operators/{operator}/rotate-token",
            "Gives an operator another token; the one before is worth nothing from here on.",
            |console, ask| Box::pin(rotate(console, ask)),
        )
        .answers(200, "OperatorToken"),
        Operation::new(
            "disable_operator",
            POST,
            "/admin/v1/operators/{operator}/disable",
            "Takes everything from an operator, for good; not from oneself.",
            |console, ask| Box::pin(disable(console, ask)),
        )
        .answers(200, "Operator"),
    ]
}

#[derive(Serialize)]
struct WithToken<'a> {
    #[serde(flatten)]
    operator: &'a OperatorItem,
    token: &'a str,
}

async fn list(console: Arc<Console>, ask: Ask) -> Outcome {
    Ok(Answer::json(200, &console.operators(ask.page()?).await?))
}

async fn create(console: Arc<Console>, ask: Ask) -> Outcome {
    let mut members = ask.members()?;
    let name = members.required("name");
    members.finish()?;
    let (operator, token) = console.create_operator(name, &ask.meta()).await?;
    Ok(Answer::json(201, &WithToken { operator: &operator, token: token.expose_secret() }))
}

fn named(ask: &Ask) -> Result<OperatorId, Problem> {
    ask.param("operator")?.parse().map_err(|_| Problem::not_found("operator"))
}

async fn rotate(console: Arc<Console>, ask: Ask) -> Outcome {
    ask.no_body()?;
    let operator = named(&ask)?;
    let token = console.rotate_operator_token(operator, &ask.meta()).await?;
    Ok(Answer::json(200, &json!({ "id": operator, "token": token.expose_secret() })))
}

async fn disable(console: Arc<Console>, ask: Ask) -> Outcome {
    ask.no_body()?;
    let operator = console.disable_operator(named(&ask)?, &ask.meta()).await?;
    Ok(Answer::json(200, &operator))
}
