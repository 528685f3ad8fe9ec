use grantor_directory_domain::EmailAddress;
use grantor_ids::TenantId;
use grantor_ports::{PortError, SignUpTicket, VerifyRefusal};
use grantor_store::{RowChange, RowKey, Write};

use crate::{Directory, failure::not_written, rows, sign_up::LIFETIME};

/// Mails per ticket, beside the first.
const RESENDS: u64 = 3;

/// Sends the mail of a sign-up again: the same code, so that the first mail is not wrong when
/// it arrives last.
pub(crate) async fn resend_code(
    directory: &Directory,
    tenant: TenantId,
    ticket: &SignUpTicket,
) -> Result<(), VerifyRefusal> {
    let keys = directory.keys.of(tenant).await?;
    let Some(waiting) = directory.waiting(tenant, &keys, ticket).await? else { return Err(VerifyRefusal::Expired) };
    let real = directory.clock.real();
    let key = RowKey::new(tenant, rows::RESENDS, waiting.hash);
    let count = RowChange::Count { key, expires_at: real + LIFETIME };
    let counted = directory.store.commit(Write { rows: vec![count], ..Write::default() }).await;
    if counted.map_err(not_written)?.counts.iter().any(|count| *count > RESENDS) {
        return Err(VerifyRefusal::Expired);
    }
    let email = EmailAddress::parse(&waiting.pending.email).map_err(|_| PortError::Unavailable)?;
    let email_hash = keys.email_hash(email.key());
    let (task, trace) = directory.letter(tenant, &keys, &waiting.hash, &waiting.pending, &email_hash)?;
    let write = Write { rows: vec![trace], tasks: vec![task], ..Write::default() };
    directory.store.commit(write).await.map_err(not_written)?;
    directory.mail_queued.notify_one();
    Ok(())
}
