use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Knob 44: what partners are told by webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhooks {
    /// Public event names; `*` alone means all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<String>,
    /// Every client is called back when a user is deleted.
    pub user_deleted_callback: bool,
    /// How bodies are written, where a guide says it; events without an entry are written as Standard
    /// Webhooks has them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bodies: Vec<WebhookBody>,
}

impl Webhooks {
    /// Whether partners can ask for events of this name.
    pub fn offers(&self, event: &str) -> bool {
        self.events.iter().any(|offered| offered == event || offered == "*")
    }

    /// The members of this event's body.
    pub fn body_of(&self, event: &str) -> Option<&[BodyMember]> {
        self.bodies.iter().find(|body| body.event == event).map(|body| body.members.as_slice())
    }
}

/// The form of one event's body: a mapping and nothing else, no code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookBody {
    /// The event's public name.
    pub event: String,
    /// Its members, in order.
    pub members: Vec<BodyMember>,
}

/// One member of a body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum BodyMember {
    /// Something of the event; left out when the event does not have it.
    From {
        /// The member's name.
        name: String,
        /// What.
        from: BodySource,
        /// Takes the place of an id's own prefix.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        prefix: Option<String>,
    },
    /// Always the same text.
    Constant {
        /// The member's name.
        name: String,
        /// The text.
        constant: String,
    },
    /// An object.
    Members {
        /// The member's name.
        name: String,
        /// Its members, in order.
        members: Vec<BodyMember>,
    },
}

impl BodyMember {
    /// The member's name.
    pub fn name(&self) -> &str {
        match self {
            Self::From { name, .. } | Self::Constant { name, .. } | Self::Members { name, .. } => name,
        }
    }
}

/// What of an event a member says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BodySource {
    /// `id`: of the event.
    Id,
    /// `type`: its name.
    Type,
    /// `timestamp`: when it happened.
    Timestamp,
    /// `issuer`: the tenant's.
    Issuer,
    /// `subject`: the id of whom it is about.
    Subject,
    /// `sequence`: which event of that subject.
    Sequence,
    /// `data`: all that is told of it.
    Data,
    /// `data.NAME`: one part of that.
    Member(String),
}

const WORDS: [(&str, BodySource); 7] = [
    ("id", BodySource::Id),
    ("type", BodySource::Type),
    ("timestamp", BodySource::Timestamp),
    ("issuer", BodySource::Issuer),
    ("subject", BodySource::Subject),
    ("sequence", BodySource::Sequence),
    ("data", BodySource::Data),
];

impl fmt::Display for BodySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Member(name) => write!(f, "data.{name}"),
            word => WORDS.iter().find(|(_, known)| known == word).map_or(Ok(()), |(word, _)| f.write_str(word)),
        }
    }
}

impl Serialize for BodySource {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for BodySource {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        if let Some(name) = text.strip_prefix("data.").filter(|name| !name.is_empty()) {
            return Ok(Self::Member(name.to_owned()));
        }
        let known = WORDS.into_iter().find(|(word, _)| *word == text).map(|(_, source)| source);
        known.ok_or_else(|| de::Error::custom("id, type, timestamp, issuer, subject, sequence, data or data.NAME"))
    }
}
