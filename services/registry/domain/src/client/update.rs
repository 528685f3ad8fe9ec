use super::{Client, Event, Limits, Refusal, Settings, Status, Verdict, already, changed, must_be, refuse};

/// Who changes the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Editor {
    /// The developer.
    Developer {
        /// What the operator approved must be approved again when it changes.
        needs_approval: bool,
    },
    /// An operator, whose word is the approval.
    Operator,
}

/// Changes a client's settings.
#[derive(Debug, Clone)]
pub struct UpdateClient<'a> {
    /// All settings as they shall be.
    pub settings: Settings,
    /// Who changes them.
    pub editor: Editor,
    /// What the tenant allows.
    pub limits: Limits<'a>,
}

impl UpdateClient<'_> {
    /// Decides. An approved client whose developer changes what was reviewed is pending again.
    pub fn decide(state: &Client, command: &Self) -> Verdict {
        let Some(record) = state.record() else { return refuse(Refusal::Unknown) };
        let by_developer = matches!(command.editor, Editor::Developer { .. });
        if by_developer && matches!(record.status, Status::Suspended { .. }) {
            return must_be(&record.status, "draft, pending, approved or rejected");
        }
        if record.settings == command.settings {
            return already();
        }
        let flaws = command.limits.flaws(&command.settings);
        if !flaws.is_empty() {
            return refuse(Refusal::Settings(flaws));
        }
        let updated = Event::Updated(Box::new(command.settings.clone()));
        let reviewed = command.editor == Editor::Developer { needs_approval: true };
        if reviewed && record.status == Status::Approved && needs_review(&record.settings, &command.settings) {
            changed([updated, Event::Submitted])
        } else {
            changed([updated])
        }
    }
}

/// Whether there is something that the operator has not seen. Giving something up is nothing new.
fn needs_review(old: &Settings, new: &Settings) -> bool {
    let more = |old: &[String], new: &[String]| new.iter().any(|value| !old.contains(value));
    old.name != new.name
        || (old.website != new.website && new.website.is_some())
        || (old.logo_url != new.logo_url && new.logo_url.is_some())
        || more(&old.redirect_uris, &new.redirect_uris)
        || more(&old.post_logout_redirect_uris, &new.post_logout_redirect_uris)
        || more(&old.origins, &new.origins)
        || more(&old.scopes, &new.scopes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{
        Flaw,
        testing::{approved, check, deleted, draft, limits, pending, rejected, settings, suspended},
    };

    const DEVELOPER: Editor = Editor::Developer { needs_approval: true };

    fn update(editor: Editor, change: impl FnOnce(&mut Settings)) -> UpdateClient<'static> {
        let mut settings = settings();
        change(&mut settings);
        UpdateClient { settings, editor, limits: limits() }
    }

    fn updated(command: &UpdateClient<'_>) -> Event {
        Event::Updated(Box::new(command.settings.clone()))
    }

    #[test]
    fn what_was_not_reviewed_is_reviewed_again() {
        let changes: [fn(&mut Settings); 7] = [
            |s| s.name = "Other".into(),
            |s| s.website = Some("https://other.example".into()),
            |s| s.logo_url = Some("https://other.example/logo.png".into()),
            |s| s.redirect_uris.push("https://other.example/cb".into()),
            |s| s.post_logout_redirect_uris.push("https://other.example/bye".into()),
            |s| s.origins.push("https://other.example".into()),
            |s| s.scopes.push("plan".into()),
        ];
        for change in changes {
            let command = update(DEVELOPER, change);
            check(&approved(), UpdateClient::decide, &command, &changed([updated(&command), Event::Submitted]));
        }
    }

    #[test]
    fn giving_something_up_needs_no_review() {
        let command = update(DEVELOPER, |s| drop(s.scopes.pop()));
        check(&approved(), UpdateClient::decide, &command, &changed([updated(&command)]));
        let command = update(DEVELOPER, |s| s.id_token_alg = Some("ES256".into()));
        check(&approved(), UpdateClient::decide, &command, &changed([updated(&command)]));
    }

    #[test]
    fn an_operators_change_is_its_own_approval() {
        let command = update(Editor::Operator, |s| s.name = "Other".into());
        check(&approved(), UpdateClient::decide, &command, &changed([updated(&command)]));
        check(&suspended(), UpdateClient::decide, &command, &changed([updated(&command)]));
    }

    #[test]
    fn what_is_not_live_is_just_changed() {
        let command = update(DEVELOPER, |s| s.name = "Other".into());
        for given in [draft(), pending(), rejected()] {
            check(&given, UpdateClient::decide, &command, &changed([updated(&command)]));
        }
    }

    #[test]
    fn a_developer_cannot_change_a_suspended_client() {
        let command = update(DEVELOPER, |s| s.name = "Other".into());
        let must_be = "draft, pending, approved or rejected";
        check(&suspended(), UpdateClient::decide, &command, &refuse(Refusal::Status { is: "suspended", must_be }));
        check(&deleted(), UpdateClient::decide, &command, &refuse(Refusal::Unknown));
    }

    #[test]
    fn flawed_settings_are_refused_and_the_same_ones_are_no_event() {
        let command = update(DEVELOPER, |s| s.scopes = vec!["root".into()]);
        check(&approved(), UpdateClient::decide, &command, &refuse(Refusal::Settings(vec![Flaw::Scope(0)])));
        check(&approved(), UpdateClient::decide, &update(DEVELOPER, |_| {}), &already());
    }
}
