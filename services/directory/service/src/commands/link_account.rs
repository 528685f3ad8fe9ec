use grantor_directory_domain::{AccountDecision, AccountRefusal, AccountState, LinkUser, UnlinkUser};
use grantor_eventsourcing::Meta;
use grantor_ids::{AccountId, TenantId, UserId};
use grantor_ports::{AccountView, AdminError};
use grantor_store::{RowChange, Step};

use super::open_account::{user_key, user_row};
use crate::{Directory, failure::not_written, publish::AccountCodec};

/// Lets a user act for a business account.
pub(crate) async fn link_account(
    directory: &Directory,
    tenant: TenantId,
    account: AccountId,
    user: UserId,
    meta: &Meta,
) -> Result<AccountView, AdminError> {
    directory.admin_view(tenant, user).await?;
    let command = LinkUser { user, now: directory.clock.now(tenant) };
    let row = || user_row(tenant, account, user);
    change(directory, tenant, account, meta, |state| command.decide(state), row).await
}

/// Takes a user from a business account.
pub(crate) async fn unlink_account(
    directory: &Directory,
    tenant: TenantId,
    account: AccountId,
    user: UserId,
    meta: &Meta,
) -> Result<AccountView, AdminError> {
    let command = UnlinkUser { user, now: directory.clock.now(tenant) };
    let row = || RowChange::Delete { key: user_key(tenant, account, user), expected: None };
    change(directory, tenant, account, meta, |state| command.decide(state), row).await
}

async fn change(
    directory: &Directory,
    tenant: TenantId,
    account: AccountId,
    meta: &Meta,
    decide: impl Fn(&AccountState) -> AccountDecision + Send + Sync,
    row: impl Fn() -> RowChange + Send + Sync,
) -> Result<AccountView, AdminError> {
    let now = directory.clock.now(tenant);
    let done = directory
        .store
        .execute::<AccountCodec, (), AccountRefusal>(tenant, account.uuid(), meta, now, |loaded| {
            let decision = decide(&loaded.state);
            let rows = if decision.events.is_empty() { None } else { Some(row()) };
            Step::from(decision).rows(rows)
        })
        .await
        .map_err(not_written)?;
    done.outcome.map_err(refused)?;
    directory.account_view(tenant, account).await?.ok_or(AdminError::NotFound("account"))
}

fn refused(refusal: AccountRefusal) -> AdminError {
    match refusal {
        AccountRefusal::Unknown => AdminError::NotFound("account"),
        other => AdminError::Conflict(other.to_string()),
    }
}
