//! Tenants: made, listed, changed, suspended.

use std::sync::Arc;

use grantor_ports::{Authority, Branding, CreateTenant, TenantChange, TenantKind, TenantState, TenantView, Terms};
use grantor_profile::{DeviationId, Profile, Severity};
use grantor_web::Answer;
use serde::Serialize;
use serde_json::Value;

use super::{
    Ask, GET, Operation, Outcome, PAGE, PATCH, POST, clock, members::Members, problem::Problem, profile::read_profile,
};
use crate::Console;

/// The kinds of tenants, for people.
pub(super) const KINDS: &str = "production, development, sandbox";

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new("list_tenants", GET, "/admin/v1/tenants", "All tenants, by slug.", |console, ask| {
            Box::pin(list(console, ask))
        })
        .query(PAGE)
        .answers(200, "TenantList"),
        Operation::new("create_tenant", POST, "/admin/v1/tenants", "Makes a tenant.", |console, ask| {
            Box::pin(create(console, ask))
        })
        .takes("NewTenant")
        .answers(201, "Tenant"),
        Operation::new("get_tenant", GET, "/admin/v1/tenants/{slug}", "One tenant.", |console, ask| {
            Box::pin(get(console, ask))
        })
        .answers(200, "Tenant"),
        Operation::new(
            "change_tenant",
            PATCH,
            "/admin/v1/tenants/{slug}",
            "Changes name, look, contact or terms; absent members stay.",
            |console, ask| Box::pin(change(console, ask)),
        )
        .takes("TenantChange")
        .answers(200, "Tenant"),
        Operation::new(
            "suspend_tenant",
            POST,
            "/admin/v1/tenants/{slug}/suspend",
            "Makes a tenant refuse everything; its tokens are dead while it does.",
            |console, ask| Box::pin(command(console, ask, TenantChange::Suspend)),
        )
        .answers(200, "Tenant"),
        Operation::new(
            "restore_tenant",
            POST,
            "/admin/v1/tenants/{slug}/restore",
            "Makes a suspended tenant answer again.",
            |console, ask| Box::pin(command(console, ask, TenantChange::Restore)),
        )
        .answers(200, "Tenant"),
    ]
}

/// A tenant without its profile, which is a resource of its own.
#[derive(Serialize)]
pub(super) struct Shown<'a> {
    id: String,
    slug: &'a str,
    name: &'a str,
    kind: TenantKind,
    state: TenantState,
    issuer: &'a str,
    api: &'a str,
    authorities: &'a [Authority],
    branding: &'a Branding,
    contact: Option<&'a str>,
    terms: &'a Terms,
    /// A sandbox's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    clock: Option<Value>,
    /// What the profile does only because a guide demands it, by the names of the security delta.
    legacy_unsafe: Vec<DeviationId>,
    version: u32,
}

pub(super) fn shown<'a>(console: &Console, tenant: &'a TenantView) -> Shown<'a> {
    let delta = tenant.profile.security_delta().into_iter();
    let unsafe_ones = delta.filter(|one| one.severity == Severity::LegacyUnsafe).map(|one| one.id);
    Shown {
        id: tenant.id.to_string(),
        slug: &tenant.slug,
        name: &tenant.name,
        kind: tenant.kind,
        state: tenant.state,
        issuer: &tenant.issuer,
        api: &tenant.api,
        authorities: &tenant.authorities,
        branding: &tenant.branding,
        contact: tenant.contact.as_deref(),
        terms: &tenant.terms,
        clock: clock::shown(console, tenant),
        legacy_unsafe: unsafe_ones.collect(),
        version: tenant.version,
    }
}

impl Console {
    /// The tenant that the path names.
    pub(super) async fn tenant_of(&self, ask: &Ask) -> Result<Arc<TenantView>, Problem> {
        let slug = ask.param("slug")?;
        self.registry.tenant_by_slug(&slug).await?.ok_or(Problem::not_found("tenant"))
    }
}

async fn list(console: Arc<Console>, ask: Ask) -> Outcome {
    let found = console.registry_admin.tenants(ask.page()?).await?;
    let items: Vec<_> = found.items.iter().map(|tenant| shown(&console, tenant)).collect();
    Ok(Answer::json(200, &grantor_ports::PageOf { items, next: found.next }))
}

async fn create(console: Arc<Console>, ask: Ask) -> Outcome {
    let tenant = new_tenant(ask.members()?)?;
    let tenant = console.registry_admin.create_tenant(tenant, &ask.meta()).await?;
    Ok(Answer::json(201, &shown(&console, &tenant)).header("location", &format!("/admin/v1/tenants/{}", tenant.slug)))
}

async fn get(console: Arc<Console>, ask: Ask) -> Outcome {
    Ok(Answer::json(200, &shown(&console, &*console.tenant_of(&ask).await?)))
}

async fn change(console: Arc<Console>, ask: Ask) -> Outcome {
    let tenant = console.tenant_of(&ask).await?;
    let mut members = ask.members()?;
    let name = members.text("name");
    let branding = members.object("branding", branding);
    let contact = members.text("contact");
    let terms = members.object("terms", terms);
    members.finish()?;
    let change = TenantChange::Presentation { name, branding, contact, terms };
    let tenant = console.registry_admin.change_tenant(tenant.id, change, &ask.meta()).await?;
    Ok(Answer::json(200, &shown(&console, &tenant)))
}

async fn command(console: Arc<Console>, ask: Ask, change: TenantChange) -> Outcome {
    ask.no_body()?;
    let tenant = console.tenant_of(&ask).await?;
    let tenant = console.registry_admin.change_tenant(tenant.id, change, &ask.meta()).await?;
    Ok(Answer::json(200, &shown(&console, &tenant)))
}

fn new_tenant(mut members: Members) -> Result<CreateTenant, Problem> {
    let kind = members.required_word("kind", KINDS);
    let tenant = CreateTenant {
        slug: members.required("slug"),
        name: members.required("name"),
        kind: kind.unwrap_or(TenantKind::Production),
        issuer: members.required("issuer"),
        api: members.text("api"),
        authorities: authorities(&mut members),
        profile: profile(&mut members),
        branding: members.object("branding", branding).unwrap_or_default(),
        contact: members.text("contact"),
        terms: members.object("terms", terms).unwrap_or_default(),
    };
    members.finish()?;
    Ok(tenant)
}

pub(super) fn authorities(members: &mut Members) -> Vec<Authority> {
    let one = |entry: &mut Members| {
        let role = entry.required_word("role", "identity, api, widget");
        let authority = entry.required("authority");
        role.map(|role| Authority { role, authority })
    };
    members.objects("authorities", one).into_iter().flatten().collect()
}

/// A document, or a preset's name; the strict profile when neither is there.
fn profile(members: &mut Members) -> Profile {
    let document = members.value("profile");
    match (document, members.text("preset")) {
        (Some(_), Some(_)) => members.refuse("preset", "send either a profile or a preset's name"),
        (Some(document), None) => match read_profile(document.to_string().as_bytes()) {
            Ok(profile) => return profile,
            Err(wrong) => members.refuse_inside("profile", wrong),
        },
        (None, Some(name)) => match Profile::preset(&name) {
            Some(profile) => return profile,
            None => members.refuse("preset", "there is no preset of this name"),
        },
        (None, None) => {}
    }
    Profile::strict()
}

fn branding(members: &mut Members) -> Branding {
    Branding { colour: members.text("colour"), monogram: members.text("monogram") }
}

fn terms(members: &mut Members) -> Terms {
    Terms { version: members.required("version"), text: members.required("text") }
}
