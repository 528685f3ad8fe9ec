use grantor_jose::KeySet;
use grantor_pages::{
    ClientForm, ClientFormError, ClientKind, ClientSecretPage, FormPurpose, PageError, SecretReason, Terms,
};
use grantor_ports::{ClientState, TenantView};
use grantor_profile::Onboarding;
use grantor_web::{Answer, Call, error_page, page};
use secrecy::ExposeSecret;

use super::{
    Outcome,
    client_form::{Posted, keys_asked, origins_asked, scope_choices, shown, status},
    client_path, create_client_path, framed, lang, locale, once, unavailable,
    visitor::{self, Next, Visitor},
};
use crate::{
    Registry,
    commands::{Registered, SelfService},
};

/// Whether developers can register clients here: the profile lets them, and the terms that it
/// wants accepted are there (FF-02).
pub(super) fn is_open(tenant: &TenantView) -> bool {
    let clients = &tenant.profile.clients;
    clients.onboarding != Onboarding::Issued && !(clients.terms_required && tenant.terms.text.is_empty())
}

/// `GET /oauth/create_client`: the form, "OAuth Apps" (FF-05).
pub(super) async fn show(registry: &Registry, call: &Call) -> Outcome {
    let visitor = visitor::required(registry, call, Next::CreateClient).await?;
    if !is_open(&call.tenant) {
        return Err(error_page(call, PageError::Forbidden));
    }
    let profile = &call.tenant.profile;
    let query = call.query_params().unwrap_or_default();
    let mut filled = match query.get("template").and_then(|id| profile.portal.template(id)) {
        Some(template) => Posted::from_template(template),
        None => Posted { scopes: profile.scopes.default_set.clone(), ..Posted::default() },
    };
    filled.origins = origins_asked(&call.tenant, &[]);
    filled.jwks = keys_asked(&call.tenant, &KeySet::default());
    Ok(form(call, &call.tenant, &visitor, &filled, 200, Vec::new()))
}

/// `POST /oauth/create_client`: registers the client and shows its secret in the answer itself,
/// once.
pub(super) async fn submit(registry: &Registry, call: &Call) -> Outcome {
    let visitor = visitor::required(registry, call, Next::CreateClient).await?;
    let posted = Posted::read(call)?;
    // The rules look at the tenant as it is now, not as the dispatcher's copy knew it.
    let tenant = registry.tenant_now(call.tenant.id).await.map_err(unavailable(call))?;
    let tenant = tenant.unwrap_or_else(|| call.tenant.clone());
    if !is_open(&tenant) {
        return Err(error_page(call, PageError::Forbidden));
    }
    if !visitor.sent(&posted.csrf) {
        return Ok(form(call, &tenant, &visitor, &posted, 403, vec![ClientFormError::FormExpired]));
    }
    let Some(kind) = posted.chosen_kind() else {
        return Ok(form(call, &tenant, &visitor, &posted, 400, vec![ClientFormError::KindInvalid]));
    };
    let developer = SelfService {
        developer: visitor.session.user,
        accepted_terms: posted.accept_terms.clone(),
        draft: posted.save_draft,
    };
    let wanted = match posted.new_client(kind) {
        Ok(wanted) => wanted,
        Err(wrong) => return Ok(form(call, &tenant, &visitor, &posted, 400, vec![wrong])),
    };
    match registry.register(&tenant, wanted, Some(developer), &visitor.meta(call)).await {
        Ok(registered) => Ok(created(call, &visitor, registered)),
        Err(failure) => Ok(form(call, &tenant, &visitor, &posted, status(&failure), posted.errors(&failure))),
    }
}

fn created(call: &Call, visitor: &Visitor, Registered { client, secret }: Registered) -> Answer {
    let model = ClientSecretPage {
        frame: visitor.frame(call, once(call, lang(call))),
        reason: SecretReason::Created,
        client_name: client.name.clone(),
        client_id: client.client_id.clone(),
        secret: secret.map(|fresh| fresh.secret.expose_secret().to_owned()),
        own_keys: !client.jwks.is_empty(),
        pending: client.state == ClientState::Pending,
        partner_contact: call.tenant.contact.clone(),
        client_path: client_path(&client.client_id),
    };
    page(200, &model)
}

fn form(
    call: &Call,
    tenant: &TenantView,
    visitor: &Visitor,
    posted: &Posted,
    status: u16,
    errors: Vec<ClientFormError>,
) -> Answer {
    let lang = lang(call);
    let accepted = posted.accept_terms.as_deref() == Some(tenant.terms.version.as_str());
    let model = ClientForm {
        frame: visitor.frame(call, framed(call, lang)),
        csrf: visitor.session.csrf.clone(),
        action: create_client_path(call).to_owned(),
        purpose: FormPurpose::Create(Terms {
            version: tenant.terms.version.clone(),
            text: tenant.terms.text.clone(),
            accepted,
        }),
        fields: posted.fields(posted.chosen_kind().unwrap_or(ClientKind::Confidential)),
        scopes: scope_choices(tenant, locale(lang), &posted.scopes),
        contact: visitor.contact(),
        partner_contact: tenant.contact.clone(),
        errors,
    };
    shown(status, &model)
}
