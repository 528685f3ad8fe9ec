use chrono::TimeDelta;
use grantor_eventsourcing::{Decision, Timestamp};
use grantor_ids::{ClientKey, UserId};
use grantor_oauth::ScopeSet;

use crate::{Consent, ConsentEvent, Terms};

/// A user pressed "Allow".
#[derive(Debug, Clone)]
pub struct GiveConsent {
    /// Who.
    pub user: UserId,
    /// For whom.
    pub client: ClientKey,
    /// The client's id on the wire.
    pub client_id: String,
    /// What the page said.
    pub scopes: ScopeSet,
    /// What it said and the user unticked.
    pub left_out: ScopeSet,
    /// Names its sentences.
    pub text_version: String,
    /// When it ends by itself, in days.
    pub expires_days: Option<u16>,
    /// Now.
    pub now: Timestamp,
}

/// Records what was agreed to. Scopes agreed to before stay unless they were unticked now, but
/// nothing is prolonged that the page did not show: then the earlier end holds for all.
pub fn give_consent(consent: &Consent, command: &GiveConsent) -> Decision<ConsentEvent, (), ()> {
    let end = command.expires_days.map(|days| command.now + TimeDelta::days(days.into()));
    let mut terms = Terms {
        user: command.user,
        client: command.client,
        client_id: command.client_id.clone(),
        scopes: command.scopes.clone(),
        text_version: command.text_version.clone(),
        expires_at: end,
    };
    if let Some(before) = consent.live(command.now)
        && let kept = before.scopes.difference(&command.left_out)
        && !kept.is_subset(&terms.scopes)
    {
        terms.scopes = kept.union(&terms.scopes);
        terms.expires_at = [before.expires_at, end].into_iter().flatten().min();
    }
    match consent {
        Consent::Given(before) if *before == terms => Decision::accept((), []),
        Consent::Given(_) => Decision::accept((), [ConsentEvent::Changed(terms)]),
        Consent::None | Consent::Withdrawn { .. } => Decision::accept((), [ConsentEvent::Granted(terms)]),
    }
}
