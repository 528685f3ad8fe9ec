//! What others see of a user.

use grantor_directory_domain::User;
use grantor_eventsourcing::Version;
use grantor_ids::UserId;
use grantor_ports::{Claims, Person, PortError, UserState, UserStatus, UserView};

use crate::{found::Found, profile::Profile};

/// The status of a user; `None` when there is none.
pub(crate) fn status(user: UserId, state: &User, version: Version) -> Option<UserStatus> {
    Some(UserStatus { user, state: state_of(state)?, not_before: state.not_before(), version })
}

pub(crate) fn state_of(state: &User) -> Option<UserState> {
    match state {
        User::Unknown => None,
        User::Active(_) => Some(UserState::Active),
        User::Locked(_) => Some(UserState::Locked),
        User::Deactivated(_) => Some(UserState::Deactivated),
        User::Erased { .. } => Some(UserState::Erased),
    }
}

/// All claims; `None` once they are erased.
pub(crate) fn claims(found: &Found) -> Result<Option<Claims>, PortError> {
    let (Some(account), Some(profile)) = (found.state.account(), found.profile()?) else { return Ok(None) };
    let Profile { login, email, mut claims, attributes, made_by: _ } = profile;
    claims.extend(attributes);
    claims.insert("sub".into(), found.id.to_string().into());
    if let Some(login) = login {
        claims.insert("preferred_username".into(), login.into());
    }
    if let Some(email) = email {
        claims.insert("email".into(), email.into());
    }
    claims.insert("email_verified".into(), account.email_verified.into());
    // Seconds (OIDC Core 5.1).
    claims.insert("updated_at".into(), account.updated_at.timestamp().into());
    Ok(Some(claims))
}

/// For greeting them.
pub(crate) fn person(found: &Found) -> Result<Option<Person>, PortError> {
    let Some(profile) = found.profile()? else { return Ok(None) };
    let text = |name: &str| profile.claims.get(name).and_then(|value| value.as_str()).filter(|text| !text.is_empty());
    let parts: Vec<&str> = ["given_name", "family_name"].into_iter().filter_map(text).collect();
    let display_name = match text("name") {
        Some(name) => name.to_owned(),
        None if parts.is_empty() => profile.email.clone().or(profile.login).unwrap_or_default(),
        None => parts.join(" "),
    };
    Ok(Some(Person { user: found.id, display_name, email: profile.email }))
}

/// As operators see them.
pub(crate) fn admin(found: &Found) -> Result<Option<UserView>, PortError> {
    let (Some(state), Some(created_at)) = (state_of(&found.state), found.state.created_at()) else { return Ok(None) };
    Ok(Some(UserView { id: found.id, state, claims: claims(found)?.unwrap_or_default(), created_at }))
}
