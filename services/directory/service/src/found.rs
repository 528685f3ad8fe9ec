use grantor_crypto::DataKey;
use grantor_directory_domain::User;
use grantor_eventsourcing::Version;
use grantor_ids::{TenantId, UserId};
use grantor_ports::PortError;

use crate::{Directory, profile::Profile};

/// A user as they are read: with their key, or erased.
pub(crate) struct Found {
    pub tenant: TenantId,
    pub id: UserId,
    pub state: User,
    pub version: Version,
    pub key: Option<DataKey>,
}

impl Directory {
    /// The user with this id; `None` when there never was one. A user whose key is missing
    /// reads as erased, whatever their state row says.
    pub(crate) async fn find(&self, tenant: TenantId, user: UserId) -> Result<Option<Found>, PortError> {
        let loaded = self.store.load::<User>(tenant, user.uuid()).await?;
        if loaded.revision == 0 {
            return Ok(None);
        }
        let key = self.keys.subject(tenant, user).await?;
        let state = if key.is_some() { loaded.state } else { loaded.state.without_key() };
        Ok(Some(Found { tenant, id: user, state, version: loaded.version, key }))
    }

    /// The user with this address.
    pub(crate) async fn find_id(&self, tenant: TenantId, email_hash: &[u8]) -> Result<Option<UserId>, PortError> {
        let row = self.store.row(tenant, crate::rows::EMAIL, email_hash).await?;
        Ok(row.and_then(|row| row.aggregate).map(UserId::from_uuid))
    }
}

impl Found {
    /// What is personal about them; `None` once they are erased.
    pub fn profile(&self) -> Result<Option<Profile>, PortError> {
        match (self.state.account(), &self.key) {
            (Some(account), Some(key)) => Profile::open(&account.profile, key, self.tenant, self.id).map(Some),
            _ => Ok(None),
        }
    }
}
