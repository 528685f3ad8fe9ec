use std::sync::Arc;

use grantor_web::Call;

use super::{pages, visit::FlowVisit};
use crate::{Authorization, flow::Due, http::Answered};

/// The accounts that were ticked.
pub(crate) async fn post(service: Arc<Authorization>, call: Arc<Call>) -> Answered {
    let mut visit = FlowVisit::open(&service, &call).await?;
    let form = visit.form(&call)?;
    if form.get("cancel").is_some() {
        return visit.cancel(&service, &call).await;
    }
    let Due::Accounts(bank, proved) = visit.stored.work.due() else { return Ok(visit.go_on(&call)) };
    let ticked = |at: &usize| form.get(&format!("account_{}", at + 1)).is_some();
    let chosen: Vec<usize> = (0..proved.accounts.len()).filter(ticked).collect();
    if chosen.is_empty() {
        return Ok(pages::accounts(&call, &visit, bank, proved, true));
    }
    visit.stored.work.chosen = chosen;
    visit.save(&service, &call).await?;
    Ok(visit.go_on(&call))
}
