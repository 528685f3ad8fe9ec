//! Password hashes: rows of their own, sealed, never in an event or a state.

use grantor_crypto::Verdict;
use grantor_eventsourcing::Revision;
use grantor_ids::{TenantId, UserId};
use grantor_ports::PortError;
use grantor_store::{OnTaken, RowChange};
use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::{
    Directory,
    failure::{not_hashed, not_read},
    keys::DirectoryKeys,
    rows,
};

/// A stored hash as it was read.
pub(crate) struct Stored {
    pub phc: Zeroizing<String>,
    pub revision: Revision,
}

/// The row of a user's password.
pub(crate) fn row(tenant: TenantId, keys: &DirectoryKeys, user: UserId, phc: &str) -> RowChange {
    RowChange::Insert {
        key: rows::of_user(tenant, rows::PASSWORD, user),
        aggregate: Some(user.uuid()),
        data: sealed(keys, user, phc),
        expires_at: None,
        on_taken: OnTaken::Replace,
    }
}

/// The same password under today's parameters, unless the row has changed meanwhile.
pub(crate) fn rehashed(
    tenant: TenantId,
    keys: &DirectoryKeys,
    user: UserId,
    phc: &str,
    expected: Revision,
) -> RowChange {
    let key = rows::of_user(tenant, rows::PASSWORD, user);
    RowChange::Update { key, expected, data: sealed(keys, user, phc), expires_at: None }
}

fn sealed(keys: &DirectoryKeys, user: UserId, phc: &str) -> Vec<u8> {
    keys.seal(rows::PASSWORD, user.uuid().as_bytes(), phc.as_bytes())
}

impl Directory {
    /// A user's stored hash.
    pub(crate) async fn stored_password(
        &self,
        tenant: TenantId,
        keys: &DirectoryKeys,
        user: UserId,
    ) -> Result<Option<Stored>, PortError> {
        let id = user.uuid();
        let Some(row) = self.store.row(tenant, rows::PASSWORD, id.as_bytes()).await? else { return Ok(None) };
        let plain = keys.open(rows::PASSWORD, id.as_bytes(), &row.data)?;
        let phc = String::from_utf8(plain.to_vec())
            .map_err(|_| not_read("password hash")(serde::de::Error::custom("not a text")))?;
        Ok(Some(Stored { phc: Zeroizing::new(phc), revision: row.revision }))
    }

    /// A new hash, when it is this password's turn.
    pub(crate) async fn hash(&self, password: SecretString) -> Result<String, PortError> {
        self.measured(self.hasher.hash(password)).await
    }

    /// Checks a password; where there is none stored, the work is done all the same (C24).
    pub(crate) async fn verify(&self, stored: Option<&Stored>, password: SecretString) -> Result<Verdict, PortError> {
        let phc = stored.map(|stored| stored.phc.as_str());
        self.measured(self.hasher.verify_or_dummy(phc, password)).await
    }

    async fn measured<T>(
        &self,
        work: impl Future<Output = Result<T, grantor_crypto::HashRefusal>>,
    ) -> Result<T, PortError> {
        let done = work.await.map_err(not_hashed);
        self.passwords.depth(self.hasher.depth());
        if matches!(done, Err(PortError::Busy)) {
            self.passwords.refused();
        }
        done
    }
}
