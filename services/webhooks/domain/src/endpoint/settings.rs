use super::{AddressRefusal, Settings, Where};
use crate::Rate;

/// A longer description is refused.
pub const MAX_DESCRIPTION_CHARS: usize = 200;

/// What is wrong with settings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// The address.
    #[error("the address {0}")]
    Url(AddressRefusal),
    /// The description.
    #[error("the description must be one line of at most 200 characters")]
    Description,
    /// No event was chosen.
    #[error("at least one event must be chosen")]
    NoEvent,
    /// The limit is higher than it may be.
    #[error("an endpoint may be called {0} times in a second at most")]
    Rate(u32),
    /// An event that the tenant does not offer.
    #[error("is no event of this tenant; {}", told(.offered))]
    Event {
        /// Its place among those that were chosen, from 0.
        at: usize,
        /// The names of those that there are.
        offered: Vec<String>,
    },
}

impl Flaw {
    /// JSON pointer (RFC 6901) of the member.
    pub fn pointer(&self) -> String {
        match self {
            Self::Url(_) => "/url".to_owned(),
            Self::Description => "/description".to_owned(),
            Self::NoEvent => "/events".to_owned(),
            Self::Rate(_) => "/max_per_second".to_owned(),
            Self::Event { at, .. } => format!("/events/{at}"),
        }
    }
}

/// What a tenant lets its endpoints be.
#[derive(Debug, Clone, Copy)]
pub struct Limits<'a> {
    /// Where they may be.
    pub place: Where,
    /// The events that can be chosen.
    pub events: &'a [&'a str],
    /// The highest limit that an endpoint can have.
    pub rate: Rate,
}

impl Limits<'_> {
    /// The settings in normal form.
    pub(super) fn accept(&self, settings: &Settings) -> Result<Settings, Flaw> {
        let url = self.place.address(settings.url.trim()).map_err(Flaw::Url)?;
        let description = settings.description.trim();
        if description.chars().count() > MAX_DESCRIPTION_CHARS || description.chars().any(deceives) {
            return Err(Flaw::Description);
        }
        if settings.events.is_empty() {
            return Err(Flaw::NoEvent);
        }
        if let Some(at) = settings.events.iter().position(|event| !self.events.contains(&event.as_str())) {
            return Err(Flaw::Event { at, offered: self.events.iter().map(|event| (*event).to_owned()).collect() });
        }
        if settings.rate.is_some_and(|rate| rate > self.rate) {
            return Err(Flaw::Rate(self.rate.get()));
        }
        let mut events = settings.events.clone();
        events.sort();
        events.dedup();
        Ok(Settings { url, description: description.to_owned(), events, ..settings.clone() })
    }
}

/// The way out: a name that is right, or where names come from.
fn told(offered: &[String]) -> String {
    match offered {
        [] => "its profile offers none, at /webhooks/events".to_owned(),
        names => format!("there are: {}", names.join(", ")),
    }
}

/// Control characters, and those that make text look like other text.
fn deceives(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}
