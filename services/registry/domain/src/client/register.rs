use super::{Client, Event, Flaw, Limits, Refusal, Registration, Verdict, changed, refuse};

/// How a client begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Onboarding {
    /// A developer is still writing it.
    Draft,
    /// A developer wants it approved.
    Submitted,
    /// An operator made it, or the tenant approves without a look.
    Approved,
}

/// Registers a client.
#[derive(Debug, Clone)]
pub struct RegisterClient<'a> {
    /// The client to be.
    pub registration: Registration,
    /// How it begins.
    pub onboarding: Onboarding,
    /// What the tenant allows.
    pub limits: Limits<'a>,
    /// The version of the terms that must have been accepted, where there are any (FF-02).
    pub terms: Option<&'a str>,
}

impl RegisterClient<'_> {
    /// Decides. Whether the `client_id` is free is guarded by a unique row in the same commit.
    pub fn decide(state: &Client, command: &Self) -> Verdict {
        if *state != Client::Unknown {
            return refuse(Refusal::Exists);
        }
        let mut flaws: Vec<Flaw> = command.limits.flaws(&command.registration.settings);
        flaws.extend(command.limits.resource(command.registration.resource.as_deref()));
        match (command.terms, &command.registration.terms) {
            (Some(_), None) => flaws.push(Flaw::TermsNotAccepted),
            (Some(version), Some(accepted)) if accepted.version != version => flaws.push(Flaw::TermsChanged),
            (Some(_) | None, _) => {}
        }
        if !flaws.is_empty() {
            return refuse(Refusal::Settings(flaws));
        }
        let mut events = vec![Event::Registered(Box::new(command.registration.clone()))];
        match command.onboarding {
            Onboarding::Draft => {}
            Onboarding::Submitted => events.push(Event::Submitted),
            Onboarding::Approved if command.registration.contact.is_some() => {
                events.extend([Event::Submitted, Event::Approved]);
            }
            Onboarding::Approved => events.push(Event::Approved),
        }
        changed(events)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::testing::{check, deleted, draft, limits, registered, registration};

    fn register() -> RegisterClient<'static> {
        RegisterClient {
            registration: registration(),
            onboarding: Onboarding::Submitted,
            limits: limits(),
            terms: Some("1"),
        }
    }

    #[test]
    fn a_developers_client_waits_for_approval() {
        check(&[], RegisterClient::decide, &register(), &changed([registered(), Event::Submitted]));
    }

    #[test]
    fn a_draft_waits_for_its_developer() {
        let command = RegisterClient { onboarding: Onboarding::Draft, ..register() };
        check(&[], RegisterClient::decide, &command, &changed([registered()]));
    }

    #[test]
    fn an_operators_client_is_approved_at_once() {
        let mut command = RegisterClient { onboarding: Onboarding::Approved, terms: None, ..register() };
        command.registration.contact = None;
        command.registration.terms = None;
        let made = Event::Registered(Box::new(command.registration.clone()));
        check(&[], RegisterClient::decide, &command, &changed([made, Event::Approved]));
    }

    #[test]
    fn nothing_is_registered_without_the_terms() {
        let mut command = register();
        command.registration.terms = None;
        let not_accepted = refuse(Refusal::Settings(vec![Flaw::TermsNotAccepted]));
        check(&[], RegisterClient::decide, &command, &not_accepted);
        let other = RegisterClient { terms: Some("2"), ..register() };
        check(&[], RegisterClient::decide, &other, &refuse(Refusal::Settings(vec![Flaw::TermsChanged])));
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let mut command = register();
        command.registration.terms = None;
        command.registration.settings.scopes = vec!["root".into()];
        let flaws = vec![Flaw::Scope(0), Flaw::TermsNotAccepted];
        check(&[], RegisterClient::decide, &command, &refuse(Refusal::Settings(flaws)));
    }

    #[test]
    fn flawed_settings_are_refused() {
        let mut command = register();
        command.registration.settings.scopes = vec!["root".into()];
        let flaws = vec![Flaw::Scope(0)];
        check(&[], RegisterClient::decide, &command, &refuse(Refusal::Settings(flaws)));
    }

    #[test]
    fn a_resource_is_an_address() {
        let mut command = register();
        command.registration.resource = Some("https://api.bank.example/#part".into());
        let flaws = vec![Flaw::Resource(crate::AddressRefusal::Parts)];
        check(&[], RegisterClient::decide, &command, &refuse(Refusal::Settings(flaws)));
    }

    #[test]
    fn a_stream_has_one_client() {
        check(&draft(), RegisterClient::decide, &register(), &refuse(Refusal::Exists));
        check(&deleted(), RegisterClient::decide, &register(), &refuse(Refusal::Exists));
    }
}
