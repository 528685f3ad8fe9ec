use grantor_directory_domain::{AccountKind, OpenAccount, personal_account_id};
use grantor_eventsourcing::Meta;
use grantor_ids::{AccountId, TenantId, UserId};
use grantor_ports::{AccountView, PortError};
use uuid::Uuid;

use super::open_account::open;
use crate::{Directory, rows};

/// The accounts that a user may act for: their own first, which is opened when it is needed for
/// the first time.
pub(crate) async fn accounts_of(
    directory: &Directory,
    tenant: TenantId,
    user: UserId,
    meta: &Meta,
) -> Result<Vec<AccountView>, PortError> {
    let own = personal_account_id(user);
    let now = directory.clock.now(tenant);
    let listed = directory.store.rows_of(tenant, rows::ACCOUNT_USER, user.uuid()).await?;
    let mut ids: Vec<AccountId> = listed.iter().filter_map(|row| account_in(&row.key)).collect();
    if !ids.contains(&own) {
        open(directory, tenant, own, OpenAccount { user, kind: AccountKind::Personal, now }, None, meta).await?;
        ids.push(own);
    }
    ids.sort_by_key(|id| (*id != own, *id));
    let mut accounts = Vec::with_capacity(ids.len());
    for id in ids {
        accounts.extend(directory.account_view(tenant, id).await?.filter(|account| account.users.contains(&user)));
    }
    Ok(accounts)
}

/// Rows are keyed by user and account.
fn account_in(key: &[u8]) -> Option<AccountId> {
    Uuid::from_slice(key.get(16..)?).ok().map(AccountId::from_uuid)
}
