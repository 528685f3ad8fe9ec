use grantor_profile::{PRESETS, Profile};

use super::api::document;
use crate::{cli::ProfileCommand, failure::Failure};

/// `grantor profile …`
pub fn profile(command: ProfileCommand) -> Result<(), Failure> {
    match command {
        ProfileCommand::Presets => PRESETS.iter().for_each(|preset| println!("{}", preset.name)),
        ProfileCommand::Show { preset } => {
            let profile = Profile::preset(&preset).ok_or_else(|| {
                Failure::Usage(format!("there is no preset `{preset}`; see `grantor profile presets`"))
            })?;
            println!("{}", profile.to_json());
        }
        ProfileCommand::Lint { document: path } => {
            let text = document(&path)?.to_string();
            let profile = Profile::from_json(text.as_bytes()).map_err(|cause| Failure::Refused(cause.to_string()))?;
            let delta = profile.security_delta();
            if delta.is_empty() {
                println!("No deviation from RFC 9700.");
            }
            for deviation in delta {
                println!(
                    "{}: {} ({})\n    {}",
                    deviation.knob, deviation.deviation, deviation.from, deviation.compensation
                );
            }
        }
    }
    Ok(())
}
