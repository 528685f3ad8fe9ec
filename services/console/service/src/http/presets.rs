//! Profiles that come with the server.

use std::sync::Arc;

use grantor_profile::{PRESETS, Profile};
use grantor_web::Answer;
use serde_json::json;

use super::{Ask, GET, Operation, Outcome, problem::Problem};
use crate::Console;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new("list_presets", GET, "/admin/v1/presets", "Profiles that come with the server.", |_, _| {
            Box::pin(list())
        })
        .answers(200, "PresetList"),
        Operation::new(
            "get_preset",
            GET,
            "/admin/v1/presets/{name}",
            "One of them, with its security delta.",
            |console, ask| Box::pin(get(console, ask)),
        )
        .answers(200, "Preset"),
    ]
}

async fn list() -> Outcome {
    let items: Vec<_> =
        PRESETS.iter().map(|preset| json!({ "name": preset.name, "summary": preset.summary })).collect();
    Ok(Answer::json(200, &json!({ "items": items })))
}

async fn get(_: Arc<Console>, ask: Ask) -> Outcome {
    let name = ask.param("name")?;
    let preset = PRESETS.iter().find(|preset| preset.name == name).ok_or(Problem::not_found("preset"))?;
    let profile = Profile::preset(preset.name).ok_or(Problem::not_found("preset"))?;
    let delta = profile.security_delta();
    let document =
        json!({ "name": preset.name, "summary": preset.summary, "profile": profile, "security_delta": delta });
    Ok(Answer::json(200, &document))
}
