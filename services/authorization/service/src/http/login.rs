use std::sync::Arc;

use grantor_eventsourcing::Actor;
use grantor_pages::{Lang, LoginError, PageError};
use grantor_ports::{Login, LoginRefusal, PasswordAttempt, PortError};
use grantor_web::{Answer, Call};
use secrecy::SecretString;

use super::{
    Answered, pages,
    visit::{Visit, next_path},
};
use crate::{
    Authorization,
    cookies::{self, Jar},
    interaction::{Interaction, Next, Purpose},
    secret::Secret,
};

/// `/login?next=home|create_client|apps|dashboard|templates|team`: a visit without a client, for our own pages.
pub(crate) async fn own(service: Arc<Authorization>, call: Arc<Call>) -> Answered {
    begin(&service, &call, "").await
}

/// `/signup?next=…`: the same, beginning with the sign-up page.
pub(crate) async fn own_sign_up(service: Arc<Authorization>, call: Arc<Call>) -> Answered {
    begin(&service, &call, "/signup").await
}

/// `/reset?next=…`: the same, beginning with the page for who forgot their password.
pub(crate) async fn own_reset(service: Arc<Authorization>, call: Arc<Call>) -> Answered {
    begin(&service, &call, "/reset").await
}

async fn begin(service: &Authorization, call: &Call, below: &str) -> Answered {
    let params = call.query_params().map_err(|_| PageError::BadRequest)?;
    let next = match params.get("next") {
        Some("create_client") => Next::CreateClient,
        Some("apps") => Next::Apps,
        Some("dashboard") => Next::Dashboard,
        Some("templates") => Next::Templates,
        Some("team") => Next::Team,
        // Names, never addresses: nobody can be sent elsewhere with this link (C2).
        _ => Next::Home,
    };
    if service.session_of(call).await?.is_some() {
        return Ok(Answer::see_other(&next_path(call, next)));
    }
    let known = cookies::read(call, Jar::Browser);
    let browser = known.clone().unwrap_or_else(|| Secret::fresh(service.entropy.as_ref()));
    let mut interaction = Interaction::new(Purpose::Own(next), Some(&browser), service.interaction_end(call));
    interaction.lang = params.get("ui_locales").and_then(Lang::from_tag).map(|lang| lang.tag().to_owned());
    let id = Secret::fresh(service.entropy.as_ref());
    service.keep_interaction(call.tenant.id, &id, &interaction, Vec::new()).await?;
    let answer = Answer::see_other(&call.link(&format!("/interaction/{}{below}", id.as_str())));
    Ok(if known.is_some() { answer } else { answer.cookie(cookies::set(call, Jar::Browser, &browser)) })
}

/// The login form: `login` or `cancel`.
pub(crate) async fn post(service: Arc<Authorization>, call: Arc<Call>) -> Answered {
    let mut visit = Visit::open(&service, &call).await?;
    let form = visit.form(&call, None)?;
    if form.get("cancel").is_some() {
        return visit.cancel(&service, &call).await;
    }
    let username = form.get("username").unwrap_or_default();
    let attempt = PasswordAttempt {
        username: username.to_owned(),
        password: SecretString::from(form.get("password").unwrap_or_default()),
        address: call.peer,
    };
    let meta = call.meta(Actor::Anonymous);
    let refusal = match service.directory.check_password(call.tenant.id, attempt, &meta).await {
        Ok(login) => return welcome(&service, &call, &mut visit, login).await,
        Err(refusal) => refusal,
    };
    let client = visit.client(&service, &call).await?;
    let failed = |status, error| pages::login_failed(&call, &visit, client.as_deref(), status, username, error);
    match refusal {
        // Nothing about the user shows (C24).
        LoginRefusal::Wrong | LoginRefusal::Unverified | LoginRefusal::Locked => {
            Ok(failed(200, LoginError::WrongCredentials))
        }
        LoginRefusal::Throttled { retry_after } => {
            Ok(failed(429, LoginError::TooManyAttempts).header("retry-after", &retry_after.to_string()))
        }
        LoginRefusal::Port(PortError::Busy) => Ok(failed(503, LoginError::Busy).header("retry-after", "2")),
        LoginRefusal::Port(cause) => Err(cause.into()),
    }
}

/// After a login, by password or by a finished sign-up: a new session, and on with the visit.
pub(crate) async fn welcome(service: &Authorization, call: &Call, visit: &mut Visit, login: Login) -> Answered {
    let session = service.start_session(call, login).await?;
    let interaction = &mut visit.stored.interaction;
    interaction.proved = Some(session.id);
    interaction.other = false;
    interaction.sign_up = None;
    interaction.reset = None;
    interaction.password_changed = None;
    visit.save(service, call).await?;
    Ok(visit.go_on(call).cookie(cookies::set(call, Jar::Session, &session.cookie)))
}
