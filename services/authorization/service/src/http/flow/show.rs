use std::sync::Arc;

use grantor_authorization_domain::FlowFailure;
use grantor_pages::{Lang, PageError, WidgetEndKind};
use grantor_web::Call;

use super::{pages, visit::FlowVisit};
use crate::{Authorization, flow::Due, http::Answered};

/// The step of a flow that is due.
pub(crate) async fn get(service: Arc<Authorization>, call: Arc<Call>) -> Answered {
    let mut visit = FlowVisit::open(&service, &call).await?;
    let params = call.query_params().map_err(|_| PageError::BadRequest)?;
    if let Some(lang) = params.get("ui_locales").and_then(Lang::from_tag) {
        lang.tag().clone_into(&mut visit.stored.work.lang);
        visit.save(&service, &call).await?;
        return Ok(visit.go_on(&call));
    }
    match visit.stored.work.due() {
        Due::Bank => {
            let banks = service.banks.banks(call.tenant.id).await?;
            if banks.is_empty() {
                let reason = FlowFailure::BankUnavailable;
                return visit.fail(&service, &call, reason, WidgetEndKind::NoBank).await;
            }
            Ok(pages::banks(&call, &visit, banks, false))
        }
        Due::Login(bank) => Ok(pages::login(&call, &visit, bank, "", None)),
        Due::Factor(challenge) => Ok(pages::factor(&call, &visit, challenge, None)),
        Due::Accounts(bank, proved) => Ok(pages::accounts(&call, &visit, bank, proved, false)),
        Due::Consent(_) if visit.stored.work.asked => Ok(pages::confirm(&call, &visit, false)),
        Due::Consent(_) => Ok(pages::consent(&service, &call, &visit)),
    }
}
