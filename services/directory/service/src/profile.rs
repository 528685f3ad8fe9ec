use grantor_crypto::{Context, DataKey, SealedField};
use grantor_directory_domain::{EmailAddress, Sealed};
use grantor_ids::{ClientKey, TenantId, UserId};
use grantor_ports::{Claims, PortError};
use serde::{Deserialize, Serialize};

use crate::failure::{not_opened, not_read};

/// Everything personal about a user: the plaintext of [`Sealed`].
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Profile {
    /// The id by which the client that made them knows them, as it was sent. They log in with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<String>,
    /// That client. No other reaches them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_by: Option<ClientKey>,
    /// As typed. Who has no `login` logs in with it, and it is theirs alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Standard claims (OIDC Core 5.1) but `sub`, `email`, `email_verified`, `updated_at`.
    #[serde(default)]
    pub claims: Claims,
    /// The tenant's own, such as `plan`.
    #[serde(default)]
    pub attributes: Claims,
}

/// What somebody logs in with, as it is looked up: an address in its canonical form, anything else
/// in lower case.
pub(crate) fn login_key(typed: &str) -> String {
    match EmailAddress::parse(typed) {
        Ok(email) => email.key().to_owned(),
        Err(_) => typed.trim().chars().take(320).collect::<String>().to_lowercase(),
    }
}

fn context<'a>(tenant: TenantId, user: &'a uuid::Uuid) -> Context<'a> {
    // The same bytes stand in events and in the state row, so they are bound to the user.
    Context { tenant, table: "user", row: user.as_bytes(), field: "profile" }
}

impl Profile {
    /// What they log in with, as it is looked up.
    pub fn login_key(&self) -> Option<String> {
        self.login.as_deref().or(self.email.as_deref()).map(login_key)
    }

    pub fn seal(&self, key: &DataKey, tenant: TenantId, user: UserId) -> Result<Sealed, PortError> {
        let plain = serde_json::to_vec(self).map_err(not_read("profile"))?;
        Ok(Sealed(key.seal(&context(tenant, &user.uuid()), &plain).to_bytes()))
    }

    pub fn open(sealed: &Sealed, key: &DataKey, tenant: TenantId, user: UserId) -> Result<Self, PortError> {
        let field = SealedField::from_bytes(&sealed.0).map_err(not_opened("profile"))?;
        let plain = key.open(&context(tenant, &user.uuid()), &field).map_err(not_opened("profile"))?;
        serde_json::from_slice(&plain).map_err(not_read("profile"))
    }
}
