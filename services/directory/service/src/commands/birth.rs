use grantor_directory_domain::{CreateUser, User};
use grantor_eventsourcing::Meta;
use grantor_ids::{TenantId, UserId};
use grantor_ports::{EntropyExt, PortError};
use grantor_store::{CommitError, Loaded, NewFact, OnTaken, RowChange, RowKey, Step};

use super::credential;
use crate::{
    Directory,
    keys::DirectoryKeys,
    profile::Profile,
    publish::{Facts, UserCodec},
    rows,
};

/// A user to be, whoever makes them.
pub(crate) struct Birth {
    pub id: UserId,
    pub email_verified: bool,
    pub profile: Profile,
    /// PHC string.
    pub password: Option<String>,
}

/// Why there is no new user.
pub(crate) enum NotBorn {
    /// Another user has the address or the id.
    Taken,
    /// There is nothing they could log in with.
    Nameless,
    /// A row that the birth hangs from is gone.
    Conflict,
    /// No answer now.
    Port(PortError),
}

impl From<PortError> for NotBorn {
    fn from(cause: PortError) -> Self {
        Self::Port(cause)
    }
}

impl Directory {
    /// An id for a user to be.
    pub(crate) fn new_user_id(&self) -> UserId {
        self.entropy.id(self.clock.real())
    }

    /// Makes a user: their key, their address, their password, their first event and their
    /// status, in one commit. `hangs` are rows and facts that go with it.
    pub(crate) async fn give_birth(
        &self,
        tenant: TenantId,
        keys: &DirectoryKeys,
        birth: Birth,
        hangs: (Vec<RowChange>, Option<NewFact>),
        meta: &Meta,
    ) -> Result<UserId, NotBorn> {
        let Birth { id, email_verified, profile, password } = birth;
        let Some(login) = profile.login_key() else { return Err(NotBorn::Nameless) };
        let now = self.clock.now(tenant);
        let (key, key_row) = keys.subject_row(id)?;
        let sealed = profile.seal(&key, tenant, id)?;
        let loaded = Loaded { id: id.uuid(), state: User::default(), version: 0, revision: 0 };
        let command = CreateUser { profile: sealed, email_verified, has_password: password.is_some(), now };
        let decision = command.decide(&loaded.state);
        let facts = Facts { store: &self.store, tenant, meta, now };
        let state = facts.state(&loaded, &decision);
        let (rows, fact) = hangs;
        let step = Step::from(decision)
            .rows([key_row, login_row(tenant, keys, &login, id)])
            .rows(password.iter().map(|phc| credential::row(tenant, keys, id, phc)))
            .rows(rows)
            .facts(state.into_iter().chain(fact));
        match self.store.apply::<UserCodec, _, _>(tenant, loaded, meta, now, step).await {
            // A fresh id has no stream, so the rule has nothing to refuse.
            Ok(_) => Ok(id),
            Err(CommitError::Taken(rows::EMAIL)) => Err(NotBorn::Taken),
            Err(CommitError::Taken(_) | CommitError::Conflict) => Err(NotBorn::Conflict),
            Err(CommitError::Store(cause)) => Err(NotBorn::Port(cause.into())),
        }
    }
}

/// The row that makes what somebody logs in with theirs alone.
pub(crate) fn login_row(tenant: TenantId, keys: &DirectoryKeys, login_key: &str, user: UserId) -> RowChange {
    RowChange::Insert {
        key: RowKey::new(tenant, rows::EMAIL, keys.email_hash(login_key)),
        aggregate: Some(user.uuid()),
        data: Vec::new(),
        expires_at: None,
        on_taken: OnTaken::Refuse,
    }
}
