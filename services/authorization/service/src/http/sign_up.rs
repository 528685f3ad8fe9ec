use std::sync::Arc;

use grantor_eventsourcing::Actor;
use grantor_oauth::Params;
use grantor_pages::{PageError, SignUp, SignUpError};
use grantor_ports::{ClientView, PortError, SignUp as NewUser, SignUpRefusal};
use grantor_web::{Answer, Call};
use secrecy::SecretString;

use super::{
    Answered, Fault,
    interaction::{Chosen, choose_language},
    pages,
    visit::Visit,
};
use crate::{Authorization, interaction::PendingSignUp};

/// What the directory takes; the page says so before it is asked.
pub(crate) const PASSWORD_MIN: u32 = 8;
pub(crate) const PASSWORD_MAX: usize = 128;

/// The sign-up page of a visit (FX-21: the visit goes on afterwards).
pub(crate) async fn get(service: Arc<Authorization>, call: Arc<Call>) -> Answered {
    let visit = open(&service, &call).await?;
    let visit = match choose_language(&service, &call, visit, "/signup").await? {
        Chosen::Answer(answer) => return Ok(answer),
        Chosen::Nothing(visit) => visit,
    };
    let client = visit.client(&service, &call).await?;
    Ok(pages::visit_page(200, &visit, &empty(&call, &visit, client.as_deref())))
}

/// The sign-up form: `signup` or `cancel`.
pub(crate) async fn post(service: Arc<Authorization>, call: Arc<Call>) -> Answered {
    let mut visit = open(&service, &call).await?;
    let form = visit.form(&call, None)?;
    if form.get("cancel").is_some() {
        return visit.cancel(&service, &call).await;
    }
    let (name, email) = (form.get("name").unwrap_or_default().trim(), form.get("email").unwrap_or_default().trim());
    let mistakes = mistakes(&form, name);
    if !mistakes.is_empty() {
        return again(&service, &call, &visit, 200, (name, email), mistakes).await;
    }
    let new = NewUser {
        email: email.to_owned(),
        password: SecretString::from(form.get("password").unwrap_or_default()),
        name: Some(name.to_owned()),
        locale: Some(visit.lang.tag().to_owned()),
        address: call.peer,
    };
    let meta = call.meta(Actor::Anonymous);
    let (status, error, wait) = match service.directory.begin_sign_up(call.tenant.id, new, &meta).await {
        Ok(ticket) => {
            visit.stored.interaction.sign_up = Some(PendingSignUp { ticket, email: email.to_owned() });
            visit.save(&service, &call).await?;
            return Ok(Answer::see_other(&call.link(&visit.path("/verify"))));
        }
        Err(SignUpRefusal::Email) => (200, SignUpError::EmailInvalid, None),
        Err(SignUpRefusal::Password) => (200, SignUpError::PasswordTooEasy, None),
        Err(SignUpRefusal::Name) => (200, SignUpError::NameTooLong, None),
        Err(SignUpRefusal::Throttled { retry_after }) => (429, SignUpError::TooManyAttempts, Some(retry_after)),
        Err(SignUpRefusal::Port(PortError::Busy)) => (503, SignUpError::Busy, Some(2)),
        Err(SignUpRefusal::Port(cause)) => return Err(cause.into()),
    };
    let answer = again(&service, &call, &visit, status, (name, email), vec![error]).await?;
    Ok(match wait {
        Some(seconds) => answer.header("retry-after", &seconds.to_string()),
        None => answer,
    })
}

/// The page once more, with what was typed and what is wrong with it.
pub(crate) async fn again(
    service: &Authorization,
    call: &Call,
    visit: &Visit,
    status: u16,
    (name, email): (&str, &str),
    errors: Vec<SignUpError>,
) -> Answered {
    let client = visit.client(service, call).await?;
    let form =
        SignUp { name: name.to_owned(), email: email.to_owned(), errors, ..empty(call, visit, client.as_deref()) };
    Ok(pages::visit_page(status, visit, &form))
}

fn mistakes(form: &Params, name: &str) -> Vec<SignUpError> {
    let length = form.get("password").unwrap_or_default().chars().count();
    let found = [
        (name.is_empty(), SignUpError::NameMissing),
        (form.get("email").is_none(), SignUpError::EmailInvalid),
        (length < PASSWORD_MIN as usize, SignUpError::PasswordTooShort),
        (length > PASSWORD_MAX, SignUpError::PasswordTooLong),
    ];
    found.into_iter().filter(|(wrong, _)| *wrong).map(|(_, mistake)| mistake).collect()
}

/// A visit of a tenant where people may sign up (knob 41).
async fn open(service: &Authorization, call: &Call) -> Result<Visit, Fault> {
    if !call.tenant.profile.interaction.sign_up {
        return Err(PageError::NotFound.into());
    }
    Visit::open(service, call).await
}

fn empty(call: &Call, visit: &Visit, client: Option<&ClientView>) -> SignUp {
    SignUp {
        frame: pages::visit_frame(call, visit, "/signup"),
        csrf: visit.csrf(None),
        action: visit.path("/signup"),
        name: String::new(),
        email: String::new(),
        password_min: PASSWORD_MIN,
        client_name: client.map(|client| client.name.clone()),
        errors: Vec::new(),
        login_path: visit.path(""),
    }
}
