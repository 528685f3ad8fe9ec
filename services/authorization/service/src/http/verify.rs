use std::sync::Arc;

use grantor_eventsourcing::Actor;
use grantor_pages::{SignUpError, Verify, VerifyError};
use grantor_ports::{PortError, VerifyRefusal};
use grantor_web::{Answer, Call};

use super::{
    Answered,
    interaction::{Chosen, choose_language},
    login, pages, sign_up,
    visit::Visit,
};
use crate::{Authorization, interaction::PendingSignUp};

/// As many as the directory sends.
pub(crate) const CODE_DIGITS: u32 = 8;

/// The page that asks for the code sent by mail.
pub(crate) async fn get(service: Arc<Authorization>, call: Arc<Call>) -> Answered {
    let visit = Visit::open(&service, &call).await?;
    let visit = match choose_language(&service, &call, visit, "/verify").await? {
        Chosen::Answer(answer) => return Ok(answer),
        Chosen::Nothing(visit) => visit,
    };
    match &visit.stored.interaction.sign_up {
        Some(pending) => Ok(form(&call, &visit, pending, 200, false, None)),
        None => Ok(Answer::see_other(&call.link(&visit.path("/signup")))),
    }
}

/// Its form: `verify`, `resend` or `cancel`.
pub(crate) async fn post(service: Arc<Authorization>, call: Arc<Call>) -> Answered {
    let mut visit = Visit::open(&service, &call).await?;
    let sent = visit.form(&call, None)?;
    if sent.get("cancel").is_some() {
        return visit.cancel(&service, &call).await;
    }
    let Some(pending) = visit.stored.interaction.sign_up.clone() else {
        return Ok(Answer::see_other(&call.link(&visit.path("/signup"))));
    };
    let tenant = call.tenant.id;
    if sent.get("resend").is_some() {
        return match service.directory.resend_code(tenant, &pending.ticket).await {
            Ok(()) => Ok(form(&call, &visit, &pending, 200, true, None)),
            Err(VerifyRefusal::Port(PortError::Unavailable)) => Err(PortError::Unavailable.into()),
            Err(_) => Ok(form(&call, &visit, &pending, 429, false, Some(VerifyError::TooManyAttempts))),
        };
    }
    // As people copy it from a mail: with spaces or hyphens.
    let code: String = sent.get("code").unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
    let meta = call.meta(Actor::Anonymous);
    match service.directory.finish_sign_up(tenant, &pending.ticket, &code, &meta).await {
        Ok(new) => login::welcome(&service, &call, &mut visit, new).await,
        Err(VerifyRefusal::Wrong) => Ok(form(&call, &visit, &pending, 200, false, Some(VerifyError::WrongCode))),
        Err(VerifyRefusal::Expired) => {
            visit.stored.interaction.sign_up = None;
            visit.save(&service, &call).await?;
            let typed = ("", pending.email.as_str());
            sign_up::again(&service, &call, &visit, 200, typed, vec![SignUpError::FormExpired]).await
        }
        Err(VerifyRefusal::Port(PortError::Busy)) => {
            Ok(form(&call, &visit, &pending, 503, false, Some(VerifyError::Busy)).header("retry-after", "2"))
        }
        Err(VerifyRefusal::Port(cause)) => Err(cause.into()),
    }
}

fn form(
    call: &Call,
    visit: &Visit,
    pending: &PendingSignUp,
    status: u16,
    resent: bool,
    error: Option<VerifyError>,
) -> Answer {
    let page = Verify {
        frame: pages::visit_frame(call, visit, "/verify"),
        csrf: visit.csrf(None),
        action: visit.path("/verify"),
        email: pending.email.clone(),
        code_length: CODE_DIGITS,
        cancellable: visit.stored.interaction.client().is_some(),
        resent,
        error,
    };
    pages::visit_page(status, visit, &page)
}
