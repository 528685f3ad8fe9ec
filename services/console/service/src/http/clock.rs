//! A sandbox's clock, moved forward. What time it is there is part of the tenant.

use std::sync::Arc;

use grantor_ports::{TenantChange, TenantKind, TenantView};
use grantor_web::Answer;
use serde_json::{Value, json};

use super::{Ask, Operation, Outcome, POST};
use crate::Console;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(
            "advance_clock",
            POST,
            "/admin/v1/tenants/{slug}/clock/advance",
            "Moves a sandbox's clock forward; what ends by then is over within a second, and there is no way back. Other \
             tenants have no such clock (409).",
            |console, ask| Box::pin(advance(console, ask)),
        )
        .takes("ClockAdvance")
        .answers(200, "Clock"),
    ]
}

/// The clock of a sandbox as operators see it.
pub(super) fn shown(console: &Console, tenant: &TenantView) -> Option<Value> {
    tenant.tell(console.clock.as_ref());
    (tenant.kind == TenantKind::Sandbox).then(|| {
        json!({
            "now": console.clock.now(tenant.id), "real": console.clock.real(),
            "ahead_seconds": tenant.clock_ahead_ms / 1000
        })
    })
}

async fn advance(console: Arc<Console>, ask: Ask) -> Outcome {
    let tenant = console.tenant_of(&ask).await?;
    let mut members = ask.members()?;
    let seconds = members.number("seconds");
    members.finish()?;
    let change = TenantChange::AdvanceClock { seconds: seconds.unwrap_or_default() };
    let tenant = console.registry_admin.change_tenant(tenant.id, change, &ask.meta()).await?;
    Ok(Answer::json(200, &shown(&console, &tenant)))
}
