use super::{Branding, Event, Refusal, Tenant, Terms, Verdict, already, changed, refuse};
use crate::Problem;

/// Changes what people see; absent members stay.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangePresentation {
    /// The tenant's name.
    pub name: Option<String>,
    /// Its look.
    pub branding: Option<Branding>,
    /// Whom a partner writes to; an empty one takes the contact away.
    pub contact: Option<String>,
    /// What developers accept.
    pub terms: Option<Terms>,
}

impl ChangePresentation {
    /// Decides. Other terms need another version: an acceptance names both.
    pub fn decide(state: &Tenant, command: &Self) -> Verdict {
        let Some(record) = state.record() else { return refuse(Refusal::Unknown) };
        let old = &record.presentation;
        let mut new = old.clone();
        let Self { name, branding, contact, terms } = command.clone();
        new.name = name.unwrap_or(new.name);
        new.branding = branding.unwrap_or(new.branding);
        new.contact = contact.map_or(new.contact, |contact| (!contact.is_empty()).then_some(contact));
        new.terms = terms.unwrap_or(new.terms);
        if new == *old {
            return already();
        }
        let mut problems = new.problems();
        if new.terms.version == old.terms.version && new.terms.text != old.terms.text {
            problems.push(Problem::at("/terms/version", "other terms need another version"));
        }
        if problems.is_empty() {
            changed(Event::PresentationChanged(Box::new(new)))
        } else {
            refuse(Refusal::Invalid(problems))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenant::testing::{check, created, presentation};

    #[test]
    fn only_what_is_given_changes() {
        let mut expected = presentation();
        expected.name = "Bank of Example".into();
        let command = ChangePresentation { name: Some("Bank of Example".into()), ..Default::default() };
        let expected = changed(Event::PresentationChanged(Box::new(expected)));
        check(&[created()], ChangePresentation::decide, &command, &expected);
    }

    #[test]
    fn other_terms_need_another_version() {
        let terms = Terms { version: "1".into(), text: "Be kinder.".into() };
        let command = ChangePresentation { terms: Some(terms), ..Default::default() };
        let problem = Problem::at("/terms/version", "other terms need another version");
        check(&[created()], ChangePresentation::decide, &command, &refuse(Refusal::Invalid(vec![problem])));
    }

    #[test]
    fn an_empty_contact_takes_it_away() {
        let mut expected = presentation();
        expected.contact = None;
        let command = ChangePresentation { contact: Some(String::new()), ..Default::default() };
        let expected = changed(Event::PresentationChanged(Box::new(expected)));
        check(&[created()], ChangePresentation::decide, &command, &expected);
    }

    #[test]
    fn nothing_new_is_no_event() {
        let command = ChangePresentation { name: Some("Bank".into()), ..Default::default() };
        check(&[created()], ChangePresentation::decide, &command, &already());
    }
}
