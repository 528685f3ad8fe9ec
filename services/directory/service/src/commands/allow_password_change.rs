use chrono::TimeDelta;
use grantor_ids::TenantId;
use grantor_ports::PortError;
use grantor_store::{OnTaken, RowChange, RowKey, Write};
use secrecy::SecretString;

use crate::{Directory, client_users::ClientUser, failure::not_written, rows, sign_up::new_ticket};

/// How long such a token is good.
const LIFETIME: TimeDelta = TimeDelta::hours(24);

/// Makes the token with which a client sets a new password for a user. Its digest is stored, with
/// the number of passwords the user has had: a new password ends every token from before.
pub(crate) async fn allow_password_change(
    directory: &Directory,
    tenant: TenantId,
    user: &ClientUser,
) -> Result<SecretString, PortError> {
    let (token, hash) = new_ticket(directory);
    let keys = directory.keys.of(tenant).await?;
    let stored = directory.stored_password(tenant, &keys, user.id).await?;
    let revision = stored.map_or(0, |stored| stored.revision);
    let row = RowChange::Insert {
        key: RowKey::new(tenant, rows::PASSWORD_TOKEN, hash),
        aggregate: Some(user.id.uuid()),
        data: revision.to_string().into_bytes(),
        expires_at: Some(directory.clock.real() + LIFETIME),
        on_taken: OnTaken::Refuse,
    };
    directory.store.commit(Write { rows: vec![row], ..Write::default() }).await.map_err(not_written)?;
    Ok(token.into())
}
