use std::net::IpAddr;

use grantor_crypto::sha256;
use grantor_directory_domain::{Refusal, ReplacePassword};
use grantor_eventsourcing::Meta;
use grantor_ids::{ClientKey, TenantId};
use grantor_ports::PortError;
use grantor_profile::{ApiProblem, ApiRefusal, PasswordChangeRequest, UsersApi};
use grantor_store::{CommitError, RowChange, RowKey, Step};
use secrecy::ExposeSecret;

use super::{create_client_user::check_new_password, credential};
use crate::{
    Directory,
    client_users::{ClientUser, unavailable},
    profile::login_key,
    publish::{Facts, UserCodec},
    rows,
    throttle::{account_counter, pair_counter},
};

/// Sets a new password with a token that allows it. The token goes in the same commit, and with
/// it the failures that were counted; every token of the user is dead before this answers (C11).
pub(crate) async fn replace_password(
    directory: &Directory,
    tenant: TenantId,
    api: &UsersApi,
    (client, address): (ClientKey, Option<IpAddr>),
    wanted: PasswordChangeRequest,
    meta: &Meta,
) -> Result<(), ApiRefusal> {
    let bad_token = || ApiRefusal::new(ApiProblem::IllegalFieldValue, "'passwordChangeToken' is unknown or expired");
    let user: ClientUser = directory.client_user(tenant, client, &wanted.id).await?;
    check_new_password(api, &wanted.password, user.profile.email.as_deref())?;
    let key = RowKey::new(tenant, rows::PASSWORD_TOKEN, sha256(wanted.token.expose_secret()));
    let row = directory.store.row(tenant, key.kind, &key.key).await.map_err(PortError::from).map_err(unavailable)?;
    let row = row.filter(|row| row.aggregate == Some(user.id.uuid())).ok_or_else(bad_token)?;
    let keys = directory.keys.of(tenant).await.map_err(unavailable)?;
    let stored = directory.stored_password(tenant, &keys, user.id).await.map_err(unavailable)?;
    if row.data != stored.map_or(0, |stored| stored.revision).to_string().into_bytes() {
        return Err(bad_token());
    }
    let phc = directory.hash(wanted.password).await.map_err(unavailable)?;
    let account = keys.email_hash(&login_key(&wanted.id));
    let failures = [account_counter(&keys, &account), pair_counter(&keys, &account, address)];
    let changes = || {
        let failures = failures.map(|mac| RowKey::new(tenant, rows::FAILURES, mac));
        let mut changes: Vec<_> = failures.map(|key| RowChange::Delete { key, expected: None }).into();
        changes.push(RowChange::Delete { key: key.clone(), expected: Some(row.revision) });
        changes.push(credential::row(tenant, &keys, user.id, &phc));
        changes
    };
    let now = directory.clock.now(tenant);
    let facts = Facts { store: &directory.store, tenant, meta, now };
    let done = directory
        .store
        .execute::<UserCodec, (), Refusal>(tenant, user.id.uuid(), meta, now, |loaded| {
            let decision = ReplacePassword { now }.decide(&loaded.state);
            let rows = if decision.outcome.is_ok() { changes() } else { Vec::new() };
            let fact = facts.state(loaded, &decision);
            Step::from(decision).rows(rows).facts(fact)
        })
        .await;
    match done {
        Ok(done) => done.outcome.map_err(|_| ApiRefusal::new(ApiProblem::UnknownEntity, "there is no such user"))?,
        // Somebody was faster with this token.
        Err(CommitError::Conflict | CommitError::Taken(_)) => return Err(bad_token()),
        Err(CommitError::Store(cause)) => return Err(unavailable(cause.into())),
    }
    directory.end_tokens(tenant, user.id, meta).await;
    Ok(())
}
