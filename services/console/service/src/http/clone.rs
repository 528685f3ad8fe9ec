//! A tenant made after another one.

use std::sync::Arc;

use grantor_ports::{CreateTenant, TenantKind, TenantView};
use grantor_profile::Profile;
use grantor_web::Answer;

use super::{
    Ask, Operation, Outcome, POST,
    members::Members,
    problem::Problem,
    tenants::{authorities, shown},
};
use crate::Console;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(
            "clone_tenant",
            POST,
            "/admin/v1/tenants/{slug}/clone",
            "Makes a tenant with this one's profile, look and terms; never its keys, clients or users.",
            |console, ask| Box::pin(clone(console, ask)),
        )
        .takes("TenantClone")
        .answers(201, "Tenant"),
    ]
}

async fn clone(console: Arc<Console>, ask: Ask) -> Outcome {
    let source = console.tenant_of(&ask).await?;
    let wanted = like(&source, ask.members()?)?;
    let tenant = console.registry_admin.create_tenant(wanted, &ask.meta()).await?;
    let answer = Answer::json(201, &shown(&console, &tenant));
    Ok(answer.header("location", &format!("/admin/v1/tenants/{}", tenant.slug)))
}

/// Whom partners write to is not taken over: it is another tenant.
fn like(source: &TenantView, mut members: Members) -> Result<CreateTenant, Problem> {
    let kind: Option<TenantKind> = members.word("kind", super::tenants::KINDS);
    let wanted = CreateTenant {
        slug: members.required("slug"),
        name: members.text("name").unwrap_or_else(|| source.name.clone()),
        kind: kind.unwrap_or(source.kind),
        issuer: members.required("issuer"),
        api: members.text("api"),
        authorities: authorities(&mut members),
        profile: Profile::clone(&source.profile),
        branding: source.branding.clone(),
        contact: members.text("contact"),
        terms: source.terms.clone(),
    };
    members.finish()?;
    Ok(wanted)
}
