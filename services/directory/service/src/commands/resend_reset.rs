use grantor_directory_domain::EmailAddress;
use grantor_ids::TenantId;
use grantor_ports::{PortError, ResetTicket, VerifyRefusal};

use crate::{Directory, requests};

/// Sends the mail of a reset again: the same code, or the same notice.
pub(crate) async fn resend_reset(
    directory: &Directory,
    tenant: TenantId,
    ticket: &ResetTicket,
) -> Result<(), VerifyRefusal> {
    let keys = directory.keys.of(tenant).await?;
    let waiting = directory.waiting_reset(tenant, &keys, ticket).await?.ok_or(VerifyRefusal::Expired)?;
    if !requests::count_resend(directory, tenant, &waiting.hash).await? {
        return Err(VerifyRefusal::Expired);
    }
    let email = EmailAddress::parse(&waiting.pending.email).map_err(|_| PortError::Unavailable)?;
    let email_hash = keys.email_hash(email.key());
    let (task, trace) = directory.reset_letter(tenant, &keys, &waiting.hash, &waiting.pending, &email_hash)?;
    requests::send(directory, task, vec![trace]).await?;
    Ok(())
}
