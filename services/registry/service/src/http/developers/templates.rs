use grantor_pages::{PageError, ScopeLine, TemplateCard, Templates};
use grantor_profile::ClientTemplate;
use grantor_web::{Call, error_page, page};

use crate::{
    Registry,
    http::{
        Outcome, create_client, create_client_path, framed, lang, locale,
        visitor::{self, Next},
    },
};

/// `GET /developers/templates`: what a new client can be started from (FX-02).
pub(in crate::http) async fn show(registry: &Registry, call: &Call) -> Outcome {
    let profile = &call.tenant.profile;
    if profile.portal.templates.is_empty() || !create_client::is_open(&call.tenant) {
        return Err(error_page(call, PageError::NotFound));
    }
    let visitor = visitor::required(registry, call, Next::Templates).await?;
    let locale = locale(lang(call));
    let scope = |name: &String| ScopeLine {
        name: name.clone(),
        description: profile.scopes.entry(name).map(|it| it.description.get(locale).to_owned()).unwrap_or_default(),
    };
    let card = |template: &ClientTemplate| TemplateCard {
        id: template.id.clone(),
        title: template.title.get(locale).to_owned(),
        description: template.description.get(locale).to_owned(),
        scopes: template.scopes.iter().map(scope).collect(),
    };
    let templates = profile.portal.templates.iter().map(card).collect();
    Ok(page(
        200,
        &Templates {
            frame: visitor.frame(call, framed(call, lang(call))),
            create_path: create_client_path(call).to_owned(),
            templates,
        },
    ))
}
