use chrono::TimeDelta;
use grantor_ids::TenantId;
use grantor_ports::{AdminError, Invitation};
use secrecy::ExposeSecret;

use super::create_user::read_email;
use crate::{
    Directory,
    mail::{Language, Letter, Message},
    profile::login_key,
    requests,
};

/// As long as the code can be used.
const USEFUL: TimeDelta = TimeDelta::days(7);

/// Sends somebody the code of an invitation, whether they have an account by now or not.
pub(crate) async fn invite(directory: &Directory, tenant: TenantId, invitation: Invitation) -> Result<(), AdminError> {
    let email = read_email(&invitation.email)?;
    let keys = directory.keys.of(tenant).await?;
    let letter = Letter {
        to: email.as_str().to_owned(),
        language: Language::of(Some(&invitation.locale)),
        message: Message::Invitation { code: invitation.code.expose_secret().to_owned() },
        useful_until: directory.clock.real() + USEFUL,
    };
    let hash = keys.email_hash(&login_key(email.as_str()));
    let (task, trace) = requests::post(directory, tenant, &keys, &letter, &hash)?;
    Ok(requests::send(directory, task, vec![trace]).await?)
}
