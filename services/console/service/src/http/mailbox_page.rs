//! The mailbox as a page. A script brings an operator's token in the `Authorization` header; a
//! person signs in with it and gets a session.

use std::sync::Arc;

use grantor_pages::{Frame, Mail, Mailbox as MailboxPage, MenuPage, Page};
use grantor_web::{AdminRoute, Answer, PathSpec, Request, admin_handler};

use super::{GET, POST, problem::Problem};
use crate::{
    Console,
    access::Denied,
    mailbox::Mailbox,
    panel::{OPERATOR, Visit, cookie_name, frame, sign_in, sign_in_form},
};

const PATH: &str = "/mailbox";

pub(super) fn routes(console: &Arc<Console>) -> Vec<AdminRoute> {
    let Some(mailbox) = &console.mailbox else { return Vec::new() };
    let (asked, mails) = (Arc::clone(console), Arc::clone(mailbox));
    let show = admin_handler(move |request| show(Arc::clone(&asked), Arc::clone(&mails), request));
    let asked = Arc::clone(console);
    let enter = admin_handler(move |request| {
        let console = Arc::clone(&asked);
        async move { sign_in(&console, &request, Some(PATH)).await }
    });
    vec![
        AdminRoute { name: "mailbox", at: PathSpec::Fixed(PATH), methods: GET, handler: show },
        AdminRoute { name: "mailbox_sign_in", at: PathSpec::Fixed(PATH), methods: POST, handler: enter },
    ]
}

async fn show(console: Arc<Console>, mailbox: Arc<Mailbox>, request: Request) -> Answer {
    let frame = match let_in(&console, &request).await {
        Ok(Some(frame)) => frame,
        Ok(None) => return sign_in_form(&console, &request, 401, None, Some(PATH)),
        Err(denied) => return Problem::from(denied).into_answer(),
    };
    match mailbox.mails(None).await {
        Ok(mails) => page(frame, mails),
        Err(cause) => Problem::from(cause).into_answer(),
    }
}

/// How the page looks to an operator; nothing when the caller brought nothing, an error when what
/// they brought is wrong.
async fn let_in(console: &Console, request: &Request) -> Result<Option<Frame>, Denied> {
    match console.authenticate(request).await {
        Ok(_) => return Ok(Some(frame(request))),
        Err(Denied::Nothing) => {}
        Err(denied) => return Err(denied),
    }
    let Some(cookie) = request.cookie(&cookie_name(OPERATOR, request)) else { return Ok(None) };
    let Some((operator, name)) = console.operator_in_session(&cookie).await? else { return Ok(None) };
    let visit = Visit::by(console, request.clone(), operator, name, cookie);
    Ok(Some(visit.frame(Some(MenuPage::Mailbox))))
}

fn page(frame: Frame, mails: Vec<crate::KeptMail>) -> Answer {
    let mails =
        mails.into_iter().map(|mail| Mail { to: mail.to, subject: mail.subject, sent_at: mail.at, body: mail.body });
    Answer::html(200, MailboxPage { frame, mails: mails.collect() }.html())
}
