use grantor_directory_domain::{EmailAddress, check_attributes, check_claims, check_password, merge};
use grantor_eventsourcing::Meta;
use grantor_ids::TenantId;
use grantor_ports::{AdminError, Claims, CreateUser, PortError, UserView};
use secrecy::{ExposeSecret, SecretString};

use super::birth::{Birth, NotBorn};
use crate::{Directory, profile::Profile};

/// Makes a user on an operator's word.
pub(crate) async fn create_user(
    directory: &Directory,
    tenant: TenantId,
    user: CreateUser,
    meta: &Meta,
) -> Result<UserView, AdminError> {
    let email = read_email(&user.email)?;
    check_documents(&user.claims, &user.attributes)?;
    let keys = directory.keys.of(tenant).await?;
    let password = match user.password {
        Some(password) => Some(directory.hash_new(password, Some(&email)).await?),
        None => None,
    };
    let profile = Profile {
        login: None,
        made_by: None,
        email: Some(email.as_str().to_owned()),
        // `null` means "not there".
        claims: merge(Claims::new(), &user.claims),
        attributes: merge(Claims::new(), &user.attributes),
    };
    let id = directory.new_user_id();
    let birth = Birth { id, email_verified: user.email_verified, profile, password };
    match directory.give_birth(tenant, &keys, birth, (Vec::new(), None), meta).await {
        Ok(id) => directory.admin_view(tenant, id).await,
        Err(NotBorn::Taken) => Err(email_taken()),
        Err(NotBorn::Nameless) => Err(AdminError::invalid("/email", "is missing")),
        Err(NotBorn::Conflict) => Err(PortError::Busy.into()),
        Err(NotBorn::Port(cause)) => Err(cause.into()),
    }
}

pub(crate) fn email_taken() -> AdminError {
    AdminError::Conflict("another user has this e-mail address".into())
}

pub(crate) fn read_email(typed: &str) -> Result<EmailAddress, AdminError> {
    EmailAddress::parse(typed).map_err(|_| AdminError::invalid("/email", "is not an e-mail address"))
}

/// Checks both documents; the pointer starts at the request's root.
pub(crate) fn check_documents(claims: &Claims, attributes: &Claims) -> Result<(), AdminError> {
    let at = |root: &'static str| {
        move |problem: grantor_directory_domain::ClaimProblem| {
            AdminError::invalid(format!("{root}{}", problem.pointer), problem.detail)
        }
    };
    check_claims(claims).map_err(at("/claims"))?;
    check_attributes(attributes).map_err(at("/attributes"))
}

impl Directory {
    /// Checks and hashes a new password.
    pub(crate) async fn hash_new(
        &self,
        password: SecretString,
        email: Option<&EmailAddress>,
    ) -> Result<String, AdminError> {
        check_password(password.expose_secret(), email)
            .map_err(|problem| AdminError::invalid("/password", problem.detail()))?;
        Ok(self.hash(password).await?)
    }

    /// The user as operators see them.
    pub(crate) async fn admin_view(&self, tenant: TenantId, user: grantor_ids::UserId) -> Result<UserView, AdminError> {
        let found = self.find(tenant, user).await?.ok_or(AdminError::NotFound("user"))?;
        crate::view::admin(&found)?.ok_or(AdminError::NotFound("user"))
    }
}
