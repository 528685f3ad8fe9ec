use grantor_pages::{ClientForm, ClientFormError, FormPurpose, PageError};
use grantor_registry_domain::client::{Refusal, Settings, Status};
use grantor_web::{Answer, Call, error_page};

use super::{
    Outcome,
    client_details::{Own, own, page_kind},
    client_form::{Posted, keys_asked, origins_asked, scope_choices, shown, status},
    client_path, framed, lang, locale, unavailable,
    visitor::{self, Next, Visitor},
};
use crate::{
    Registry,
    commands::{Failure, Patch},
};

/// `GET /clients/{client_id}/edit`.
pub(super) async fn show(registry: &Registry, call: &Call) -> Outcome {
    let visitor = visitor::required(registry, call, Next::Home).await?;
    let own = own(registry, call, &visitor).await?;
    if matches!(own.record.status, Status::Suspended { .. }) {
        return Err(error_page(call, PageError::Forbidden));
    }
    Ok(form(call, &visitor, &own, &as_posted(call, &own.record.settings), 200, Vec::new()))
}

/// `POST /clients/{client_id}/edit`. What the operator has to look at again sends an approved
/// client back to pending.
pub(super) async fn save(registry: &Registry, call: &Call) -> Outcome {
    let visitor = visitor::required(registry, call, Next::Home).await?;
    let own = own(registry, call, &visitor).await?;
    let posted = Posted::read(call)?;
    if !visitor.sent(&posted.csrf) {
        return Ok(form(call, &visitor, &own, &posted, 403, vec![ClientFormError::FormExpired]));
    }
    // A client stays what it is: the other kind has other secrets and redirect URIs.
    if posted.kind.is_some() && posted.chosen_kind() != Some(page_kind(own.record.kind)) {
        return Ok(form(call, &visitor, &own, &posted, 400, vec![ClientFormError::KindInvalid]));
    }
    let tenant = registry.tenant_now(call.tenant.id).await.map_err(unavailable(call))?;
    let tenant = tenant.unwrap_or_else(|| call.tenant.clone());
    let change = match posted.change() {
        Ok(change) => change,
        Err(wrong) => return Ok(form(call, &visitor, &own, &posted, 400, vec![wrong])),
    };
    let patch = Patch { change, by_developer: true };
    match registry.update(&tenant, own.key, patch, &visitor.meta(call)).await {
        Ok(_) => Ok(Answer::see_other(&call.link(&format!("{}?done=saved", client_path(&own.record.client_id))))),
        Err(Failure::Refused(Refusal::Status { .. })) => Err(error_page(call, PageError::Forbidden)),
        Err(Failure::Refused(Refusal::Unknown)) => Err(error_page(call, PageError::NotFound)),
        Err(failure) => Ok(form(call, &visitor, &own, &posted, status(&failure), posted.errors(&failure))),
    }
}

fn as_posted(call: &Call, settings: &Settings) -> Posted {
    Posted {
        name: settings.name.clone(),
        website: settings.website.clone().unwrap_or_default(),
        logo_url: settings.logo_url.clone().unwrap_or_default(),
        redirect_uris: settings.redirect_uris.join("\n"),
        origins: origins_asked(&call.tenant, &settings.origins),
        jwks: keys_asked(&call.tenant, &settings.jwks),
        scopes: settings.scopes.clone(),
        ..Posted::default()
    }
}

fn form(
    call: &Call,
    visitor: &Visitor,
    own: &Own,
    posted: &Posted,
    status: u16,
    errors: Vec<ClientFormError>,
) -> Answer {
    let lang = lang(call);
    let back_path = client_path(&own.record.client_id);
    let model = ClientForm {
        frame: visitor.frame(call, framed(call, lang)),
        csrf: visitor.session.csrf.clone(),
        action: format!("{back_path}/edit"),
        purpose: FormPurpose::Edit { back_path },
        fields: posted.fields(page_kind(own.record.kind)),
        scopes: scope_choices(&call.tenant, locale(lang), &posted.scopes),
        contact: visitor.contact(),
        partner_contact: call.tenant.contact.clone(),
        errors,
    };
    shown(status, &model)
}
