use std::path::Path;

use grantor_profile::{PRESETS, Profile};
use serde_json::{Value, json};

use super::{
    api::{document, print, show},
    delta,
};
use crate::{cli::ProfileCommand, failure::Failure};

/// `grantor profile …`
pub fn profile(command: ProfileCommand) -> Result<(), Failure> {
    match command {
        ProfileCommand::Presets => print(
            &PRESETS
                .iter()
                .map(|preset| format!("{:14}{}", preset.name, preset.summary))
                .collect::<Vec<_>>()
                .join("\n"),
        ),
        ProfileCommand::Show { preset } => {
            let profile = Profile::preset(&preset).ok_or_else(|| {
                Failure::Usage(format!("there is no preset `{preset}`; see `grantor profile presets`"))
            })?;
            print(&profile.to_json());
        }
        ProfileCommand::Lint { document, json } => lint(&read(&document)?, json)?,
    }
    Ok(())
}

/// A preset by its name, else a document.
fn read(path: &Path) -> Result<Profile, Failure> {
    if let Some(preset) = path.to_str().and_then(Profile::preset) {
        return Ok(preset);
    }
    let text = document(path)?.to_string();
    Profile::read(text.as_bytes()).map_err(|cause| Failure::Refused(cause.to_string()))
}

/// The delta is shown even of a document that would be refused: it says what to acknowledge.
fn lint(profile: &Profile, as_json: bool) -> Result<(), Failure> {
    let contradictions = profile.validate();
    let items = serde_json::to_value(profile.security_delta()).unwrap_or(Value::Null);
    if as_json {
        show(&json!({ "items": items, "contradictions": contradictions }));
    } else {
        delta::table(items.as_array().map_or(&[], Vec::as_slice));
    }
    if contradictions.is_empty() {
        return Ok(());
    }
    let told: Vec<_> = contradictions.iter().map(|one| format!("  {one}")).collect();
    Err(Failure::Refused(format!("the profile would be refused:\n{}", told.join("\n"))))
}
