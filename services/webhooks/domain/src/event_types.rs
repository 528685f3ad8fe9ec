//! The events that partners may be told of: one table, from which endpoints choose, and by which
//! what happens is matched to them.

/// Whom an event is for, beside a tenant's own endpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// The client that was given the grant.
    Grant,
    /// The client itself.
    Client,
    /// Every client that the person has a grant with.
    User,
}

/// How soon it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// Access ends: goes first, and is tried again soon.
    Revocation,
    /// Everything else.
    Usual,
}

/// A kind of event that an endpoint can choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventType {
    /// Its name, as in `proto/CATALOGUE.md`.
    pub name: &'static str,
    /// Whom it is for.
    pub audience: Audience,
    /// How soon it matters.
    pub urgency: Urgency,
}

const fn usual(name: &'static str, audience: Audience) -> EventType {
    EventType { name, audience, urgency: Urgency::Usual }
}

const fn revocation(name: &'static str, audience: Audience) -> EventType {
    EventType { name, audience, urgency: Urgency::Revocation }
}

/// All of them, in the order of pages.
pub const EVENT_TYPES: &[EventType] = &[
    usual("oauth.authorization.created", Audience::Grant),
    usual("oauth.authorization.opened", Audience::Grant),
    revocation("oauth.authorization.revoked", Audience::Grant),
    usual("oauth.authorization.expired", Audience::Grant),
    revocation("oauth.authorization.reuse_detected", Audience::Grant),
    usual("oauth.client.approved", Audience::Client),
    usual("oauth.client.rejected", Audience::Client),
    revocation("oauth.client.suspended", Audience::Client),
    usual("oauth.client.restored", Audience::Client),
    revocation("identity.user.locked", Audience::User),
    usual("identity.user.unlocked", Audience::User),
    revocation("identity.user.deactivated", Audience::User),
    revocation("identity.user.erased", Audience::User),
];

/// The type of this name, if partners may be told of it.
pub fn event_type(name: &str) -> Option<&'static EventType> {
    EVENT_TYPES.iter().find(|known| known.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CATALOGUE: &str = include_str!("../../../../proto/CATALOGUE.md");

    /// The names in the catalogue's section on webhooks.
    fn written() -> Vec<&'static str> {
        let (_, section) = CATALOGUE.split_once("## Told to partners").expect("the section");
        let section = section.split("\n## ").next().unwrap_or_default();
        let rows = section.lines().filter(|line| line.starts_with("| `"));
        rows.filter_map(|line| line.split('`').nth(1)).collect()
    }

    #[test]
    fn the_catalogue_lists_the_same_events() {
        let names: Vec<_> = EVENT_TYPES.iter().map(|known| known.name).collect();
        assert_eq!(names, written());
    }

    #[test]
    fn each_is_an_event_of_the_catalogue() {
        for known in EVENT_TYPES {
            assert!(CATALOGUE.contains(&format!("| `{}` | 1 |", known.name)), "{}", known.name);
            assert_eq!(event_type(known.name), Some(known));
        }
        assert_eq!(event_type("oauth.authorization.redeemed"), None, "internal");
    }
}
