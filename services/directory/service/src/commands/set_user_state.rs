use grantor_directory_domain::{Deactivate, Decision, Lock, Unlock, User};
use grantor_eventsourcing::{Decision as Decided, Meta, Timestamp};
use grantor_ids::{TenantId, UserId};
use grantor_ports::{AdminError, UserView};
use grantor_store::Step;

use crate::{
    Directory,
    failure::{not_written, refused},
    publish::{Facts, UserCodec},
};

/// What an operator does to a user whose data stay.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Change {
    Lock,
    Unlock,
    Deactivate,
}

impl Change {
    fn decide(self, user: &User, now: Timestamp) -> Decision {
        match self {
            Self::Lock => Lock { now }.decide(user),
            Self::Unlock => Unlock { now }.decide(user),
            Self::Deactivate => Deactivate { now }.decide(user),
        }
    }
}

/// Locks, unlocks, deactivates.
pub(crate) async fn set_user_state(
    directory: &Directory,
    tenant: TenantId,
    user: UserId,
    change: Change,
    meta: &Meta,
) -> Result<UserView, AdminError> {
    let key_is_there = directory.keys.subject(tenant, user).await?.is_some();
    let now = directory.clock.now(tenant);
    let facts = Facts { store: &directory.store, tenant, meta, now };
    let done = directory
        .store
        .execute::<UserCodec, (), AdminError>(tenant, user.uuid(), meta, now, |loaded| {
            let decision = if key_is_there {
                change.decide(&loaded.state, now)
            } else {
                change.decide(&loaded.state.clone().without_key(), now)
            };
            let fact = facts.state(loaded, &decision);
            let Decided { events, outcome } = decision;
            Step::from(Decided { events, outcome: outcome.map_err(refused) }).facts(fact)
        })
        .await
        .map_err(not_written)?;
    done.outcome?;
    directory.admin_view(tenant, user).await
}
