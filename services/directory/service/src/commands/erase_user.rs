use grantor_crypto::DataKey;
use grantor_directory_domain::{Erase, User};
use grantor_eventsourcing::{Decision as Decided, Meta};
use grantor_ids::{TenantId, UserId};
use grantor_ports::{AdminError, EntropyExt, PortError, UserView};
use grantor_store::{NewTask, RowChange, RowKey, Step, TaskChange, Write};
use uuid::Uuid;

use crate::{
    Directory,
    failure::{not_written, refused},
    keys::DirectoryKeys,
    profile::Profile,
    publish::{Facts, UserCodec},
    rows,
    sign_up::{Traced, traced_as},
    throttle::account_counter,
};

/// The kind of the tasks that empty the write-ahead log.
pub(crate) const SCRUB: &str = "scrub";

/// Destroys a user's key, password, address hash and what their sign-ups left behind, in the
/// commit of `identity.user.erased`; then empties the write-ahead log, so that none of it is in
/// any file. A crash in between leaves a task that does the rest.
pub(crate) async fn erase_user(
    directory: &Directory,
    tenant: TenantId,
    user: UserId,
    meta: &Meta,
) -> Result<UserView, AdminError> {
    let keys = directory.keys.of(tenant).await?;
    let key = directory.keys.subject(tenant, user).await?;
    let loaded = directory.store.load::<User>(tenant, user.uuid()).await?;
    let mut emails = by_profile(tenant, user, key.as_ref(), &keys, &loaded.state)?;
    if emails.is_empty() {
        emails = by_rows(directory, tenant, user).await?;
    }
    let mut traces = Vec::new();
    for email in &emails {
        for row in directory.store.rows_of(tenant, rows::TRACE, traced_as(email)).await? {
            traces.extend(Traced::read(&row.key));
        }
    }
    let scrub: Uuid = directory.entropy.uuid4();
    let now = directory.clock.now(tenant);
    let facts = Facts { store: &directory.store, tenant, meta, now };
    let real = directory.clock.real();
    let done = directory
        .store
        .execute::<UserCodec, (), AdminError>(tenant, user.uuid(), meta, now, |loaded| {
            let decision = Erase { now }.decide(&loaded.state);
            if decision.outcome.is_err() {
                let Decided { events, outcome } = decision;
                return Step::from(Decided { events, outcome: outcome.map_err(refused) });
            }
            // The address as it is now, should it have changed since.
            let mut emails = emails.clone();
            emails.extend(by_profile(tenant, user, key.as_ref(), &keys, &loaded.state).unwrap_or_default());
            let fact = facts.state(loaded, &decision);
            let task = NewTask { id: scrub, tenant, kind: SCRUB, data: Vec::new(), due_at: real };
            Step::from(Decided { events: decision.events, outcome: Ok(()) })
                .rows(of_user(tenant, user))
                .rows(emails.iter().flat_map(|email| of_email(tenant, &keys, email)))
                .rows(traces.iter().flat_map(|traced| of_trace(tenant, traced)))
                .tasks(traces.iter().filter_map(task_of))
                .tasks([TaskChange::Add(task)])
                .facts(fact)
        })
        .await
        .map_err(not_written)?;
    done.outcome?;
    match directory.store.scrub().await {
        Ok(()) => {
            let write = Write { tasks: vec![TaskChange::Done(scrub)], ..Write::default() };
            directory.store.commit(write).await.map_err(not_written)?;
        }
        Err(cause) => tracing::warn!(user.id = %user, %cause, "the write-ahead log is emptied later"),
    }
    directory.admin_view(tenant, user).await
}

/// The keyed hash of the address in the profile, if it can be read.
fn by_profile(
    tenant: TenantId,
    user: UserId,
    key: Option<&DataKey>,
    keys: &DirectoryKeys,
    state: &User,
) -> Result<Vec<[u8; 32]>, PortError> {
    let (Some(account), Some(key)) = (state.account(), key) else { return Ok(Vec::new()) };
    let profile = Profile::open(&account.profile, key, tenant, user)?;
    Ok(profile.login_key().iter().map(|key| keys.email_hash(key)).collect())
}

/// The same by looking at every row: for a key that is gone while the rows are not, such as
/// after a restored backup.
async fn by_rows(directory: &Directory, tenant: TenantId, user: UserId) -> Result<Vec<[u8; 32]>, PortError> {
    let found = directory.store.rows_of(tenant, rows::EMAIL, user.uuid()).await?;
    Ok(found.into_iter().filter_map(|row| row.key.try_into().ok()).collect())
}

fn delete(key: RowKey) -> RowChange {
    RowChange::Delete { key, expected: None }
}

fn of_user(tenant: TenantId, user: UserId) -> [RowChange; 3] {
    [rows::SUBJECT_KEY, rows::PASSWORD, rows::KNOWN_ADDRESSES].map(|kind| delete(rows::of_user(tenant, kind, user)))
}

fn of_email(tenant: TenantId, keys: &DirectoryKeys, email: &[u8; 32]) -> [RowChange; 4] {
    [
        delete(RowKey::new(tenant, rows::EMAIL, *email)),
        delete(RowKey::new(tenant, rows::FAILURES, account_counter(keys, email))),
        delete(RowKey::new(tenant, rows::SIGN_UPS, keys.counter(&[b"sign_up_email", email]))),
        delete(RowKey::new(tenant, rows::SIGN_UPS, keys.counter(&[b"reset_email", email]))),
    ]
}

fn of_trace(tenant: TenantId, traced: &Traced) -> Vec<RowChange> {
    match traced {
        Traced::Ticket(hash) => {
            let kinds = [rows::SIGN_UP, rows::RESET, rows::TRIES, rows::RESENDS];
            let own = kinds.map(|kind| delete(RowKey::new(tenant, kind, *hash)));
            own.into_iter().chain([delete(RowKey::new(tenant, rows::TRACE, traced.key()))]).collect()
        }
        Traced::Mail(_) => vec![delete(RowKey::new(tenant, rows::TRACE, traced.key()))],
    }
}

fn task_of(traced: &Traced) -> Option<TaskChange> {
    match traced {
        Traced::Mail(id) => Some(TaskChange::Done(*id)),
        Traced::Ticket(_) => None,
    }
}
