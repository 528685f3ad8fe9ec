use chrono::SecondsFormat;
use grantor_eventsourcing::Timestamp;
use grantor_oauth::ScopeSet;

use super::{Sender, json::Json};

/// What partners are told of an event, before it has a form. Ids, times, scopes and reasons only:
/// no token and no personal datum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// `evt_…`; the same for ever.
    pub id: String,
    /// The event's name.
    pub event: String,
    /// When it happened.
    pub at: Timestamp,
    /// The authorization, client or user that it is about, by its id.
    pub subject: Option<String>,
    /// Which event of that subject, from 1, so that who hears of them in another order notices.
    pub sequence: Option<u64>,
    /// W3C trace context of what made it.
    pub trace: Option<String>,
    /// More of it, in order.
    pub data: Vec<(&'static str, Datum)>,
}

/// A value of a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Datum {
    /// A word or an id.
    Text(String),
    /// A number.
    Number(u64),
    /// An instant.
    Time(Timestamp),
    /// Scopes, which each tenant writes in its own way (knob 10).
    Scope(ScopeSet),
}

impl Datum {
    pub(super) fn json(&self, sender: Sender<'_>) -> Json {
        match self {
            Self::Text(text) => Json::text(text),
            Self::Number(number) => Json::Value((*number).into()),
            Self::Time(at) => Json::text(instant(*at)),
            Self::Scope(scopes) => Json::text(sender.profile.scope_text(scopes)),
        }
    }
}

impl Notice {
    /// The members of `data` with `sequence` behind them.
    pub(super) fn data(&self, sender: Sender<'_>) -> Json {
        let told = self.data.iter().map(|(name, datum)| ((*name).to_owned(), datum.json(sender)));
        let sequence = self.sequence.map(|number| ("sequence".to_owned(), Json::Value(number.into())));
        Json::Object(told.chain(sequence).collect())
    }
}

/// RFC 3339 in UTC, to the millisecond.
pub(super) fn instant(at: Timestamp) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}
