//! One tenant: what it is, its keys, and whether it answers.

use std::{collections::BTreeMap, sync::Arc};

use futures_util::future::join3;
use grantor_pages::{MenuPage, Page as _, PageError, PanelCounts, PanelKey, PanelTenant, PanelTenantNotice};
use grantor_ports::{AdminError, SigningKeyView, TenantChange, TenantView};
use grantor_profile::Endpoint;
use grantor_web::Answer;

use super::{Halt, Outcome, Visit, kind, place, timeline};
use crate::{Console, http::nearest_preset};

/// `GET /tenants/{slug}`.
pub(super) async fn show(console: &Console, visit: &Visit) -> Outcome {
    let tenant = visit.tenant(console).await?;
    let notice = match visit.query.get("done") {
        Some("create") => Some(PanelTenantNotice::Created),
        Some("suspend") => Some(PanelTenantNotice::Suspended),
        Some("restore") => Some(PanelTenantNotice::Restored),
        Some("rotate") => Some(PanelTenantNotice::KeyComing),
        _ => None,
    };
    shown(console, visit, &tenant, 200, notice).await
}

/// `POST` of it: `suspend` with `sure`, `restore`, or `rotate` with `alg`.
pub(super) async fn act(console: &Console, visit: &Visit) -> Outcome {
    let tenant = visit.tenant(console).await?;
    let (form, meta) = (&visit.form, visit.meta());
    let change = |change| console.registry_admin.change_tenant(tenant.id, change, &meta);
    let pressed = ["suspend", "restore", "rotate"].into_iter().find(|name| form.get(name).is_some());
    let done = match pressed {
        Some("suspend") if form.get("sure").is_none() => Err(AdminError::invalid("/sure", "must be ticked")),
        Some("suspend") => change(TenantChange::Suspend).await.map(drop),
        Some("restore") => change(TenantChange::Restore).await.map(drop),
        Some("rotate") => match crate::http::ALGS.into_iter().find(|alg| form.get("alg") == Some(alg)) {
            Some(alg) => console.token_admin.rotate_signing_key(tenant.id, alg, &meta).await.map(drop),
            None => return Err(Halt(PageError::BadRequest)),
        },
        _ => return Err(Halt(PageError::BadRequest)),
    };
    match done {
        Ok(()) => {
            let done = pressed.unwrap_or_default();
            Ok(Answer::see_other(&format!("/tenants/{}?done={done}", tenant.slug)))
        }
        Err(AdminError::Invalid { pointer, .. }) if pointer == "/sure" => {
            shown(console, visit, &tenant, 422, Some(PanelTenantNotice::NotSure)).await
        }
        Err(AdminError::Invalid { .. } | AdminError::Conflict(_)) => {
            shown(console, visit, &tenant, 409, Some(PanelTenantNotice::NotPossible)).await
        }
        Err(other) => Err(other.into()),
    }
}

async fn shown(
    console: &Console,
    visit: &Visit,
    tenant: &Arc<TenantView>,
    status: u16,
    notice: Option<PanelTenantNotice>,
) -> Outcome {
    let keys = match console.token_admin.signing_keys(tenant.id).await {
        Ok(found) => Some(keys(console, tenant, found).await?),
        Err(_) => None,
    };
    let (preset, differences) = nearest_preset(&tenant.profile);
    let authorities = tenant.authorities.iter().map(|one| one.authority.clone());
    let page = PanelTenant {
        frame: visit.frame(Some(MenuPage::Tenants)),
        csrf: visit.csrf(),
        place: place(tenant),
        kind: kind(tenant.kind),
        issuer: tenant.issuer.clone(),
        api: tenant.api.clone(),
        authorities: authorities.collect(),
        endpoints: endpoints(tenant),
        contact: tenant.contact.clone(),
        terms: tenant.terms.version.clone(),
        preset: preset.to_owned(),
        differences,
        clock_ahead: u32::try_from(tenant.clock_ahead_ms / 1000).unwrap_or(u32::MAX),
        counts: counts(console, tenant).await,
        keys,
        notice,
    };
    Ok(Answer::html(status, page.html()))
}

/// The keys, each with what happened to it.
async fn keys(console: &Console, tenant: &TenantView, found: Vec<SigningKeyView>) -> Result<Vec<PanelKey>, Halt> {
    let now = console.clock.now(tenant.id);
    let mut histories: BTreeMap<_, _> =
        console.token_admin.signing_key_histories(tenant.id).await.unwrap_or_default().into_iter().collect();
    let mut keys = Vec::with_capacity(found.len());
    for key in found {
        let history = histories.remove(&key.id).unwrap_or_default();
        keys.push(PanelKey {
            kid: key.kid,
            alg: key.alg,
            state: key.state,
            created_at: key.created_at,
            days: (now - key.created_at).num_days().max(0),
            events: timeline::events(console, tenant, history).await?,
        });
    }
    Ok(keys)
}

/// Each service is asked for what it has; one that is away is no reason to show nothing.
async fn counts(console: &Console, tenant: &TenantView) -> PanelCounts {
    let clients = console.registry_admin.tenant_figures(tenant.id);
    let users = console.directory_admin.count_users(tenant.id);
    let webhooks = console.webhooks.webhooks(tenant.id, None);
    let (clients, users, webhooks) = join3(clients, users, webhooks).await;
    PanelCounts {
        clients: clients.as_ref().ok().map(|figures| figures.clients),
        waiting: clients.ok().map(|figures| figures.waiting),
        users: users.ok(),
        webhooks: webhooks.ok().map(|found| found.len() as u64),
    }
}

/// Where partners find the protocol: name and address, as far as the profile has them.
fn endpoints(tenant: &TenantView) -> Vec<(String, String)> {
    let wanted = [
        Endpoint::Authorize,
        Endpoint::PushedAuthorization,
        Endpoint::Token,
        Endpoint::Revoke,
        Endpoint::Introspect,
        Endpoint::Userinfo,
        Endpoint::Jwks,
    ];
    let base = tenant.issuer.trim_end_matches('/');
    let found = wanted.into_iter().filter_map(|endpoint| {
        let path = tenant.profile.path_of(endpoint)?;
        Some((endpoint.as_str().to_owned(), format!("{base}{path}")))
    });
    found.collect()
}
