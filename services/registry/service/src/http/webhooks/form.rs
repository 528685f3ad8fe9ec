//! An endpoint's settings ↔ the fields of a form.

use grantor_oauth::Params;
use grantor_pages::{WebhookForm, WebhookFormProblem};
use grantor_ports::{AdminError, NewWebhook, WebhookFormat, WebhookSigning};
use grantor_web::{shown_limit, typed_limit};

/// An empty form.
pub(super) fn empty(offered: &[String]) -> WebhookForm {
    WebhookForm {
        url: String::new(),
        description: String::new(),
        events: offered.iter().map(|event| (event.clone(), true)).collect(),
        format: WebhookFormat::default().as_str().to_owned(),
        signing: WebhookSigning::default().as_str().to_owned(),
        max_per_second: String::new(),
        problem: None,
    }
}

/// What was posted.
pub(super) fn read(form: &Params, client_id: Option<String>) -> NewWebhook {
    let text = |name: &str| form.get(name).unwrap_or_default().to_owned();
    let (format, signing) = (text("format"), text("signing"));
    NewWebhook {
        client_id,
        url: text("url"),
        description: text("description"),
        events: form.iter().filter_map(|(name, _)| name.strip_prefix("event.")).map(str::to_owned).collect(),
        format: WebhookFormat::ALL.into_iter().find(|known| known.as_str() == format).unwrap_or_default(),
        signing: WebhookSigning::ALL.into_iter().find(|known| known.as_str() == signing).unwrap_or_default(),
        max_per_second: typed_limit(&text("max_per_second")),
    }
}

/// The form again, with what was posted and what is wrong with it; `None` when the form has no word for it.
pub(super) fn again(posted: &NewWebhook, form: WebhookForm, error: &AdminError) -> Option<WebhookForm> {
    let problem = match error {
        AdminError::Invalid { pointer, .. } if pointer == "/url" => WebhookFormProblem::Url,
        AdminError::Invalid { pointer, .. } if pointer == "/description" => WebhookFormProblem::Description,
        AdminError::Invalid { pointer, .. } if pointer.starts_with("/events") => WebhookFormProblem::Events,
        AdminError::Invalid { pointer, .. } if pointer == "/max_per_second" => WebhookFormProblem::Limit,
        AdminError::Conflict(_) => WebhookFormProblem::TooMany,
        AdminError::Invalid { .. } | AdminError::NotFound(_) | AdminError::Port(_) => return None,
    };
    Some(WebhookForm {
        url: posted.url.clone(),
        description: posted.description.clone(),
        events: form.events.into_iter().map(|(event, _)| (event.clone(), posted.events.contains(&event))).collect(),
        format: posted.format.as_str().to_owned(),
        signing: posted.signing.as_str().to_owned(),
        max_per_second: shown_limit(posted.max_per_second),
        problem: Some(problem),
    })
}
