use std::sync::Arc;

use grantor_web::Call;

use super::{pages, visit::FlowVisit};
use crate::{Authorization, flow::Due, http::Answered};

/// The bank that was chosen.
pub(crate) async fn post(service: Arc<Authorization>, call: Arc<Call>) -> Answered {
    let mut visit = FlowVisit::open(&service, &call).await?;
    let form = visit.form(&call)?;
    if form.get("cancel").is_some() {
        return visit.cancel(&service, &call).await;
    }
    if !matches!(visit.stored.work.due(), Due::Bank) {
        return Ok(visit.go_on(&call));
    }
    let banks = service.banks.banks(call.tenant.id).await?;
    let chosen = form.get("bank").and_then(|id| banks.iter().find(|bank| bank.id == id));
    let Some(bank) = chosen.cloned() else { return Ok(pages::banks(&call, &visit, banks, true)) };
    visit.stored.work.bank = Some(bank);
    visit.save(&service, &call).await?;
    Ok(visit.go_on(&call))
}
