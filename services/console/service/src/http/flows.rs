//! Flows of the widget, looked up by the id that the partner has.

use std::sync::Arc;

use grantor_ids::FlowId;
use grantor_web::Answer;
use serde_json::json;
use uuid::Uuid;

use super::{Ask, GET, Operation, Outcome, problem::Problem};
use crate::Console;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(
            "get_flow",
            GET,
            "/admin/v1/tenants/{slug}/flows/{flow_id}",
            "What became of a flow of the widget.",
            |console, ask| Box::pin(get(console, ask)),
        )
        .answers(200, "Flow"),
    ]
}

async fn get(console: Arc<Console>, ask: Ask) -> Outcome {
    let tenant = console.tenant_of(&ask).await?;
    let id = Uuid::try_parse(&ask.param("flow_id")?).map_err(|_| Problem::not_found("flow"))?;
    let flow = console.flows.flow(tenant.id, FlowId::from_uuid(id)).await?.ok_or(Problem::not_found("flow"))?;
    Ok(Answer::json(
        200,
        &json!({
            "id": id, "client_id": flow.client_id, "kind": flow.kind, "state": flow.state, "reason": flow.reason,
            "language": flow.language, "sync_period": flow.sync_period, "expires_at": flow.expires_at
        }),
    ))
}
