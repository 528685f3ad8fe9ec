use super::{Creation, Endpoint, Event, Limits, Refusal, Verdict, changed, refuse};

/// Makes an endpoint.
#[derive(Debug, Clone)]
pub struct CreateEndpoint<'a> {
    /// As it is wanted.
    pub creation: Creation,
    /// What the tenant allows.
    pub limits: Limits<'a>,
}

impl CreateEndpoint<'_> {
    /// Decides.
    pub fn decide(state: &Endpoint, command: &Self) -> Verdict {
        if *state != Endpoint::Unknown {
            return refuse(Refusal::Exists);
        }
        match command.limits.accept(&command.creation.settings) {
            Ok(settings) => changed([Event::Created(Box::new(Creation { settings, ..command.creation.clone() }))]),
            Err(flaw) => refuse(flaw),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::{
        AddressRefusal, Flaw,
        testing::{active, check, creation, limits},
    };

    fn create(change: impl FnOnce(&mut Creation)) -> CreateEndpoint<'static> {
        let mut creation = creation();
        change(&mut creation);
        CreateEndpoint { creation, limits: limits() }
    }

    #[test]
    fn an_endpoint_begins_active_with_one_key() {
        check(&[], CreateEndpoint::decide, &create(|_| {}), &changed(active()));
        check(&active(), CreateEndpoint::decide, &create(|_| {}), &refuse(Refusal::Exists));
    }

    #[test]
    fn settings_are_brought_to_their_normal_form() {
        let wanted = create(|creation| {
            creation.settings.url = " HTTPS://Partner.Example:443/hooks ".into();
            creation.settings.description = " Ours ".into();
            creation.settings.events = vec!["b.happened".into(), "a.happened".into(), "b.happened".into()];
        });
        let mut normal = creation();
        normal.settings.description = "Ours".into();
        normal.settings.events = vec!["a.happened".into(), "b.happened".into()];
        check(&[], CreateEndpoint::decide, &wanted, &changed([Event::Created(Box::new(normal))]));
    }

    #[test]
    fn wrong_settings_are_named() {
        let check_one = |change: fn(&mut Creation), flaw: Flaw, pointer: &str| {
            assert_eq!(flaw.pointer(), pointer);
            check(&[], CreateEndpoint::decide, &create(change), &refuse(flaw));
        };
        check_one(|c| c.settings.url = "http://partner.example/".into(), Flaw::Url(AddressRefusal::Scheme), "/url");
        check_one(|c| c.settings.description = "a\u{202e}b".into(), Flaw::Description, "/description");
        check_one(|c| c.settings.description = "é".repeat(201), Flaw::Description, "/description");
        check_one(|c| c.settings.events.clear(), Flaw::NoEvent, "/events");
        let none = Flaw::Event { at: 1, offered: Vec::new() };
        assert!(none.to_string().ends_with("its profile offers none, at /webhooks/events"));
        let unknown = Flaw::Event { at: 1, offered: vec!["a.happened".to_owned(), "b.happened".to_owned()] };
        assert!(unknown.to_string().ends_with("there are: a.happened, b.happened"));
        check_one(|c| c.settings.events.push("c.happened".into()), unknown, "/events/1");
    }
}
