//! Which record travels on which topic. Names are those of `proto/CATALOGUE.md`; a deployment
//! puts its prefix before them.

/// How long a topic keeps its records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeps {
    /// So many hours; the owner's table is the archive.
    Hours(u32),
    /// The newest record of each key, for ever (a compacted topic).
    Newest,
}

/// What a topic carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carries {
    /// All events of one aggregate type, in order per aggregate.
    Events,
    /// The state records of one aggregate type.
    State,
    /// Facts of these types.
    Facts(&'static [&'static str]),
}

/// A topic of Apache Kafka. Every record's key is its aggregate's id.
#[derive(Debug, PartialEq, Eq)]
pub struct Topic {
    /// Its name, without a deployment's prefix.
    pub name: &'static str,
    /// What it carries.
    pub carries: Carries,
    /// How long.
    pub keeps: Keeps,
    /// The logs it is fed from: a service's name, with `.facts` for its facts.
    pub from: &'static [&'static str],
}

/// The version that every topic's name ends with.
const VERSION: &str = ".v1";
/// How a state record's type ends.
const STATE: &str = ".state";
const WEEK: Keeps = Keeps::Hours(7 * 24);
const DAY: Keeps = Keeps::Hours(24);

const fn events(name: &'static str, from: &'static [&'static str]) -> Topic {
    Topic { name, carries: Carries::Events, keeps: WEEK, from }
}

const fn state(name: &'static str, from: &'static [&'static str]) -> Topic {
    Topic { name, carries: Carries::State, keeps: Keeps::Newest, from }
}

const fn facts(name: &'static str, types: &'static [&'static str], from: &'static [&'static str]) -> Topic {
    Topic { name, carries: Carries::Facts(types), keeps: DAY, from }
}

/// Every topic that services write to.
pub const TOPICS: &[Topic] = &[
    events("platform.tenant.v1", &["registry"]),
    events("oauth.client.v1", &["registry"]),
    events("identity.user.v1", &["directory"]),
    events("identity.account.v1", &["directory"]),
    events("identity.session.v1", &["authorization"]),
    events("oauth.consent.v1", &["authorization"]),
    events("oauth.flow.v1", &["authorization"]),
    events("oauth.authorization.v1", &["token"]),
    events("platform.signing_key.v1", &["token"]),
    events("webhook.endpoint.v1", &["webhooks"]),
    events("platform.operator.v1", &["console"]),
    state("platform.tenant.state.v1", &["registry.facts"]),
    state("oauth.client.state.v1", &["registry.facts"]),
    state("identity.user.state.v1", &["directory.facts"]),
    facts("identity.fact.v1", &["identity.login.succeeded", "identity.login.failed"], &["directory.facts"]),
    facts(
        "oauth.fact.v1",
        &["oauth.request.unprotected", "oauth.code.redeemed_late", "oauth.token.issued", "oauth.token.refreshed"],
        &["authorization.facts", "token.facts"],
    ),
    facts("webhook.fact.v1", &["webhook.delivery.exhausted"], &["webhooks.facts"]),
];

/// The topic of a record; `None` when the catalogue does not know its type.
pub fn topic_of(event_type: &str, is_fact: bool) -> Option<&'static Topic> {
    let stem = |topic: &Topic| topic.name.strip_suffix(VERSION);
    TOPICS.iter().find(|topic| match topic.carries {
        Carries::Events => !is_fact && aggregate_of(event_type).is_some_and(|name| stem(topic) == Some(name)),
        Carries::State => is_fact && event_type.ends_with(STATE) && stem(topic) == Some(event_type),
        Carries::Facts(types) => is_fact && types.contains(&event_type),
    })
}

impl Topic {
    /// Whether it can carry a record that somebody wants.
    pub fn interests(&self, wants: impl Fn(&str) -> bool) -> bool {
        match self.carries {
            Carries::Events => true,
            Carries::State => self.name.strip_suffix(VERSION).is_some_and(wants),
            Carries::Facts(types) => types.iter().any(|kind| wants(kind)),
        }
    }
}

/// `domain.aggregate` of `domain.aggregate.past_tense`.
fn aggregate_of(event_type: &str) -> Option<&str> {
    event_type.rsplit_once('.').map(|(aggregate, _)| aggregate)
}
