//! A tenant's profile: its wire behaviour, and where that leaves RFC 9700.

use std::sync::Arc;

use grantor_ports::{TenantChange, TenantView};
use grantor_profile::{Profile, ProfileRefusal};
use grantor_web::Answer;
use serde_json::json;

use super::{
    Ask, GET, Operation, Outcome, PUT,
    problem::{Problem, Wrong},
};
use crate::Console;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(
            "get_profile",
            GET,
            "/admin/v1/tenants/{slug}/profile",
            "A tenant's profile.",
            |console, ask| Box::pin(get(console, ask)),
        )
        .answers(200, "Profile"),
        Operation::new(
            "put_profile",
            PUT,
            "/admin/v1/tenants/{slug}/profile",
            "Gives a tenant another profile. One that contradicts itself or does not acknowledge a weak knob is refused, with the pointer of each.",
            |console, ask| Box::pin(put(console, ask)),
        )
        .takes("Profile")
        .answers(200, "Profile"),
        Operation::new(
            "get_profile_delta",
            GET,
            "/admin/v1/tenants/{slug}/profile/delta",
            "Where the profile is weaker than RFC 9700, OAuth 2.1 and FAPI 2.0, and what makes up for it.",
            |console, ask| Box::pin(delta(console, ask)),
        )
        .answers(200, "SecurityDelta"),
    ]
}

/// Reads a document, or says what is wrong with it.
pub(crate) fn read_profile(document: &[u8]) -> Result<Profile, Vec<Wrong>> {
    Profile::from_json(document).map_err(|refusal| match refusal {
        ProfileRefusal::Contradictions(found) => {
            found.into_iter().map(|one| Wrong::at(one.path, one.message)).collect()
        }
        ProfileRefusal::Malformed { path, detail } => vec![Wrong::at(path, detail)],
        ProfileRefusal::Version(_) => vec![Wrong::at("/version", refusal.to_string())],
        ProfileRefusal::TooLong => vec![Wrong::at("", refusal.to_string())],
    })
}

async fn get(console: Arc<Console>, ask: Ask) -> Outcome {
    let tenant = console.tenant_of(&ask).await?;
    Ok(shown(&tenant))
}

/// The document, with the version that `If-Match` may name.
pub(super) fn shown(tenant: &TenantView) -> Answer {
    Answer::json_bytes(200, tenant.profile.to_json()).header("etag", &format!("\"{}\"", tenant.version))
}

async fn put(console: Arc<Console>, ask: Ask) -> Outcome {
    let tenant = console.tenant_of(&ask).await?;
    let profile = Box::new(read_profile(ask.json()?).map_err(Problem::Invalid)?);
    let change = match ask.if_match()? {
        Some(version) if version != tenant.version => return Err(Problem::Precondition),
        Some(version) => TenantChange::ProfileAt { profile, version },
        None => TenantChange::Profile(profile),
    };
    let tenant = console.registry_admin.change_tenant(tenant.id, change, &ask.meta()).await?;
    Ok(shown(&tenant))
}

async fn delta(console: Arc<Console>, ask: Ask) -> Outcome {
    let tenant = console.tenant_of(&ask).await?;
    Ok(Answer::json(200, &json!({ "items": tenant.profile.security_delta() })))
}
