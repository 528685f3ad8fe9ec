use grantor_eventsourcing::{Aggregate, AggregateType, Timestamp};
use grantor_ids::{ClientKey, ConsentId, UserId};
use serde::{Deserialize, Serialize};

/// One use of the widget: from the partner's request to its end. What a person types and picks on
/// the way is no part of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Flow {
    /// Not begun.
    #[default]
    Unknown,
    /// Begun and not ended.
    Open(FlowTerms),
    /// Over.
    Ended {
        /// As it began.
        terms: FlowTerms,
        /// How it ended.
        end: FlowEnd,
    },
}

/// What a partner asked for. No account, no state, no address: those may be personal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowTerms {
    /// Who asked.
    pub client: ClientKey,
    /// … by its id on the wire.
    pub client_id: String,
    /// For which kind of access.
    pub kind: FlowKind,
    /// The widget's language.
    pub language: String,
    /// Days of transaction history.
    pub sync_period: u16,
    /// How many accounts the partner named.
    pub named_accounts: u16,
    /// Not after this instant.
    pub expires_at: Timestamp,
}

/// How long access is wanted for (FN-02).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlowKind {
    /// For one look.
    OneTime,
    /// Until it ends or is withdrawn.
    Ongoing,
}

/// How a flow ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlowEnd {
    /// With a consent.
    Completed,
    /// The person gave up.
    Cancelled,
    /// It could not go on.
    Failed(FlowFailure),
    /// Nobody finished it in time.
    Expired,
}

/// Why a flow could not go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlowFailure {
    /// The bank lets this customer in no more, or too many attempts failed.
    BankRefused,
    /// The bank does not answer.
    BankUnavailable,
    /// The customer has no account to share.
    NoAccounts,
    /// The client may not be used any more.
    ClientStopped,
}

/// What happens to a flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FlowEvent {
    /// `oauth.flow.initiated`
    Initiated(FlowTerms),
    /// `oauth.flow.completed`
    Completed {
        /// On whose behalf the grant is.
        user: UserId,
        /// What was agreed to.
        consent: ConsentId,
        /// How many accounts were chosen.
        accounts: u16,
    },
    /// `oauth.flow.cancelled`
    Cancelled,
    /// `oauth.flow.failed`
    Failed(FlowFailure),
    /// `oauth.flow.expired`
    Expired,
}

impl FlowKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::OneTime, Self::Ongoing];

    /// The word in the event.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OneTime => "one_time",
            Self::Ongoing => "ongoing",
        }
    }
}

impl FlowFailure {
    /// Every reason.
    pub const ALL: [Self; 4] = [Self::BankRefused, Self::BankUnavailable, Self::NoAccounts, Self::ClientStopped];

    /// The word in the event.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BankRefused => "bank_refused",
            Self::BankUnavailable => "bank_unavailable",
            Self::NoAccounts => "no_accounts",
            Self::ClientStopped => "client_stopped",
        }
    }
}

impl FlowEnd {
    /// The word that operators see.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
            Self::Failed(_) => "failed",
            Self::Expired => "expired",
        }
    }
}

impl Flow {
    /// As it began.
    pub const fn terms(&self) -> Option<&FlowTerms> {
        match self {
            Self::Unknown => None,
            Self::Open(terms) | Self::Ended { terms, .. } => Some(terms),
        }
    }
}

impl Aggregate for Flow {
    type Event = FlowEvent;
    const TYPE: AggregateType = AggregateType::Flow;

    fn evolve(self, event: &FlowEvent) -> Self {
        let end = match event {
            FlowEvent::Initiated(terms) => {
                return if self == Self::Unknown { Self::Open(terms.clone()) } else { self };
            }
            FlowEvent::Completed { .. } => FlowEnd::Completed,
            FlowEvent::Cancelled => FlowEnd::Cancelled,
            FlowEvent::Failed(reason) => FlowEnd::Failed(*reason),
            FlowEvent::Expired => FlowEnd::Expired,
        };
        match self {
            Self::Open(terms) => Self::Ended { terms, end },
            other => other,
        }
    }
}
