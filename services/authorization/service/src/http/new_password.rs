use std::sync::Arc;

use grantor_eventsourcing::Actor;
use grantor_oauth::Params;
use grantor_pages::{ForgotPasswordError, NewPassword, NewPasswordError};
use grantor_ports::{FinishReset, FinishResetRefusal, PortError, VerifyRefusal};
use grantor_web::{Answer, Call};
use secrecy::SecretString;

use super::{
    Answered,
    interaction::{Chosen, choose_language},
    pages, reset,
    sign_up::{PASSWORD_MAX, PASSWORD_MIN},
    verify::CODE_DIGITS,
    visit::Visit,
};
use crate::{Authorization, interaction::PendingReset};

/// The page that asks for the code sent by mail and a new password.
pub(crate) async fn get(service: Arc<Authorization>, call: Arc<Call>) -> Answered {
    let visit = Visit::open(&service, &call).await?;
    let visit = match choose_language(&service, &call, visit, "/password").await? {
        Chosen::Answer(answer) => return Ok(answer),
        Chosen::Nothing(visit) => visit,
    };
    match &visit.stored.interaction.reset {
        Some(pending) => Ok(visit_page(&visit, 200, form(&call, &visit, pending))),
        None => Ok(Answer::see_other(&call.link(&visit.path("/reset")))),
    }
}

/// Its form: `change`, `resend` or `cancel`.
pub(crate) async fn post(service: Arc<Authorization>, call: Arc<Call>) -> Answered {
    let mut visit = Visit::open(&service, &call).await?;
    let sent = visit.form(&call, None)?;
    if sent.get("cancel").is_some() {
        return visit.cancel(&service, &call).await;
    }
    let Some(pending) = visit.stored.interaction.reset.clone() else {
        return Ok(Answer::see_other(&call.link(&visit.path("/reset"))));
    };
    if sent.get("resend").is_some() {
        return resend(&service, &call, &visit, &pending).await;
    }
    // As people copy it from a mail: with spaces or hyphens.
    let code: String = sent.get("code").unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
    let failed = |status, error| {
        // A code that was not looked at need not be typed again.
        let code = if error == NewPasswordError::WrongCode { String::new() } else { code.clone() };
        visit_page(&visit, status, NewPassword { code, error: Some(error), ..form(&call, &visit, &pending) })
    };
    if let Some(mistake) = mistake(&sent) {
        return Ok(failed(200, mistake));
    }
    let reset = FinishReset {
        ticket: pending.ticket.clone(),
        code: code.clone(),
        password: SecretString::from(sent.get("password").unwrap_or_default()),
        address: call.peer,
    };
    let meta = call.meta(Actor::Anonymous);
    match service.directory.finish_reset(call.tenant.id, reset, &meta).await {
        Ok(()) => changed(&service, &call, &mut visit, pending).await,
        Err(FinishResetRefusal::Password) => Ok(failed(200, NewPasswordError::PasswordTooEasy)),
        Err(FinishResetRefusal::Wrong) => Ok(failed(200, NewPasswordError::WrongCode)),
        Err(FinishResetRefusal::Expired) => {
            visit.stored.interaction.reset = None;
            visit.save(&service, &call).await?;
            Ok(reset::form(&call, &visit, 200, &pending.email, Some(ForgotPasswordError::CodeExpired)))
        }
        Err(FinishResetRefusal::Port(PortError::Busy)) => {
            Ok(failed(503, NewPasswordError::Busy).header("retry-after", "2"))
        }
        Err(FinishResetRefusal::Port(cause)) => Err(cause.into()),
    }
}

async fn resend(service: &Authorization, call: &Call, visit: &Visit, pending: &PendingReset) -> Answered {
    let page = form(call, visit, pending);
    match service.directory.resend_reset(call.tenant.id, &pending.ticket).await {
        Ok(()) => Ok(visit_page(visit, 200, NewPassword { resent: true, ..page })),
        Err(VerifyRefusal::Port(PortError::Unavailable)) => Err(PortError::Unavailable.into()),
        Err(_) => {
            let error = Some(NewPasswordError::TooManyAttempts);
            Ok(visit_page(visit, 429, NewPassword { error, ..page }))
        }
    }
}

/// To the login page: a code from a mail changes a password, but a login is by password. Who
/// was signed in here is asked as well, whether or not the news of the change has arrived.
async fn changed(service: &Authorization, call: &Call, visit: &mut Visit, pending: PendingReset) -> Answered {
    let interaction = &mut visit.stored.interaction;
    interaction.reset = None;
    interaction.password_changed = Some(pending.email);
    interaction.proved = None;
    interaction.chosen = None;
    interaction.other = true;
    visit.save(service, call).await?;
    Ok(visit.go_on(call))
}

fn mistake(sent: &Params) -> Option<NewPasswordError> {
    match sent.get("password").unwrap_or_default().chars().count() {
        length if length < PASSWORD_MIN as usize => Some(NewPasswordError::PasswordTooShort),
        length if length > PASSWORD_MAX => Some(NewPasswordError::PasswordTooLong),
        _ => None,
    }
}

fn visit_page(visit: &Visit, status: u16, page: NewPassword) -> Answer {
    pages::visit_page(status, visit, &page)
}

fn form(call: &Call, visit: &Visit, pending: &PendingReset) -> NewPassword {
    NewPassword {
        frame: pages::visit_frame(call, visit, "/password"),
        csrf: visit.csrf(None),
        action: visit.path("/password"),
        email: pending.email.clone(),
        code: String::new(),
        code_length: CODE_DIGITS,
        password_min: PASSWORD_MIN,
        cancellable: visit.stored.interaction.client().is_some(),
        resent: false,
        error: None,
    }
}
