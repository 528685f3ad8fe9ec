use grantor_directory_domain::EmailAddress;
use grantor_ids::TenantId;
use grantor_ports::{PortError, SignUpTicket, VerifyRefusal};

use crate::{Directory, requests};

/// Sends the mail of a sign-up again: the same code, so that the first mail is not wrong when
/// it arrives last.
pub(crate) async fn resend_code(
    directory: &Directory,
    tenant: TenantId,
    ticket: &SignUpTicket,
) -> Result<(), VerifyRefusal> {
    let keys = directory.keys.of(tenant).await?;
    let Some(waiting) = directory.waiting(tenant, &keys, ticket).await? else { return Err(VerifyRefusal::Expired) };
    if !requests::count_resend(directory, tenant, &waiting.hash).await? {
        return Err(VerifyRefusal::Expired);
    }
    let email = EmailAddress::parse(&waiting.pending.email).map_err(|_| PortError::Unavailable)?;
    let email_hash = keys.email_hash(email.key());
    let (task, trace) = directory.letter(tenant, &keys, &waiting.hash, &waiting.pending, &email_hash)?;
    requests::send(directory, task, vec![trace]).await?;
    Ok(())
}
