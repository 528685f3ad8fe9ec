use grantor_oauth::{ErrorCode, ResponseMode};
use grantor_pages::{FormPost, Lang};
use grantor_profile::{CallbackOutcome, Return};
use grantor_web::{Answer, Call, frame, page};

/// Sends the browser back to the client, by a redirect or by a form that posts itself.
pub(crate) fn callback(
    call: &Call,
    lang: Lang,
    client_name: &str,
    back: &Return,
    outcome: CallbackOutcome<'_>,
) -> Answer {
    let callback = call.tenant.profile.callback(back, outcome, &call.tenant.issuer);
    match callback.mode {
        ResponseMode::Query => Answer::see_other(&callback.url()),
        ResponseMode::FormPost => {
            let form = FormPost {
                frame: frame(call, lang),
                client_name: client_name.to_owned(),
                redirect_uri: callback.redirect_uri.as_str().to_owned(),
                parameters: callback.pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            };
            page(200, &form).form_action(callback.redirect_uri.origin())
        }
    }
}

/// The person said no: to the question, or (`cancelled`) to being asked.
pub(crate) fn denied(call: &Call, lang: Lang, client_name: &str, back: &Return, cancelled: bool) -> Answer {
    let error = ErrorCode::AccessDenied.because("the user denied the request");
    callback(call, lang, client_name, back, CallbackOutcome::Refused { error: &error, cancelled })
}
