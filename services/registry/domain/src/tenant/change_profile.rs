use std::sync::Arc;

use grantor_profile::Profile;

use super::{Event, Refusal, Tenant, Verdict, already, changed, refuse};
use crate::Problem;

/// Gives a tenant another wire behaviour.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangeProfile {
    /// The whole new profile.
    pub profile: Arc<Profile>,
}

impl ChangeProfile {
    /// Decides. A suspended tenant's profile can be put right before it is restored.
    pub fn decide(state: &Tenant, command: &Self) -> Verdict {
        let Some(record) = state.record() else { return refuse(Refusal::Unknown) };
        if record.profile == command.profile {
            return already();
        }
        let contradictions = command.profile.validate();
        if contradictions.is_empty() {
            return changed(Event::ProfileChanged(Arc::clone(&command.profile)));
        }
        let problems = contradictions.into_iter().map(|found| Problem::at(found.path, found.message));
        refuse(Refusal::Invalid(problems.collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenant::testing::{check, created};

    fn to(profile: Profile) -> ChangeProfile {
        ChangeProfile { profile: Arc::new(profile) }
    }

    #[test]
    fn another_profile_is_an_event() {
        let command = to(Profile::preset("openid").expect("a preset"));
        let expected = changed(Event::ProfileChanged(Arc::clone(&command.profile)));
        check(&[created()], ChangeProfile::decide, &command, &expected);
        check(&[created(), Event::Suspended], ChangeProfile::decide, &command, &expected);
    }

    #[test]
    fn the_same_profile_is_none() {
        check(&[created()], ChangeProfile::decide, &to(Profile::strict()), &already());
    }

    #[test]
    fn a_contradiction_is_refused_by_its_path() {
        let mut profile = Profile::strict();
        profile.version = 9;
        let problem = Problem::at("/version", "must be 1");
        check(&[created()], ChangeProfile::decide, &to(profile), &refuse(Refusal::Invalid(vec![problem])));
    }

    #[test]
    fn an_unknown_tenant_has_no_profile() {
        check(&[], ChangeProfile::decide, &to(Profile::strict()), &refuse(Refusal::Unknown));
    }
}
