use super::{Endpoint, Event, Limits, Refusal, Settings, Verdict, already, changed, refuse};

/// Changes an endpoint's settings.
#[derive(Debug, Clone)]
pub struct ChangeEndpoint<'a> {
    /// All of them, as they are wanted.
    pub settings: Settings,
    /// What is allowed now. An event that was offered once, and a limit that could be chosen once, may stay.
    pub limits: Limits<'a>,
}

impl ChangeEndpoint<'_> {
    /// Decides.
    pub fn decide(state: &Endpoint, command: &Self) -> Verdict {
        let Some(record) = state.record() else { return refuse(Refusal::Unknown) };
        let kept = record.settings.events.iter().map(String::as_str);
        let events: Vec<&str> = command.limits.events.iter().copied().chain(kept).collect();
        let rate = record.settings.rate.map_or(command.limits.rate, |kept| kept.max(command.limits.rate));
        let limits = Limits { events: &events, rate, ..command.limits };
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
    use crate::{
        Rate,
        endpoint::{
            Flaw,
            testing::{active, check, creation, deleted, limits},
        },
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
    fn a_limit_is_chosen_within_what_is_allowed_and_taken_away_by_none() {
        let limited = |calls| to(|settings| settings.rate = Rate::per_second(calls));
        let updated = |command: &ChangeEndpoint<'_>| Event::Updated(Box::new(command.settings.clone()));
        let slow = limited(50);
        check(&active(), ChangeEndpoint::decide, &slow, &changed([updated(&slow)]));
        check(&active(), ChangeEndpoint::decide, &limited(51), &refuse(Flaw::Rate(50)));
        assert_eq!(Flaw::Rate(50).pointer(), "/max_per_second");
        // One that was allowed once stays, whatever else is changed; it does not go up.
        let high = limited(80);
        let limited_once = [active(), vec![updated(&high)]].concat();
        let mut settings = high.settings.clone();
        settings.description = "Another".into();
        let other = ChangeEndpoint { settings, limits: limits() };
        check(&limited_once, ChangeEndpoint::decide, &other, &changed([updated(&other)]));
        check(&limited_once, ChangeEndpoint::decide, &limited(81), &refuse(Flaw::Rate(80)));
        check(&limited_once, ChangeEndpoint::decide, &to(|_| {}), &changed([updated(&to(|_| {}))]));
    }

    #[test]
    fn an_event_that_is_no_longer_offered_may_stay_but_not_come() {
        let none = |settings: Settings| ChangeEndpoint { settings, limits: Limits { events: &[], ..limits() } };
        check(&active(), ChangeEndpoint::decide, &none(creation().settings), &already());
        let mut more = creation().settings;
        more.events.push("b.happened".into());
        check(
            &active(),
            ChangeEndpoint::decide,
            &none(more),
            &refuse(Flaw::Event { at: 1, offered: vec!["a.happened".to_owned()] }),
        );
    }
}
