use std::net::IpAddr;

use grantor_directory_domain::{ChangeCredential, Credential, EmailAddress, check_password};
use grantor_eventsourcing::{Decision as Decided, Meta};
use grantor_ids::TenantId;
use grantor_ports::{FinishReset, FinishResetRefusal, PortError};
use grantor_store::{CommitError, RowChange, RowKey, Step, Write};
use secrecy::ExposeSecret;

use super::credential;
use crate::{
    Directory,
    failure::not_written,
    keys::DirectoryKeys,
    publish::{Facts, UserCodec},
    requests,
    reset::{Waiting, Whose},
    rows,
    sign_up::{self, TRIES},
    throttle::{account_counter, pair_counter},
};

/// Ends a reset with the code from the mail. The ticket goes in the commit that changes the
/// password, so of many who bring it at once one wins; so do the failed logins that the new
/// password must not wait for.
pub(crate) async fn finish_reset(
    directory: &Directory,
    tenant: TenantId,
    reset: FinishReset,
    meta: &Meta,
) -> Result<(), FinishResetRefusal> {
    let keys = directory.keys.of(tenant).await?;
    let waiting = directory.waiting_reset(tenant, &keys, &reset.ticket).await?.ok_or(FinishResetRefusal::Expired)?;
    let email = EmailAddress::parse(&waiting.pending.email).map_err(|_| PortError::Unavailable)?;
    check_password(reset.password.expose_secret(), Some(&email)).map_err(|_| FinishResetRefusal::Password)?;
    let tries = requests::count_try(directory, tenant, &waiting.hash).await?;
    if tries > TRIES {
        return Err(FinishResetRefusal::Expired);
    }
    let right = sign_up::is_code(&keys, &waiting.hash, &reset.code);
    let Some(user) = waiting.pending.user.filter(|_| right) else {
        return Err(if tries == TRIES { FinishResetRefusal::Expired } else { FinishResetRefusal::Wrong });
    };
    let phc = match directory.hash(reset.password).await {
        Ok(phc) => phc,
        Err(cause) => {
            let try_row = RowChange::Uncount { key: RowKey::new(tenant, rows::TRIES, waiting.hash) };
            let write = Write { rows: vec![try_row], ..Write::default() };
            directory.store.commit(write).await.map_err(not_written)?;
            return Err(cause.into());
        }
    };
    let rows = || {
        let mut rows = spent(tenant, &keys, &waiting, &email, reset.address);
        rows.push(credential::row(tenant, &keys, user.id, &phc));
        rows
    };
    change(directory, tenant, user, rows, meta).await
}

/// By the rule that every change of a password goes by: what was granted before is dead (C11).
async fn change(
    directory: &Directory,
    tenant: TenantId,
    user: Whose,
    rows: impl Fn() -> Vec<RowChange> + Send + Sync,
    meta: &Meta,
) -> Result<(), FinishResetRefusal> {
    let now = directory.clock.now(tenant);
    let facts = Facts { store: &directory.store, tenant, meta, now };
    let done = directory
        .store
        .execute::<UserCodec, (), FinishResetRefusal>(tenant, user.id.uuid(), meta, now, |loaded| {
            let decision = ChangeCredential { credential: Credential::Password, now }.decide(&loaded.state);
            if loaded.version != user.version || decision.outcome.is_err() {
                return Step::from(Decided::refuse(FinishResetRefusal::Expired, []));
            }
            let fact = facts.state(loaded, &decision);
            Step::from(Decided::accept((), decision.events)).rows(rows()).facts(fact)
        })
        .await;
    match done {
        Ok(done) => done.outcome,
        // Somebody was faster with this ticket.
        Err(CommitError::Conflict | CommitError::Taken(_)) => Err(FinishResetRefusal::Expired),
        Err(CommitError::Store(cause)) => Err(PortError::from(cause).into()),
    }
}

/// What is over with a reset: the ticket, what was counted for it, and the failed logins from
/// strange places and from here.
fn spent(
    tenant: TenantId,
    keys: &DirectoryKeys,
    waiting: &Waiting,
    email: &EmailAddress,
    address: Option<IpAddr>,
) -> Vec<RowChange> {
    let account = keys.email_hash(email.key());
    let failures = [account_counter(keys, &account), pair_counter(keys, &account, address)];
    let ticket = RowKey::new(tenant, rows::RESET, waiting.hash);
    let mut spent = vec![RowChange::Delete { key: ticket, expected: Some(waiting.revision) }];
    let counted = waiting.pending.counted.iter().filter_map(|text| sign_up::counter_from_text(tenant, text));
    spent.extend(counted.map(|key| RowChange::Uncount { key }));
    let failures = failures.map(|mac| RowKey::new(tenant, rows::FAILURES, mac));
    spent.extend(failures.map(|key| RowChange::Delete { key, expected: None }));
    spent
}
