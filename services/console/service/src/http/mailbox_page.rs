//! The mailbox as a page. A script brings an operator's token in the `Authorization` header; a
//! person signs in with it and gets a session.

use std::sync::Arc;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as B64};
use grantor_crypto::constant_time_eq;
use grantor_pages::{Frame, Lang, Mail, Mailbox as MailboxPage, OperatorSignIn, OperatorSignInError, Page};
use grantor_ports::{EntropyExt, PortError};
use grantor_web::{AdminRoute, Answer, PathSpec, Request, SetCookie, admin_handler};
use secrecy::SecretString;

use super::{GET, POST, problem::Problem};
use crate::{Console, access::Denied, access::SESSION, mailbox::Mailbox};

const PATH: &str = "/mailbox";

pub(super) fn routes(console: &Arc<Console>) -> Vec<AdminRoute> {
    let Some(mailbox) = &console.mailbox else { return Vec::new() };
    let (asked, mails) = (Arc::clone(console), Arc::clone(mailbox));
    let show = admin_handler(move |request| show(Arc::clone(&asked), Arc::clone(&mails), request));
    let asked = Arc::clone(console);
    let sign_in = admin_handler(move |request| sign_in(Arc::clone(&asked), request));
    let home = admin_handler(|_| async { Answer::see_other(PATH) });
    vec![
        AdminRoute { name: "mailbox", at: PathSpec::Fixed(PATH), methods: GET, handler: show },
        AdminRoute { name: "mailbox_sign_in", at: PathSpec::Fixed(PATH), methods: POST, handler: sign_in },
        AdminRoute { name: "home", at: PathSpec::Fixed("/"), methods: GET, handler: home },
    ]
}

async fn show(console: Arc<Console>, mailbox: Arc<Mailbox>, request: Request) -> Answer {
    match let_in(&console, &request).await {
        Ok(true) => match mailbox.mails(None).await {
            Ok(mails) => page(&request, mails),
            Err(cause) => Problem::from(cause).into_answer(),
        },
        Ok(false) => form(&console, &request, 401, None),
        Err(denied) => Problem::from(denied).into_answer(),
    }
}

/// Whether the caller is an operator; an error when what they brought is wrong, not when they
/// brought nothing.
async fn let_in(console: &Console, request: &Request) -> Result<bool, Denied> {
    match console.authenticate(request).await {
        Ok(_) => return Ok(true),
        Err(Denied::Nothing) => {}
        Err(denied) => return Err(denied),
    }
    match request.cookie(&cookie_name("operator", request)) {
        Some(cookie) => Ok(console.operator_in_session(&cookie).await?.is_some()),
        None => Ok(false),
    }
}

fn page(request: &Request, mails: Vec<crate::KeptMail>) -> Answer {
    let mails =
        mails.into_iter().map(|mail| Mail { to: mail.to, subject: mail.subject, sent_at: mail.at, body: mail.body });
    Answer::html(200, MailboxPage { frame: frame(request), mails: mails.collect() }.html())
}

async fn sign_in(console: Arc<Console>, request: Request) -> Answer {
    let Ok(params) = request.form_params() else {
        return form(&console, &request, 400, Some(OperatorSignInError::FormExpired));
    };
    // The form must have come from here: its value is in a cookie that no other site can set.
    let bound = request.cookie(&cookie_name("form", &request)).unwrap_or_default();
    if bound.is_empty() || !constant_time_eq(&bound, params.get("csrf").unwrap_or_default()) {
        return form(&console, &request, 400, Some(OperatorSignInError::FormExpired));
    }
    let token = SecretString::from(params.get("token").unwrap_or_default().trim());
    match console.operator_with(&token, request.peer).await {
        Ok(operator) => match console.open_session(operator).await {
            Ok(session) => Answer::see_other(PATH)
                .cookie(cookie("operator", session, SESSION.num_seconds(), &request))
                .cookie(cookie("form", String::new(), 0, &request)),
            Err(cause) => unavailable(cause),
        },
        Err(Denied::Throttled(seconds)) => form(&console, &request, 429, Some(OperatorSignInError::TooManyAttempts))
            .header("retry-after", &seconds.to_string()),
        Err(Denied::Port(cause)) => unavailable(cause),
        Err(_) => form(&console, &request, 401, Some(OperatorSignInError::WrongToken)),
    }
}

fn form(console: &Console, request: &Request, status: u16, error: Option<OperatorSignInError>) -> Answer {
    let csrf = B64.encode(console.entropy.bytes::<32>());
    let page = OperatorSignIn { frame: frame(request), csrf: csrf.clone(), action: PATH.to_owned(), error };
    let answer = Answer::html(status, page.html()).cookie(cookie("form", csrf, 3600, request));
    if status == 401 { answer.header("www-authenticate", "Bearer realm=\"grantor\"") } else { answer }
}

fn unavailable(cause: PortError) -> Answer {
    Problem::from(cause).into_answer()
}

fn frame(request: &Request) -> Frame {
    Frame::new(Lang::choose(None, request.header("accept-language")), "Grantor", "")
}

fn cookie(what: &str, value: String, seconds: i64, request: &Request) -> SetCookie {
    SetCookie { name: cookie_name(what, request), value, max_age: Some(seconds), secure: request.https, framed: false }
}

fn cookie_name(what: &str, request: &Request) -> String {
    let prefix = if request.https { "__Host-" } else { "" };
    format!("{prefix}grantor_{what}")
}
