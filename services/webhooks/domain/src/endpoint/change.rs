use super::{Endpoint, Event, Limits, Refusal, Settings, Verdict, already, changed, refuse};

/// Changes an endpoint's settings.
#[derive(Debug, Clone)]
pub struct ChangeEndpoint<'a> {
    /// All of them, as they are wanted.
    pub settings: Settings,
    /// What the tenant allows now. An event that it offered once may stay where it was chosen.
    pub limits: Limits<'a>,
}

impl ChangeEndpoint<'_> {
    /// Decides.
    pub fn decide(state: &Endpoint, command: &Self) -> Verdict {
        let Some(record) = state.record() else { return refuse(Refusal::Unknown) };
        let kept = record.settings.events.iter().map(String::as_str);
        let events: Vec<&str> = command.limits.events.iter().copied().chain(kept).collect();
        let limits = Limits { events: &events, ..command.limits };
        match limits.accept(&command.settings) {
            Ok(settings) if settings == record.settings => already(),
            Ok(settings) => changed([Event::Updated(Box::new(settings))]),
            Err(flaw) => refuse(flaw),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::{
        Flaw,
        testing::{active, check, creation, deleted, limits},
    };

    fn to(change: impl FnOnce(&mut Settings)) -> ChangeEndpoint<'static> {
        let mut settings = creation().settings;
        change(&mut settings);
        ChangeEndpoint { settings, limits: limits() }
    }

    #[test]
    fn what_changes_is_an_event_and_what_stays_is_none() {
        check(&active(), ChangeEndpoint::decide, &to(|_| {}), &already());
        let wanted = to(|settings| settings.description = "Another".into());
        let updated = Event::Updated(Box::new(wanted.settings.clone()));
        check(&active(), ChangeEndpoint::decide, &wanted, &changed([updated]));
        check(&deleted(), ChangeEndpoint::decide, &wanted, &refuse(Refusal::Unknown));
    }

    #[test]
    fn an_event_that_is_no_longer_offered_may_stay_but_not_come() {
        let none = |settings: Settings| ChangeEndpoint { settings, limits: Limits { events: &[], ..limits() } };
        check(&active(), ChangeEndpoint::decide, &none(creation().settings), &already());
        let mut more = creation().settings;
        more.events.push("b.happened".into());
        check(&active(), ChangeEndpoint::decide, &none(more), &refuse(Flaw::Event(1)));
    }
}
