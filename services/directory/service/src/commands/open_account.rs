use grantor_crypto::{Context, SealedField};
use grantor_directory_domain::{AccountKind, AccountRefusal, AccountState, OpenAccount};
use grantor_eventsourcing::Meta;
use grantor_ids::{AccountId, TenantId, UserId};
use grantor_ports::{AccountView, AdminError, EntropyExt, PortError};
use grantor_store::{OnTaken, RowChange, RowKey, Step};

use crate::{
    Directory,
    failure::{not_opened, not_written},
    publish::AccountCodec,
    rows,
};

/// The longest name of a business, in characters.
const MAX_NAME: usize = 100;

/// Opens a business account on an operator's word.
pub(crate) async fn open_account(
    directory: &Directory,
    tenant: TenantId,
    wanted: grantor_ports::OpenAccount,
    meta: &Meta,
) -> Result<AccountView, AdminError> {
    let name = wanted.name.trim();
    if name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
        return Err(AdminError::invalid("/name", "must be 1 to 100 characters without control characters"));
    }
    directory.admin_view(tenant, wanted.user).await.map_err(|_| AdminError::invalid("/user", "is no user"))?;
    let id: AccountId = directory.entropy.id(directory.clock.real());
    let keys = directory.keys.of(tenant).await?;
    let sealed = keys.secrets().seal(&name_context(tenant, id.uuid().as_bytes()), name.as_bytes());
    let named = RowChange::Insert {
        key: RowKey::new(tenant, rows::ACCOUNT_NAME, *id.uuid().as_bytes()),
        aggregate: None,
        data: sealed.to_bytes(),
        expires_at: None,
        on_taken: OnTaken::Keep,
    };
    let now = directory.clock.now(tenant);
    let command = OpenAccount { user: wanted.user, kind: AccountKind::Business, now };
    open(directory, tenant, id, command, Some(named), meta).await?;
    Ok(directory.account_view(tenant, id).await?.ok_or(PortError::Unavailable)?)
}

/// Opens an account; once more changes nothing.
pub(super) async fn open(
    directory: &Directory,
    tenant: TenantId,
    id: AccountId,
    command: OpenAccount,
    named: Option<RowChange>,
    meta: &Meta,
) -> Result<(), PortError> {
    let mut named = named;
    let done =
        directory.store.execute::<AccountCodec, (), AccountRefusal>(tenant, id.uuid(), meta, command.now, |loaded| {
            let rows = [user_row(tenant, id, command.user)].into_iter().chain(named.take());
            Step::from(command.decide(&loaded.state)).rows(rows)
        });
    done.await.map(drop).map_err(not_written)
}

/// The row by which a user finds an account.
pub(super) fn user_row(tenant: TenantId, account: AccountId, user: UserId) -> RowChange {
    RowChange::Insert {
        key: user_key(tenant, account, user),
        aggregate: Some(user.uuid()),
        data: Vec::new(),
        expires_at: None,
        on_taken: OnTaken::Keep,
    }
}

pub(super) fn user_key(tenant: TenantId, account: AccountId, user: UserId) -> RowKey {
    let key = [user.uuid().as_bytes().as_slice(), account.uuid().as_bytes()].concat();
    RowKey::new(tenant, rows::ACCOUNT_USER, key)
}

fn name_context(tenant: TenantId, account: &[u8]) -> Context<'_> {
    Context { tenant, table: "es_row/account_name", row: account, field: "name" }
}

impl Directory {
    /// An account as others see it.
    pub(crate) async fn account_view(&self, tenant: TenantId, id: AccountId) -> Result<Option<AccountView>, PortError> {
        let AccountState::Open { kind, users, opened_at } =
            self.store.load::<AccountState>(tenant, id.uuid()).await?.state
        else {
            return Ok(None);
        };
        let name = match self.store.row(tenant, rows::ACCOUNT_NAME, id.uuid().as_bytes()).await? {
            None => None,
            Some(row) => {
                let keys = self.keys.of(tenant).await?;
                let opened = SealedField::from_bytes(&row.data)
                    .and_then(|field| keys.secrets().open(&name_context(tenant, id.uuid().as_bytes()), &field));
                let plain = opened.map_err(not_opened("account name"))?;
                Some(String::from_utf8_lossy(&plain).into_owned())
            }
        };
        let kind = match kind {
            AccountKind::Personal => grantor_ports::AccountKind::Personal,
            AccountKind::Business => grantor_ports::AccountKind::Business,
        };
        Ok(Some(AccountView { id, kind, name, users, opened_at }))
    }
}
