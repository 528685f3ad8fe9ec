use std::sync::Arc;

use grantor_eventsourcing::Actor;
use grantor_ids::{SessionId, UserId};
use grantor_oauth::Params;
use grantor_pages::{DetailError, DetailField, Details, Lang, PageError};
use grantor_ports::{AdminError, Claims, ClientView, PersonalDetails};
use grantor_profile::Detail;
use grantor_web::Call;

use super::{
    Answered, Fault, pages,
    visit::{Situation, Visit},
};
use crate::Authorization;

const LONGEST: usize = 200;

/// The page that asks for what the tenant demands and does not know (FX-22).
pub(crate) async fn page(
    service: &Authorization,
    call: &Call,
    visit: &Visit,
    client: &ClientView,
    situation: &Situation,
) -> Answered {
    let session = situation.session.as_ref().ok_or(PageError::InteractionExpired)?;
    let user = pages::person(service, call, session).await?.display_name;
    let fields = situation.missing.iter().map(|detail| field(detail, visit.lang, "", None)).collect();
    Ok(pages::visit_page(200, visit, &Details { fields, ..empty(call, visit, client, session.id, user) }))
}

/// Its form: `continue` or `cancel`.
pub(crate) async fn post(service: Arc<Authorization>, call: Arc<Call>) -> Answered {
    let visit = Visit::open(&service, &call).await?;
    // Signed out meanwhile: the page that is due now says so.
    let Some(session) = service.session_of(&call).await? else { return Ok(visit.go_on(&call)) };
    let form = visit.form(&call, Some(session.id))?;
    if form.get("cancel").is_some() {
        return visit.cancel(&service, &call).await;
    }
    let client = visit.client(&service, &call).await?.ok_or(PageError::InteractionExpired)?;
    let missing = service.missing_details(&call, session.user).await?;
    let mut fields = Vec::new();
    let mut told = PersonalDetails::default();
    for detail in &missing {
        let typed = typed(&form, detail);
        let error = mistake(detail, typed);
        fields.push(field(detail, visit.lang, typed, error));
        let kind = if detail.is_standard() { &mut told.claims } else { &mut told.attributes };
        kind.insert(detail.name.clone(), typed.into());
    }
    if fields.iter().any(|field| field.error.is_some()) {
        let user = pages::person(&service, &call, &session).await?.display_name;
        let page = Details { fields, ..empty(&call, &visit, &client, session.id, user) };
        return Ok(pages::visit_page(200, &visit, &page));
    }
    let meta = call.meta(Actor::User(session.user));
    match service.directory.tell(call.tenant.id, session.user, told, &meta).await {
        Ok(()) => Ok(visit.go_on(&call)),
        Err(AdminError::Port(cause)) => Err(cause.into()),
        // The form lets through nothing that the directory refuses; then the user is gone.
        Err(_) => Err(PageError::InteractionExpired.into()),
    }
}

fn typed<'f>(form: &'f Params, detail: &Detail) -> &'f str {
    form.get(&format!("{}{}", grantor_pages::DETAIL, detail.name)).unwrap_or_default().trim()
}

fn mistake(detail: &Detail, typed: &str) -> Option<DetailError> {
    if typed.is_empty() {
        return Some(DetailError::Missing);
    }
    let long = typed.chars().count() > LONGEST || typed.chars().any(char::is_control);
    let wrong = match detail.name.as_str() {
        "birthdate" => chrono::NaiveDate::parse_from_str(typed, "%Y-%m-%d").is_err(),
        "phone_number" => {
            let digits = typed.bytes().filter(u8::is_ascii_digit).count();
            let plain = typed.bytes().all(|byte| byte.is_ascii_digit() || b"+ ()-/.".contains(&byte));
            !plain || !(5..=15).contains(&digits)
        }
        _ => false,
    };
    (long || wrong).then_some(DetailError::Invalid)
}

fn field(detail: &Detail, lang: Lang, value: &str, error: Option<DetailError>) -> DetailField {
    let label = detail.label.as_ref().map(|label| label.get(pages::locale(lang)).to_owned());
    DetailField { name: detail.name.clone(), label, value: value.to_owned(), error }
}

fn empty(call: &Call, visit: &Visit, client: &ClientView, session: SessionId, user: String) -> Details {
    Details {
        frame: pages::visit_frame(call, visit, ""),
        csrf: visit.csrf(Some(session)),
        action: visit.path("/details"),
        client_name: client.name.clone(),
        user,
        fields: Vec::new(),
    }
}

impl Authorization {
    /// What the tenant demands of a person and does not know.
    pub(crate) async fn missing_details(&self, call: &Call, user: UserId) -> Result<Vec<Detail>, Fault> {
        let demanded = &call.tenant.profile.interaction.details;
        if demanded.is_empty() {
            return Ok(Vec::new());
        }
        let known: Claims = self.directory.claims(call.tenant.id, user).await?.unwrap_or_default();
        let told = |detail: &&Detail| match known.get(&detail.name) {
            None | Some(serde_json::Value::Null) => false,
            Some(value) => value.as_str().is_none_or(|text| !text.trim().is_empty()),
        };
        Ok(demanded.iter().filter(|detail| !told(detail)).cloned().collect())
    }
}
