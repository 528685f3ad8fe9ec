use grantor_crypto::DataKey;
use grantor_directory_domain::{
    Account, ChangeCredential, ChangeProfile, Credential, Decision, EmailAddress, Refusal, User, merge,
};
use grantor_eventsourcing::{Aggregate, Decision as Decided, Meta, Timestamp};
use grantor_ids::{TenantId, UserId};
use grantor_ports::{AdminError, PortError, UserChange, UserView};
use grantor_store::{CommitError, Loaded, RowChange, RowKey, Step};

use super::{birth::login_row, create_user, credential};
use crate::{
    Directory,
    failure::refused,
    keys::DirectoryKeys,
    profile::{Profile, login_key},
    publish::{Facts, UserCodec},
    rows,
};

/// Changes a user on an operator's word. A new address counts as unverified unless the operator
/// says otherwise in the same breath; a new password ends what was granted before (C11).
pub(crate) async fn change_user(
    directory: &Directory,
    tenant: TenantId,
    user: UserId,
    change: UserChange,
    meta: &Meta,
) -> Result<UserView, AdminError> {
    let email = change.email.as_deref().map(create_user::read_email).transpose()?;
    create_user::check_documents(&change.claims, &change.attributes)?;
    let found = directory.find(tenant, user).await?.ok_or(AdminError::NotFound("user"))?;
    let (Some(profile), Some(key)) = (found.profile()?, found.key) else { return Err(refused(Refusal::Erased)) };
    let keys = directory.keys.of(tenant).await?;
    let password = match change.password {
        Some(password) => {
            let current = profile.email.as_deref().and_then(|email| EmailAddress::parse(email).ok());
            Some(directory.hash_new(password, email.as_ref().or(current.as_ref())).await?)
        }
        None => None,
    };
    let wanted = Wanted { email, change: UserChange { email: None, password: None, ..change }, password };
    let now = directory.clock.now(tenant);
    let facts = Facts { store: &directory.store, tenant, meta, now };
    let place = Place { tenant, user, keys: &keys, key: &key, now };
    let done = directory
        .store
        .execute::<UserCodec, (), AdminError>(tenant, user.uuid(), meta, now, |loaded| {
            match wanted.decide(&place, loaded) {
                Ok((decision, rows)) => {
                    let fact = facts.state(loaded, &decision);
                    let Decided { events, outcome } = decision;
                    Step::from(Decided { events, outcome: outcome.map_err(refused) }).rows(rows).facts(fact)
                }
                Err(cause) => Step::from(Decided::refuse(AdminError::Port(cause), [])),
            }
        })
        .await;
    match done {
        Ok(done) => done.outcome?,
        Err(CommitError::Taken(rows::EMAIL)) => return Err(create_user::email_taken()),
        Err(CommitError::Taken(_) | CommitError::Conflict) => return Err(PortError::Busy.into()),
        Err(CommitError::Store(cause)) => return Err(cause.into()),
    }
    directory.admin_view(tenant, user).await
}

struct Place<'a> {
    tenant: TenantId,
    user: UserId,
    keys: &'a DirectoryKeys,
    key: &'a DataKey,
    now: Timestamp,
}

struct Wanted {
    email: Option<EmailAddress>,
    /// Claims and attributes.
    change: UserChange,
    /// PHC string.
    password: Option<String>,
}

impl Wanted {
    /// The change over the state as it was read now: nothing that others wrote meanwhile is lost.
    fn decide(&self, place: &Place<'_>, loaded: &Loaded<User>) -> Result<(Decision, Vec<RowChange>), PortError> {
        let mut rows = Vec::new();
        let mut decision = match loaded.state.account() {
            Some(account) => self.profile(place, account, &loaded.state, &mut rows)?,
            // Gone meanwhile: the rule says which way.
            None => ChangeCredential { credential: Credential::Password, now: place.now }.decide(&loaded.state),
        };
        if let (Ok(()), Some(phc)) = (&decision.outcome, &self.password) {
            let state = decision.events.iter().fold(loaded.state.clone(), User::evolve);
            let second = ChangeCredential { credential: Credential::Password, now: place.now }.decide(&state);
            if second.outcome.is_ok() {
                rows.push(credential::row(place.tenant, place.keys, place.user, phc));
            }
            decision.events.extend(second.events);
            decision.outcome = second.outcome;
        }
        if decision.outcome.is_err() {
            return Ok((Decision::refuse(decision.outcome.err().unwrap_or(Refusal::Unknown), []), Vec::new()));
        }
        Ok((decision, rows))
    }

    fn profile(
        &self,
        place: &Place<'_>,
        account: &Account,
        state: &User,
        rows: &mut Vec<RowChange>,
    ) -> Result<Decision, PortError> {
        let Place { tenant, user, keys, key, now } = *place;
        let old = Profile::open(&account.profile, key, tenant, user)?;
        let key_of = |email: &Option<String>| email.as_deref().map(login_key);
        let new_email = self.email.as_ref().map(|email| email.as_str().to_owned()).or_else(|| old.email.clone());
        let moved = key_of(&new_email) != key_of(&old.email);
        let email_verified = self.change.email_verified.unwrap_or(account.email_verified && !moved);
        let new = Profile {
            login: old.login.clone(),
            made_by: old.made_by,
            email: new_email,
            claims: merge(old.claims.clone(), &self.change.claims),
            attributes: merge(old.attributes.clone(), &self.change.attributes),
        };
        if new == old && email_verified == account.email_verified {
            return Ok(Decision::accept((), []));
        }
        let profile = new.seal(key, tenant, user)?;
        let decision = ChangeProfile { profile, email_verified, now }.decide(state);
        if let (Some(from), Some(to)) = (old.login_key(), new.login_key())
            && from != to
            && decision.outcome.is_ok()
        {
            let old_key = RowKey::new(tenant, rows::EMAIL, keys.email_hash(&from));
            rows.push(RowChange::Delete { key: old_key, expected: None });
            rows.push(login_row(tenant, keys, &to, user));
        }
        Ok(decision)
    }
}
