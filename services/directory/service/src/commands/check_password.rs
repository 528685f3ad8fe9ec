use grantor_crypto::Verdict;
use grantor_directory_domain::{LockOut, Refusal, User};
use grantor_eventsourcing::{Actor, Meta};
use grantor_ids::{TenantId, UserId};
use grantor_ports::{Login, LoginRefusal, PasswordAttempt, PortError};
use grantor_store::{NewFact, RowChange, Step, Write};
use secrecy::SecretString;
use uuid::Uuid;

use super::credential;
use crate::{
    Directory,
    failure::not_written,
    keys::DirectoryKeys,
    profile::login_key,
    publish::{Facts, LoginFailure, PWD, UserCodec},
    throttle::{Attempt, Reserved},
};

/// Checks a password. Wrong password, unknown, unverified, locked and deactivated user have one
/// answer, and one price: the password is hashed in every case (C24). Guesses are counted in
/// the database before they are checked (C26).
pub(crate) async fn check_password(
    directory: &Directory,
    tenant: TenantId,
    attempt: PasswordAttempt,
    meta: &Meta,
) -> Result<Login, LoginRefusal> {
    let keys = directory.keys.of(tenant).await?;
    let account = keys.email_hash(&login_key(&attempt.username));
    let _turn = directory.turns.take(&account).await;
    let user = directory.find_id(tenant, &account).await?;
    // The same reads for a user that there is not.
    let id = user.unwrap_or(UserId::from_uuid(Uuid::nil()));
    let known = directory.known_addresses(tenant, id).await?;
    let guess = Attempt {
        tenant,
        keys: &keys,
        account,
        address: attempt.address,
        known: known.has(&keys, id, attempt.address),
    };
    let kind = directory.kind(tenant).await;
    let reserved = directory.reserve(&guess).await.inspect_err(|_| count(directory, kind, "rate_limited"))?;
    let checked = match check(directory, tenant, &keys, user, attempt.password).await {
        Ok(checked) => checked,
        Err(cause) => {
            count(directory, kind, "busy");
            directory.take_back(&reserved).await?;
            return Err(cause.into());
        }
    };
    let facts = Facts { store: &directory.store, tenant, meta, now: directory.clock.now(tenant) };
    match checked {
        Ok(user) => {
            let mut rows = vec![reserved.take_back()];
            rows.extend(known.with(tenant, &keys, user, attempt.address, directory.clock.real())?);
            record(directory, rows, facts.login_succeeded(user)).await?;
            if let Some(kind) = kind {
                directory.logins.succeeded(kind);
            }
            Ok(Login { user, amr: vec![PWD.into()] })
        }
        Err(why) => {
            let rows = Reserved::keep(&reserved, directory.clock.real());
            record(directory, rows, facts.login_failed(user, why)).await?;
            let reason = if why == LoginFailure::Locked { "locked" } else { "credentials" };
            count(directory, kind, reason);
            if let (LoginFailure::WrongPassword, Some(user)) = (why, user) {
                lock_out(directory, tenant, user, reserved.count, meta).await?;
            }
            Err(match why {
                LoginFailure::Unverified => LoginRefusal::Unverified,
                LoginFailure::Locked => LoginRefusal::Locked,
                _ => LoginRefusal::Wrong,
            })
        }
    }
}

/// Where the tenant has it, too many wrong passwords lock a user until a new one is set. Only
/// those count for this that came through the client that made the user, and that can set a new
/// one: whoever has but the login page, or another client, can keep nobody out for longer than a
/// window (C26).
async fn lock_out(
    directory: &Directory,
    tenant: TenantId,
    user: UserId,
    failures: u64,
    meta: &Meta,
) -> Result<(), PortError> {
    let Actor::Client(client) = meta.actor else { return Ok(()) };
    let view = directory.tenants.tenant(tenant).await?;
    let limit = view.and_then(|view| view.profile.users_api.as_ref()?.lock_after_failures);
    if limit.is_none_or(|limit| failures < u64::from(limit)) {
        return Ok(());
    }
    let found = directory.find(tenant, user).await?;
    let profile = found.map(|found| found.profile()).transpose()?.flatten();
    if profile.is_none_or(|profile| profile.made_by != Some(client)) {
        return Ok(());
    }
    let now = directory.clock.now(tenant);
    let facts = Facts { store: &directory.store, tenant, meta, now };
    let locked = directory
        .store
        .execute::<UserCodec, (), Refusal>(tenant, user.uuid(), meta, now, |loaded| {
            let decision = LockOut { now }.decide(&loaded.state);
            let fact = facts.state(loaded, &decision);
            Step::from(decision).facts(fact)
        })
        .await
        .map_err(not_written)?;
    if matches!(&locked.state, User::Locked(account) if account.locked_out) {
        directory.end_tokens(tenant, user, meta).await;
    }
    Ok(())
}

async fn record(directory: &Directory, rows: Vec<RowChange>, fact: NewFact) -> Result<(), PortError> {
    let write = Write { rows, facts: vec![fact], ..Write::default() };
    directory.store.commit(write).await.map(drop).map_err(not_written)
}

fn count(directory: &Directory, kind: Option<grantor_ports::TenantKind>, reason: &'static str) {
    if let Some(kind) = kind {
        directory.logins.failed(kind, reason);
    }
}

/// The password first, so that nothing about the user shows in the time; then the user.
async fn check(
    directory: &Directory,
    tenant: TenantId,
    keys: &DirectoryKeys,
    user: Option<UserId>,
    password: SecretString,
) -> Result<Result<UserId, LoginFailure>, PortError> {
    let id = user.unwrap_or(UserId::from_uuid(Uuid::nil()));
    let stored = directory.stored_password(tenant, keys, id).await?;
    let verdict = directory.verify(stored.as_ref(), password.clone()).await?;
    let Some(user) = user else { return Ok(Err(LoginFailure::UnknownUser)) };
    let (Some(stored), Verdict::Match { needs_rehash }) = (stored, verdict) else {
        return Ok(Err(LoginFailure::WrongPassword));
    };
    let found = directory.find(tenant, user).await?;
    let why = match found.as_ref().map(|found| &found.state) {
        Some(User::Active(account)) if account.email_verified => None,
        Some(User::Active(_)) => Some(LoginFailure::Unverified),
        Some(User::Locked(_)) => Some(LoginFailure::Locked),
        Some(User::Deactivated(_)) => Some(LoginFailure::Deactivated),
        Some(User::Erased { .. } | User::Unknown) | None => Some(LoginFailure::UnknownUser),
    };
    if let Some(why) = why {
        return Ok(Err(why));
    }
    // A session that starts now must not come from a password that was replaced meanwhile.
    let still = directory.stored_password(tenant, keys, user).await?;
    if still.is_none_or(|still| still.revision != stored.revision) {
        return Ok(Err(LoginFailure::ChangedMeanwhile));
    }
    if needs_rehash {
        rehash(directory, tenant, keys, user, password, stored.revision).await;
    }
    Ok(Ok(user))
}

/// Brings an old hash to today's cost. The login does not depend on it.
async fn rehash(
    directory: &Directory,
    tenant: TenantId,
    keys: &DirectoryKeys,
    user: UserId,
    password: SecretString,
    revision: grantor_eventsourcing::Revision,
) {
    let Ok(phc) = directory.hash(password).await else { return };
    let row = credential::rehashed(tenant, keys, user, &phc, revision);
    if let Err(cause) = directory.store.commit(Write { rows: vec![row], ..Write::default() }).await {
        tracing::info!(user.id = %user, %cause, "an old password hash stays for now");
    }
}
