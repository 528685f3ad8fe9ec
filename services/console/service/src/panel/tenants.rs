//! All tenants: found by words, one page at a time; and a new one.

use grantor_pages::{MenuPage, Page as _, PanelNewTenant, PanelTenantProblem, PanelTenantRow, PanelTenants};
use grantor_ports::{
    AdminError, Authority, AuthorityRole, Branding, CreateTenant, TenantKind, TenantState, TenantView, Terms,
};
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
    let kind = kinds.into_iter().find(|kind| kind.as_str() == field("kind"));
    let wrong = match (kind, Profile::preset(&field("preset"))) {
        (Some(kind), Some(profile)) => {
            let wanted = CreateTenant {
                slug: field("slug"),
                name: field("name"),
                kind,
                authorities: own_host(&field("issuer")).into_iter().collect(),
                issuer: field("issuer"),
                api: None,
                profile,
                branding: Branding::default(),
                contact,
                terms: Terms::default(),
            };
            match console.registry_admin.create_tenant(wanted, &visit.meta()).await {
                Ok(tenant) => return Ok(Answer::see_other(&format!("/tenants/{}?done=create", tenant.slug))),
                Err(AdminError::Invalid { pointer, .. }) => problem(&pointer),
                Err(AdminError::Conflict(_)) => PanelTenantProblem::Taken,
                Err(other) => return Err(other.into()),
            }
        }
        (None, _) => PanelTenantProblem::Field("kind"),
        (_, None) => PanelTenantProblem::Field("preset"),
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

/// The host of an issuer that has it for itself: there the tenant's pages are too.
fn own_host(issuer: &str) -> Option<Authority> {
    let (_, rest) = issuer.split_once("://")?;
    let authority = rest.strip_suffix('/').unwrap_or(rest);
    (!authority.is_empty() && !authority.contains('/'))
        .then(|| Authority { authority: authority.to_owned(), role: AuthorityRole::Identity })
}

/// What the registry found wrong, as the form says it.
fn problem(pointer: &str) -> PanelTenantProblem {
    let fields = ["slug", "name", "issuer", "contact"];
    match fields.into_iter().find(|field| pointer.strip_prefix('/') == Some(field)) {
        Some(field) => PanelTenantProblem::Field(field),
        None if pointer == "/authorities" => PanelTenantProblem::NoWidgetHost,
        // Its own host is the only one that the form names.
        None if pointer.starts_with("/authorities/0") => PanelTenantProblem::Field("issuer"),
        None => PanelTenantProblem::Elsewhere,
    }
}
