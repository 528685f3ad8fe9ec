use grantor_eventsourcing::Decision;

use crate::{Consent, ConsentEvent};

/// A user takes a consent back.
#[derive(Debug, Clone, Copy)]
pub struct WithdrawConsent;

/// There was none, or it was taken back before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NothingToWithdraw;

/// Takes a consent back, expired or not.
pub fn withdraw_consent(consent: &Consent, _: &WithdrawConsent) -> Decision<ConsentEvent, (), NothingToWithdraw> {
    match consent {
        Consent::Given(terms) => Decision::accept(
            (),
            [ConsentEvent::Withdrawn { user: terms.user, client: terms.client, client_id: terms.client_id.clone() }],
        ),
        Consent::None | Consent::Withdrawn { .. } => Decision::refuse(NothingToWithdraw, []),
    }
}
