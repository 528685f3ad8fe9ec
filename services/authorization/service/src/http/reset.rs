use std::sync::Arc;

use grantor_eventsourcing::Actor;
use grantor_pages::{ForgotPassword, ForgotPasswordError};
use grantor_ports::{PortError, Reset, ResetRefusal};
use grantor_web::{Answer, Call};

use super::{
    Answered,
    interaction::{Chosen, choose_language},
    pages,
    visit::Visit,
};
use crate::{Authorization, interaction::PendingReset};

/// The page of a visit for who forgot their password (the visit goes on afterwards).
pub(crate) async fn get(service: Arc<Authorization>, call: Arc<Call>) -> Answered {
    let visit = Visit::open(&service, &call).await?;
    let visit = match choose_language(&service, &call, visit, "/reset").await? {
        Chosen::Answer(answer) => return Ok(answer),
        Chosen::Nothing(visit) => visit,
    };
    // The client must still be approved, as on every page of a visit.
    visit.client(&service, &call).await?;
    Ok(form(&call, &visit, 200, "", None))
}

/// Its form: `reset` or `cancel`. Every address leads to the same page (C24).
pub(crate) async fn post(service: Arc<Authorization>, call: Arc<Call>) -> Answered {
    let mut visit = Visit::open(&service, &call).await?;
    let sent = visit.form(&call, None)?;
    if sent.get("cancel").is_some() {
        return visit.cancel(&service, &call).await;
    }
    visit.client(&service, &call).await?;
    let email = sent.get("email").unwrap_or_default().trim();
    let reset = Reset { email: email.to_owned(), locale: Some(visit.lang.tag().to_owned()), address: call.peer };
    let meta = call.meta(Actor::Anonymous);
    match service.directory.begin_reset(call.tenant.id, reset, &meta).await {
        Ok(ticket) => {
            visit.stored.interaction.reset = Some(PendingReset { ticket, email: email.to_owned() });
            visit.save(&service, &call).await?;
            Ok(Answer::see_other(&call.link(&visit.path("/password"))))
        }
        Err(ResetRefusal::Email) => Ok(form(&call, &visit, 200, email, Some(ForgotPasswordError::EmailInvalid))),
        Err(ResetRefusal::Throttled { retry_after }) => {
            let answer = form(&call, &visit, 429, email, Some(ForgotPasswordError::TooManyAttempts));
            Ok(answer.header("retry-after", &retry_after.to_string()))
        }
        Err(ResetRefusal::Port(PortError::Busy)) => {
            Ok(form(&call, &visit, 503, email, Some(ForgotPasswordError::Busy)).header("retry-after", "2"))
        }
        Err(ResetRefusal::Port(cause)) => Err(cause.into()),
    }
}

/// The page with what was typed and what is wrong with it.
pub(crate) fn form(call: &Call, visit: &Visit, status: u16, email: &str, error: Option<ForgotPasswordError>) -> Answer {
    let page = ForgotPassword {
        frame: pages::visit_frame(call, visit, "/reset"),
        csrf: visit.csrf(None),
        action: visit.path("/reset"),
        email: email.to_owned(),
        cancellable: visit.stored.interaction.client().is_some(),
        error,
        login_path: visit.path(""),
    };
    pages::visit_page(status, visit, &page)
}
