//! In what a tenant's profile differs from a preset or from another tenant's.

use std::sync::Arc;

use grantor_profile::Profile;
use grantor_web::Answer;
use json_patch::PatchOperation;
use serde_json::{Value, json};

use super::{Ask, GET, Operation, Outcome, problem::Problem};
use crate::Console;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(
            "get_profile_diff",
            GET,
            "/admin/v1/tenants/{slug}/profile/diff",
            "The knobs in which a profile differs from a preset, or from another tenant's; from strict when neither is named.",
            |console, ask| Box::pin(diff(console, ask)),
        )
        .query(&[("preset", "A preset's name."), ("tenant", "Another tenant's slug.")])
        .answers(200, "ProfileDiff"),
    ]
}

async fn diff(console: Arc<Console>, ask: Ask) -> Outcome {
    let tenant = console.tenant_of(&ask).await?;
    let other = match (ask.query("preset"), ask.query("tenant")) {
        (Some(name), None) => Profile::preset(name).ok_or(Problem::not_found("preset"))?,
        (None, Some(slug)) => {
            let other = console.registry.tenant_by_slug(slug).await?.ok_or(Problem::not_found("tenant"))?;
            Profile::clone(&other.profile)
        }
        (None, None) => Profile::strict(),
        (Some(_), Some(_)) => return Err(Problem::Malformed("name either a preset or a tenant".into())),
    };
    Ok(Answer::json(200, &json!({ "items": differences(&other, &tenant.profile) })))
}

/// By pointer: what it is there (`theirs`) and here (`ours`); a side that has nothing is left out.
fn differences(theirs: &Profile, ours: &Profile) -> Vec<Value> {
    let document = |profile: &Profile| serde_json::to_value(profile).unwrap_or(Value::Null);
    let (theirs, ours) = (document(theirs), document(ours));
    let mut pointers: Vec<String> = Vec::new();
    for operation in json_patch::diff(&theirs, &ours).0 {
        let pointer = match &operation {
            PatchOperation::Add(_) | PatchOperation::Remove(_) => list_of(&theirs, operation.path().as_str()),
            _ => operation.path().to_string(),
        };
        if !pointers.contains(&pointer) {
            pointers.push(pointer);
        }
    }
    let described = pointers.iter().map(|pointer| {
        let mut one = json!({ "pointer": pointer });
        for (name, side) in [("theirs", &theirs), ("ours", &ours)] {
            if let Some(value) = side.pointer(pointer) {
                one[name] = value.clone();
            }
        }
        one
    });
    described.collect()
}

/// An item that came into a list or left it moves all others: the list as a whole is shown.
fn list_of(document: &Value, pointer: &str) -> String {
    let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
    let is_list = document.pointer(parent).is_some_and(Value::is_array);
    if is_list { parent.to_owned() } else { pointer.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knobs_are_told_with_both_values() {
        let (theirs, mut ours) = (Profile::strict(), Profile::strict());
        assert!(differences(&theirs, &ours).is_empty());
        ours.codes.ttl_seconds = 30;
        ours.refresh_tokens.idle_seconds = None;
        ours.token_request.client_auth.remove(0);
        let found = differences(&theirs, &ours);
        let expected = [
            json!({ "pointer": "/codes/ttl_seconds", "theirs": 60, "ours": 30 }),
            json!({ "pointer": "/refresh_tokens/idle_seconds", "theirs": 2_592_000 }),
        ];
        for one in &expected {
            assert!(found.contains(one), "{found:?}");
        }
        let list = found.iter().find(|one| one["pointer"].as_str().is_some_and(|at| at.contains("client_auth")));
        assert!(list.is_some(), "{found:?}");
    }
}
