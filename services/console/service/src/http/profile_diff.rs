//! In what a tenant's profile differs from a preset or from another tenant's.

use std::sync::Arc;

use grantor_profile::{PRESETS, Preset, Profile};
use grantor_web::Answer;
use json_patch::PatchOperation;
use serde::Serialize;
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

/// One knob in which two profiles differ; a side that has nothing is left out.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Difference {
    /// JSON pointer (RFC 6901) of the knob.
    pub pointer: String,
    /// What the other profile says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub theirs: Option<Value>,
    /// What this one says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ours: Option<Value>,
}

/// The knobs in which they differ.
pub(crate) fn differences(theirs: &Profile, ours: &Profile) -> Vec<Difference> {
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
    let told = pointers.into_iter().map(|pointer| Difference {
        theirs: theirs.pointer(&pointer).cloned(),
        ours: ours.pointer(&pointer).cloned(),
        pointer,
    });
    told.collect()
}

/// The preset that a profile is most like, and in how many knobs it differs from that.
pub(crate) fn nearest_preset(profile: &Profile) -> (&'static str, usize) {
    let apart =
        |preset: &'static Preset| Some((preset.name, differences(&Profile::preset(preset.name)?, profile).len()));
    PRESETS.iter().filter_map(apart).min_by_key(|(_, apart)| *apart).unwrap_or_default()
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
        let found = serde_json::to_value(differences(&theirs, &ours)).unwrap();
        let found = found.as_array().unwrap();
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

    #[test]
    fn a_profile_is_most_like_the_preset_it_was_made_from() {
        for preset in PRESETS {
            let mut profile = Profile::preset(preset.name).unwrap();
            assert_eq!(nearest_preset(&profile).1, 0, "{}", preset.name);
            profile.codes.ttl_seconds += 1;
            assert_eq!(nearest_preset(&profile).1, 1, "{}", preset.name);
        }
    }
}
