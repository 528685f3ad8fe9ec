//! Who looks at a page, in what language, and what they sent.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as B64};
use grantor_crypto::{constant_time_eq, sha256};
use grantor_eventsourcing::{Actor, Meta};
use grantor_ids::OperatorId;
use grantor_oauth::Params;
use grantor_pages::{ErrorPage, Frame, Lang, Menu, MenuPage, Page as _, PageError, SignedIn};
use grantor_ports::{Page, TenantView};
use grantor_web::{Answer, Method, Request};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::{Halt, NOT_FOUND, SHOWN, sign_in_form};
use crate::Console;

/// The cookie of a session.
pub(crate) const OPERATOR: &str = "operator";

/// One request of somebody who is signed in.
pub(crate) struct Visit {
    pub request: Request,
    pub operator: OperatorId,
    pub name: String,
    pub query: Params,
    /// What was posted; its token was right.
    pub form: Params,
    pub cookie: String,
    mailbox: bool,
}

impl Visit {
    /// Finds the session; else what is answered instead.
    pub async fn of(console: &Console, request: Request) -> Result<Self, Box<Answer>> {
        let cookie = request.cookie(&cookie_name(OPERATOR, &request)).unwrap_or_default();
        let found = match console.operator_in_session(&cookie).await {
            Ok(found) => found,
            Err(_) => return Err(Box::new(bare_error(&request, PageError::Unavailable))),
        };
        let Some((operator, name)) = found else {
            return Err(Box::new(sign_in_form(console, &request, 401, None, None)));
        };
        let mut visit = Self::by(console, request, operator, name, cookie);
        match (visit.request.query_params(), visit.request.form_params()) {
            (Ok(query), Ok(form)) => (visit.query, visit.form) = (query, form),
            _ => return Err(Box::new(visit.error(PageError::BadRequest))),
        }
        let sent = visit.form.get("csrf").unwrap_or_default();
        if visit.request.method == Method::POST && !constant_time_eq(sent, visit.csrf()) {
            return Err(Box::new(visit.error(PageError::FormExpired)));
        }
        Ok(visit)
    }

    /// Of an operator who is known; nothing of the request is read yet.
    pub fn by(console: &Console, request: Request, operator: OperatorId, name: String, cookie: String) -> Self {
        let mailbox = console.mailbox.is_some();
        Self { request, operator, name, query: Params::default(), form: Params::default(), cookie, mailbox }
    }

    /// Binds a form to the session, and says nothing of its cookie (C25).
    pub fn csrf(&self) -> String {
        B64.encode(sha256(format!("form of {}", self.cookie)))
    }

    /// The circumstances of the events that this causes.
    pub fn meta(&self) -> Meta {
        self.request.meta(Actor::Operator(self.operator))
    }

    /// A part of the path, decoded.
    pub fn param(&self, name: &str) -> Result<String, Halt> {
        let decoded = percent_decode_str(self.request.param(name)).decode_utf8();
        decoded.map(Into::into).map_err(|_| NOT_FOUND)
    }

    /// The tenant that the path names.
    pub async fn tenant(&self, console: &Console) -> Result<std::sync::Arc<TenantView>, Halt> {
        console.registry.tenant_by_slug(&self.param("slug")?).await?.ok_or(NOT_FOUND)
    }

    /// Which page of a list.
    pub fn page(&self) -> Page {
        Page { after: self.query.get("after").map(str::to_owned), limit: SHOWN }
    }

    /// The same page from `next` on.
    pub fn next(&self, next: Option<String>) -> Option<String> {
        next.map(|next| self.with("after", &utf8_percent_encode(&next, NON_ALPHANUMERIC).to_string()))
    }

    /// The same page with another parameter.
    fn with(&self, name: &str, value: &str) -> String {
        let other = |pair: &&str| !pair.is_empty() && pair.split('=').next() != Some(name);
        let kept = self.request.query.split('&').filter(other).map(|pair| format!("{pair}&"));
        format!("{}?{}{name}={value}", self.request.path, kept.collect::<String>())
    }

    /// What every page shares.
    pub fn frame(&self, current: Option<MenuPage>) -> Frame {
        let mut pages = vec![
            (MenuPage::Overview, "/".to_owned()),
            (MenuPage::Waiting, "/waiting".to_owned()),
            (MenuPage::Tenants, "/tenants".to_owned()),
            (MenuPage::Operators, "/operators".to_owned()),
        ];
        if self.mailbox {
            pages.push((MenuPage::Mailbox, "/mailbox".to_owned()));
        }
        let menu = Menu { pages, links: Vec::new(), support: None, current };
        let signed_in = SignedIn { name: self.name.clone(), sign_out_path: "/sign-out".to_owned() };
        let mut frame = Frame { menu: Some(menu), signed_in: Some(signed_in), ..frame(&self.request) };
        if self.request.method == Method::GET {
            let other = Lang::ALL.into_iter().find(|other| *other != frame.lang);
            frame.other_language_path = other.map(|other| self.with("ui_locales", other.tag()));
        }
        frame
    }

    /// The page that says why this cannot go on.
    pub fn error(&self, kind: PageError) -> Answer {
        error(&self.request, kind, self.frame(None))
    }
}

/// What pages share that nobody is signed in to.
pub(crate) fn frame(request: &Request) -> Frame {
    let query = request.query_params().ok();
    let asked = query.as_ref().and_then(|query| query.get("ui_locales"));
    Frame::new(Lang::choose(asked, request.header("accept-language")), "Grantor", "")
}

fn bare_error(request: &Request, kind: PageError) -> Answer {
    error(request, kind, frame(request))
}

fn error(request: &Request, kind: PageError, frame: Frame) -> Answer {
    let page = ErrorPage { frame: Frame { menu: None, ..frame }, kind, reference: request.reference() };
    let answer = Answer::html(kind.status(), page.html());
    if kind.status() == 503 { answer.header("retry-after", "1") } else { answer }
}

/// On https bound to the host.
pub(crate) fn cookie_name(what: &str, request: &Request) -> String {
    let prefix = if request.https { "__Host-" } else { "" };
    format!("{prefix}grantor_{what}")
}
