//! One knob of a tenant's profile.

use std::collections::BTreeSet;

use grantor_profile::{DeviationId, Profile};
use serde_json::{Value, json};

use super::api::Admin;
use crate::failure::Failure;

/// Changes a knob, or takes it out where there is no value. Acknowledgements of what is not weak
/// any more go in the same change; new ones are only those that were asked for.
pub fn set(
    admin: &Admin,
    tenant: &str,
    pointer: &str,
    value: Option<&str>,
    acknowledge: &[String],
) -> Result<Value, Failure> {
    let version = admin.get(tenant)?["version"].to_string();
    let path = format!("{tenant}/profile");
    let before = admin.get(&path)?;
    let there = before.pointer(pointer).is_some();
    let change = match value {
        None => json!({ "op": "remove", "path": pointer }),
        Some(text) => {
            let value = serde_json::from_str(text).unwrap_or_else(|_| Value::from(text));
            json!({ "op": if there { "replace" } else { "add" }, "path": pointer, "value": value })
        }
    };
    let mut patch = vec![change.clone()];
    if !pointer.starts_with("/acknowledged")
        && let Some(names) = acknowledged(before, &change, acknowledge)?
    {
        patch.push(json!({ "op": "add", "path": "/acknowledged", "value": names }));
    }
    admin.json_patch(&path, &Value::Array(patch), &format!("\"{version}\""))
}

/// What is to be acknowledged after the change; `None` where that cannot be told here: the
/// server says what is wrong.
fn acknowledged(before: Value, change: &Value, more: &[String]) -> Result<Option<Vec<DeviationId>>, Failure> {
    let more = serde_json::from_value::<BTreeSet<DeviationId>>(json!(more))
        .map_err(|cause| Failure::Usage(format!("--acknowledge: {cause}")))?;
    let mut after = before;
    let Ok(patch) = serde_json::from_value::<json_patch::Patch>(json!([change])) else { return Ok(None) };
    if json_patch::patch(&mut after, &patch).is_err() {
        return Ok(None);
    }
    let Ok(profile) = serde_json::from_value::<Profile>(after) else { return Ok(None) };
    let weak = profile.security_delta().into_iter().filter(|one| one.must_be_acknowledged());
    let known = weak.filter(|one| one.acknowledged || more.contains(&one.id)).map(|one| one.id);
    let names: BTreeSet<_> = known.chain(more.iter().copied()).collect();
    Ok(Some(names.into_iter().collect()))
}
