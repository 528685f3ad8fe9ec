use grantor_ids::ClientKey;
use grantor_pages::{ClientDelete, ClientDetails, ClientKind, ClientNotice, PageError, ScopeLine, SecretLine};
use grantor_profile::{Framing, RedirectAtAuthorize};
use grantor_registry_domain::client::{Kind, Record, Status};
use grantor_web::{Answer, Call, error_page, page};

use super::{
    Outcome, accounts, client_path, framed, home, lang, locale, once, unavailable,
    visitor::{self, Next, Visitor},
    webhooks,
};
use crate::{Registry, views::client_view};

/// A client of the visitor's own.
pub(super) struct Own {
    /// Its stream.
    pub(super) key: ClientKey,
    /// What is known of it.
    pub(super) record: Record,
    /// As every service sees it.
    pub(super) view: grantor_ports::ClientView,
}

/// The client in the path, if it is the visitor's. Somebody else's is not found: whether it
/// exists is none of the visitor's business.
pub(super) async fn own(registry: &Registry, call: &Call, visitor: &Visitor) -> Result<Own, Answer> {
    let not_found = || error_page(call, PageError::NotFound);
    let tenant = call.tenant.id;
    let key = registry.key_of(tenant, call.param("client_id")).await.map_err(unavailable(call))?;
    let key = key.ok_or_else(not_found)?;
    let loaded = registry.client_now(tenant, key).await.map_err(unavailable(call))?;
    let view = client_view(tenant, key, &loaded.state, loaded.version).ok_or_else(not_found)?;
    let record = loaded.state.record().cloned().ok_or_else(not_found)?;
    if record.contact == Some(visitor.session.user) { Ok(Own { key, record, view }) } else { Err(not_found()) }
}

/// `GET /clients/{client_id}`, and with `?ask=delete` the question before it is deleted.
pub(super) async fn show(registry: &Registry, call: &Call) -> Outcome {
    let visitor = visitor::required(registry, call, Next::Home).await?;
    let own = own(registry, call, &visitor).await?;
    let query = call.query_params().unwrap_or_default();
    if query.get("ask") == Some("delete") {
        return Ok(ask_delete(call, &visitor, &own));
    }
    let notice = match query.get("done") {
        Some("submitted") => Some(ClientNotice::Submitted),
        Some("saved") => Some(ClientNotice::Saved),
        Some("retired") => Some(ClientNotice::SecretRetired),
        _ => None,
    };
    Ok(details(registry, call, &visitor, &own, 200, notice).await)
}

fn ask_delete(call: &Call, visitor: &Visitor, own: &Own) -> Answer {
    let model = ClientDelete {
        frame: once(call, lang(call)),
        csrf: visitor.session.csrf.clone(),
        action: client_path(&own.record.client_id),
        name: own.record.settings.name.clone(),
        client_id: own.record.client_id.clone(),
    };
    page(200, &model)
}

/// The page itself.
pub(super) async fn details(
    registry: &Registry,
    call: &Call,
    visitor: &Visitor,
    own: &Own,
    status: u16,
    notice: Option<ClientNotice>,
) -> Answer {
    let lang = lang(call);
    let Own { record, view, .. } = own;
    let catalogue = &call.tenant.profile.scopes.catalogue;
    let scope = |name: &String| {
        let entry = catalogue.iter().find(|entry| entry.name == *name);
        let description = entry.map(|entry| entry.description.get(locale(lang)).to_owned()).unwrap_or_default();
        ScopeLine { name: name.clone(), description }
    };
    let now = registry.clock.now(call.tenant.id);
    let profile = &call.tenant.profile;
    let api_key = profile.clients.secret_is_api_key;
    // A page that does not know when a key was used is still a page.
    let uses = match api_key {
        true => registry.tokens.secret_uses(call.tenant.id, own.key).await.unwrap_or_default(),
        false => Vec::new(),
    };
    let used_at = |id: &str| uses.iter().find(|used| used.id == id).map(|used| used.at);
    let mut secrets: Vec<SecretLine> = record
        .live_secrets(now)
        .map(|secret| SecretLine { id: secret.id.clone(), created_at: secret.created_at, used_at: used_at(&secret.id) })
        .collect();
    secrets.reverse();
    let path = client_path(&record.client_id);
    let model = ClientDetails {
        frame: visitor.frame(call, framed(call, lang)),
        csrf: visitor.session.csrf.clone(),
        action: path.clone(),
        name: record.settings.name.clone(),
        client_id: record.client_id.clone(),
        state: home::state(&view.state),
        kind: page_kind(record.kind),
        website: record.settings.website.clone().unwrap_or_default(),
        logo_url: record.settings.logo_url.clone().unwrap_or_default(),
        redirect_uris: record.settings.redirect_uris.clone(),
        origins: (profile.interaction.framing == Framing::RegisteredOrigins).then(|| record.settings.origins.clone()),
        scopes: record.settings.scopes.iter().map(scope).collect(),
        contact: visitor.contact(),
        created_at: record.created_at,
        terms_version: record.terms.as_ref().map(|terms| terms.version.clone()).unwrap_or_default(),
        secrets,
        keys: record.settings.jwks.names().collect(),
        api_key,
        default_redirect_uri: profile.authorize.redirect_uri == RedirectAtAuthorize::DefaultWhenAbsent,
        accounts_path: accounts::has_accounts(call).then(|| accounts::accounts_path(&record.client_id)),
        webhooks_path: webhooks::has_webhooks(call).then(|| format!("{path}/webhooks")),
        edit_path: (!matches!(record.status, Status::Suspended { .. })).then(|| format!("{path}/edit")),
        partner_contact: call.tenant.contact.clone(),
        notice,
    };
    page(status, &model)
}

/// The page's word for a kind: what matters to a developer is whether there is a secret.
pub(super) const fn page_kind(kind: Kind) -> ClientKind {
    match kind {
        Kind::Confidential => ClientKind::Confidential,
        Kind::Public | Kind::Native => ClientKind::Native,
    }
}
