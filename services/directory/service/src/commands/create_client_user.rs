use grantor_directory_domain::{EmailAddress, PasswordProblem, check_password};
use grantor_eventsourcing::Meta;
use grantor_ids::{ClientKey, TenantId};
use grantor_ports::{Claims, EntropyExt, PortError};
use grantor_profile::{Alphabet, ApiPasswords, ApiProblem, ApiRefusal, NewUserRequest, Shape, UsersApi};
use secrecy::{ExposeSecret, SecretString};

use super::birth::{Birth, NotBorn};
use crate::{Directory, client_users::unavailable, profile::Profile};

/// What is drawn where a client chose nothing: 36 characters at most, and hard to guess.
const RANDOM_PASSWORD: Shape = Shape::random(Alphabet::Base62, 32);

/// A user that a client has made, with the password in clear for this one answer.
pub(crate) struct Created {
    pub profile: Profile,
    /// Never kept: what is stored is its hash.
    pub password: SecretString,
}

/// Makes a user on a client's word. The client's id for them is unique in the tenant whatever the
/// case of its letters; inside Grantor they have an id of ours, and so have their tokens (C13).
pub(crate) async fn create_client_user(
    directory: &Directory,
    tenant: TenantId,
    api: &UsersApi,
    client: ClientKey,
    wanted: NewUserRequest,
    meta: &Meta,
) -> Result<Created, ApiRefusal> {
    let NewUserRequest { id, password, email, phone, attributes } = wanted;
    let login = id.unwrap_or_else(|| directory.entropy.uuid4().to_string());
    let password = match password {
        Some(password) => password,
        None => RANDOM_PASSWORD.generate(|buffer| directory.entropy.fill(buffer)).into(),
    };
    check_new_password(api, &password, email.as_deref())?;
    let mut claims = Claims::new();
    if let Some(phone) = phone {
        claims.insert("phone_number".to_owned(), phone.into());
    }
    let profile = Profile { login: Some(login), made_by: Some(client), email, claims, attributes };
    let keys = directory.keys.of(tenant).await.map_err(unavailable)?;
    let hash = directory.hash(password.clone()).await.map_err(unavailable)?;
    let id = directory.new_user_id();
    let birth = Birth { id, email_verified: api.auto_verify, profile: profile.clone(), password: Some(hash) };
    match directory.give_birth(tenant, &keys, birth, (Vec::new(), None), meta).await {
        Ok(_) => Ok(Created { profile, password }),
        Err(NotBorn::Taken) => Err(ApiRefusal::new(ApiProblem::EntityExists, "there is a user with this id already")),
        Err(NotBorn::Nameless | NotBorn::Conflict) => Err(unavailable(PortError::Busy)),
        Err(NotBorn::Port(cause)) => Err(unavailable(cause)),
    }
}

/// Whether a client may set this password.
pub(crate) fn check_new_password(
    api: &UsersApi,
    password: &SecretString,
    email: Option<&str>,
) -> Result<(), ApiRefusal> {
    let illegal = |must: &str| ApiRefusal::new(ApiProblem::IllegalFieldValue, format!("'password' {must}"));
    match api.passwords {
        ApiPasswords::SixToThirtySix if (6..=36).contains(&password.expose_secret().chars().count()) => Ok(()),
        ApiPasswords::SixToThirtySix => Err(illegal("must have 6 to 36 characters")),
        ApiPasswords::Checked => {
            let email = email.and_then(|email| EmailAddress::parse(email).ok());
            check_password(password.expose_secret(), email.as_ref())
                .map_err(|problem: PasswordProblem| illegal(problem.detail()))
        }
    }
}
