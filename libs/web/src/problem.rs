//! Answers for what went wrong, one form per kind of caller.

use grantor_oauth::ProtocolError;
use grantor_pages::{Branding, Colour, ErrorPage, Frame, Lang, Page, PageError};
use grantor_ports::PortError;
use serde_json::json;

use crate::{Answer, Call, Request};

/// How long a caller should wait after a 503, in seconds.
const RETRY_AFTER: &str = "1";

/// What every page of a tenant shares.
pub fn frame(call: &Call, lang: Lang) -> Frame {
    let mut frame = Frame::new(lang, call.tenant.name.clone(), call.base.clone());
    frame.branding = Branding { colour: call.tenant.branding.colour.as_deref().and_then(Colour::parse) };
    frame.support.clone_from(&call.tenant.contact);
    frame.sandbox = call.tenant.kind.is_for_tests();
    frame
}

/// A page, rendered.
pub fn page(status: u16, page: &impl Page) -> Answer {
    Answer::html(status, page.html())
}

/// The page that says, in one fixed sentence, why this cannot go on.
pub fn error_page(call: &Call, kind: PageError) -> Answer {
    tracing::info!(error = kind.code(), "answered with an error page");
    let template = ErrorPage { frame: frame(call, call.lang(None)), kind, reference: call.reference() };
    retry(page(kind.status(), &template), kind.status())
}

/// The same where no tenant is known.
pub(crate) fn bare_error(request: &Request, kind: PageError) -> Answer {
    let status = kind.status();
    if request.wants_page() {
        let lang = Lang::choose(None, request.header("accept-language"));
        let template = ErrorPage { frame: Frame::new(lang, "Grantor", ""), kind, reference: request.reference() };
        return retry(page(status, &template), status);
    }
    let error = if status == 503 { "temporarily_unavailable" } else { "invalid_request" };
    let document = json!({ "error": error, "error_description": sentence(kind) });
    retry(Answer::json(status, &document).no_store(), status)
}

const fn sentence(kind: PageError) -> &'static str {
    match kind {
        PageError::UnknownTenant => "There is no tenant at this address.",
        PageError::TenantSuspended => "This tenant is suspended.",
        PageError::NotFound => "There is nothing at this path.",
        PageError::MethodNotAllowed => "This path does not answer this method.",
        PageError::TooLarge => "The request body is too large.",
        PageError::Unavailable => "The service cannot answer now; try again.",
        _ => "The request cannot be read.",
    }
}

fn retry(answer: Answer, status: u16) -> Answer {
    if status == 503 { answer.header("retry-after", RETRY_AFTER) } else { answer }
}

/// An error of RFC 6749 5.2, with a status.
pub fn oauth_error(status: u16, error: &ProtocolError) -> Answer {
    let document = json!({ "error": error.code().as_str(), "error_description": error.description() });
    retry(Answer::json(status, &document).no_store(), status)
}

/// 503 in the form of RFC 6749 5.2.
pub fn oauth_unavailable(_: PortError) -> Answer {
    let document = json!({
        "error": "temporarily_unavailable", "error_description": "The service cannot answer now; try again."
    });
    Answer::json(503, &document).no_store().header("retry-after", RETRY_AFTER)
}

/// A problem of RFC 9457, for the admin API. `title` is the same for every problem of its
/// `kind`, `detail` speaks of this one.
pub fn problem(status: u16, kind: &str, title: &str, detail: &str, pointer: Option<&str>) -> Answer {
    let mut document = json!({
        "type": format!("urn:grantor:problem:{kind}"), "title": title, "status": status, "detail": detail
    });
    if let Some(pointer) = pointer {
        document["errors"] = json!([{ "pointer": format!("#{pointer}"), "detail": detail }]);
    }
    let body = serde_json::to_vec(&document).unwrap_or_default();
    retry(Answer::bytes(status, "application/problem+json", body).no_store(), status)
}
