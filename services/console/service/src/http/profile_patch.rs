//! A tenant's profile, changed knob by knob (RFC 6902).

use std::sync::Arc;

use grantor_oauth::parse_json;
use grantor_ports::{AdminError, TenantChange};
use grantor_profile::MAX_PROFILE_BYTES;
use grantor_web::MAX_BODY;
use json_patch::{Patch, PatchOperation};
use serde_json::Value;

use super::{
    Ask, Operation, Outcome, PATCH,
    problem::{Problem, Wrong},
    profile::{read_profile, shown},
};
use crate::Console;

/// Arrays and objects inside each other in a patch, at most.
const DEPTH: usize = 12;
/// Operations of one patch; there are 44 knobs.
const MOST: usize = 128;
/// How often a change is made anew when somebody else was faster.
const TRIES: usize = 3;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(
            "patch_profile",
            PATCH,
            "/admin/v1/tenants/{slug}/profile",
            "Changes knobs of a profile by a JSON patch (RFC 6902), all or none; If-Match names the version it is \
             for. Pointers of errors are those of the profile.",
            |console, ask| Box::pin(patch(console, ask)),
        )
        .takes("ProfilePatch")
        .answers(200, "Profile"),
    ]
}

async fn patch(console: Arc<Console>, ask: Ask) -> Outcome {
    let wanted = ask.if_match()?;
    let mut tenant = console.tenant_of(&ask).await?;
    let changes = read(ask.json_patch()?)?;
    for _ in 0..TRIES {
        if wanted.is_some_and(|version| version != tenant.version) {
            return Err(Problem::Precondition);
        }
        let document = serde_json::to_value(&*tenant.profile).unwrap_or(Value::Null);
        let changed = apply(document, &changes).map_err(|wrong| Problem::Invalid(vec![wrong]))?;
        let profile = Box::new(read_profile(changed.to_string().as_bytes()).map_err(Problem::Invalid)?);
        let change = TenantChange::ProfileAt { profile, version: tenant.version };
        match console.registry_admin.change_tenant(tenant.id, change, &ask.meta()).await {
            Ok(tenant) => return Ok(shown(&tenant)),
            Err(AdminError::Conflict(_)) if wanted.is_some() => return Err(Problem::Precondition),
            Err(AdminError::Conflict(_)) => tenant = console.tenant_of(&ask).await?,
            Err(other) => return Err(other.into()),
        }
    }
    Err(AdminError::Conflict("somebody else is changing it; try again".into()).into())
}

/// Reads a patch: bounded, without repeated members.
fn read(body: &[u8]) -> Result<Patch, Problem> {
    let document = parse_json(body, MAX_BODY, DEPTH)
        .map_err(|cause| Problem::Malformed(format!("the body is no acceptable JSON: {cause}")))?;
    let patch: Patch = serde_json::from_value(document)
        .map_err(|cause| Problem::Malformed(format!("the body is no JSON patch: {cause}")))?;
    if !(1..=MOST).contains(&patch.0.len()) {
        return Err(Problem::Malformed(format!("a patch has 1 to {MOST} operations")));
    }
    Ok(patch)
}

/// One operation after the other: copies of copies would grow without bound.
fn apply(mut document: Value, patch: &Patch) -> Result<Value, Wrong> {
    for operation in &patch.0 {
        let pointer = operation.path().to_string();
        json_patch::patch(&mut document, std::slice::from_ref(operation))
            .map_err(|error| Wrong::at(pointer.clone(), error.kind.to_string()))?;
        let grows = matches!(operation, PatchOperation::Copy(_));
        if grows && document.to_string().len() > MAX_PROFILE_BYTES {
            return Err(Wrong::at(pointer, "the profile gets longer than 64 KiB"));
        }
    }
    Ok(document)
}
