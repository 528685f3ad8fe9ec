//! All tenants: found by words, one page at a time; and a new one.

use grantor_pages::{MenuPage, Page as _, PanelNewTenant, PanelTenantRow, PanelTenants};
use grantor_ports::{AdminError, Branding, CreateTenant, TenantKind, TenantState, TenantView, Terms};
use grantor_profile::{PRESETS, Profile};
use grantor_web::Answer;

use super::{Outcome, Visit, kind};
use crate::Console;

/// Longer words are none.
const LONGEST: usize = 100;

/// `GET /tenants`, `?q=` finds by the beginnings of words.
pub(super) async fn list(console: &Console, visit: &Visit) -> Outcome {
    let words: String = visit.query.get("q").unwrap_or_default().trim().chars().take(LONGEST).collect();
    let found = match words.is_empty() {
        true => console.registry_admin.tenants(visit.page()).await?,
        false => console.registry_admin.find_tenants(&words, visit.page()).await?,
    };
    let page = PanelTenants {
        frame: visit.frame(Some(MenuPage::Tenants)),
        words,
        rows: found.items.iter().map(row).collect(),
        next: visit.next(found.next),
    };
    Ok(Answer::html(200, page.html()))
}

fn row(tenant: &TenantView) -> PanelTenantRow {
    PanelTenantRow {
        slug: tenant.slug.clone(),
        name: tenant.name.clone(),
        kind: kind(tenant.kind),
        suspended: tenant.state == TenantState::Suspended,
        issuer: tenant.issuer.clone(),
    }
}

/// `GET /new-tenant`.
pub(super) async fn ask(_: &Console, visit: &Visit) -> Outcome {
    Ok(Answer::html(200, empty(visit).html()))
}

fn empty(visit: &Visit) -> PanelNewTenant {
    let presets = PRESETS.iter().map(|preset| (preset.name.to_owned(), preset.summary.to_owned()));
    PanelNewTenant {
        frame: visit.frame(Some(MenuPage::Tenants)),
        csrf: visit.csrf(),
        slug: String::new(),
        name: String::new(),
        kind: "production".to_owned(),
        issuer: String::new(),
        contact: String::new(),
        preset: "strict".to_owned(),
        presets: presets.collect(),
        wrong: None,
    }
}

/// `POST /new-tenant`. What is wrong is said at its field.
pub(super) async fn create(console: &Console, visit: &Visit) -> Outcome {
    let field = |name: &str| visit.form.get(name).unwrap_or_default().trim().to_owned();
    let kinds = [TenantKind::Production, TenantKind::Development, TenantKind::Sandbox];
    let contact = Some(field("contact")).filter(|contact| !contact.is_empty());
    let refused =
        match (kinds.into_iter().find(|kind| kind.as_str() == field("kind")), Profile::preset(&field("preset"))) {
            (Some(kind), Some(profile)) => {
                let wanted = CreateTenant {
                    slug: field("slug"),
                    name: field("name"),
                    kind,
                    issuer: field("issuer"),
                    api: None,
                    authorities: Vec::new(),
                    profile,
                    branding: Branding::default(),
                    contact,
                    terms: Terms::default(),
                };
                match console.registry_admin.create_tenant(wanted, &visit.meta()).await {
                    Ok(tenant) => return Ok(Answer::see_other(&format!("/tenants/{}?done=create", tenant.slug))),
                    Err(refused) => refused,
                }
            }
            (None, _) => AdminError::invalid("/kind", "must be one of these"),
            (_, None) => AdminError::invalid("/preset", "must be one of these"),
        };
    let wrong = match refused {
        AdminError::Invalid { pointer, detail } => (pointer, detail),
        AdminError::Conflict(detail) => (String::new(), detail),
        other => return Err(other.into()),
    };
    let page = PanelNewTenant {
        slug: field("slug"),
        name: field("name"),
        kind: field("kind"),
        issuer: field("issuer"),
        contact: field("contact"),
        preset: field("preset"),
        wrong: Some(wrong),
        ..empty(visit)
    };
    Ok(Answer::html(422, page.html()))
}
