use grantor_directory_domain::{EmailAddress, check_password};
use grantor_ids::TenantId;
use grantor_ports::{PortError, SignUp, SignUpRefusal, SignUpTicket, network};
use grantor_store::{RowChange, RowKey, TaskChange};
use secrecy::ExposeSecret;

use crate::{
    Directory,
    keys::DirectoryKeys,
    mail::{Language, Letter, Message},
    requests, rows,
    sign_up::{self, LIFETIME, NOTICE_USEFUL_FOR, Pending, Traced},
};

/// Unfinished sign-ups with one address per window: with all that can be sent again, twenty mails.
const PER_EMAIL: u64 = 5;
/// Unfinished sign-ups from one network address per window.
const PER_ADDRESS: u64 = 200;
const LONGEST_NAME: usize = 200;

/// Starts a sign-up. A new address and a known one have the same answer, the same rows, the
/// same hashing and one mail each (C24); what the mail says is the only difference.
pub(crate) async fn begin_sign_up(
    directory: &Directory,
    tenant: TenantId,
    sign_up: SignUp,
) -> Result<SignUpTicket, SignUpRefusal> {
    let email = EmailAddress::parse(&sign_up.email).map_err(|_| SignUpRefusal::Email)?;
    check_password(sign_up.password.expose_secret(), Some(&email)).map_err(|_| SignUpRefusal::Password)?;
    let name = read_name(sign_up.name.as_deref())?;
    let locale = sign_up.locale.as_deref().filter(|tag| requests::is_language_tag(tag)).map(str::to_owned);
    let keys = directory.keys.of(tenant).await?;
    let email_hash = keys.email_hash(email.key());

    let counters = counters(tenant, &keys, &email_hash, sign_up.address);
    if let Some(retry_after) = requests::count(directory, &counters).await? {
        return Err(SignUpRefusal::Throttled { retry_after });
    }
    let password = match directory.hash(sign_up.password).await {
        Ok(password) => password,
        Err(cause) => {
            requests::take_back(directory, &counters).await?;
            return Err(cause.into());
        }
    };
    let taken = directory.find_id(tenant, &email_hash).await?.is_some();
    let (ticket, hash) = sign_up::new_ticket(directory);
    let pending = Pending {
        email: email.as_str().to_owned(),
        name,
        locale,
        password,
        taken,
        expires_at: directory.clock.now(tenant) + LIFETIME,
        counted: counters.iter().map(|(key, _)| sign_up::counter_to_text(&key.key)).collect(),
    };
    let real = directory.clock.real();
    let (task, trace) = directory.letter(tenant, &keys, &hash, &pending, &email_hash)?;
    let rows = vec![
        sign_up::row(tenant, &keys, &hash, &pending, real)?,
        Traced::Ticket(hash).row(tenant, &email_hash, real),
        trace,
    ];
    requests::send(directory, task, rows).await?;
    Ok(SignUpTicket(ticket))
}

/// The counters of a sign-up, with their limits.
fn counters(
    tenant: TenantId,
    keys: &DirectoryKeys,
    email_hash: &[u8; 32],
    address: Option<std::net::IpAddr>,
) -> Vec<(RowKey, u64)> {
    let counter = |parts: &[&[u8]]| RowKey::new(tenant, rows::SIGN_UPS, keys.counter(parts));
    let email = (counter(&[b"sign_up_email", email_hash]), PER_EMAIL);
    let address = address.map(|at| (counter(&[b"sign_up_address", network(at).as_bytes()]), PER_ADDRESS));
    std::iter::once(email).chain(address).collect()
}

fn read_name(typed: Option<&str>) -> Result<Option<String>, SignUpRefusal> {
    let name = typed.unwrap_or_default().trim();
    if name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(SignUpRefusal::Name);
    }
    Ok((!name.is_empty()).then(|| name.to_owned()))
}

impl Directory {
    /// The mail of a sign-up, and its trace.
    pub(crate) fn letter(
        &self,
        tenant: TenantId,
        keys: &DirectoryKeys,
        ticket_hash: &[u8; 32],
        pending: &Pending,
        email_hash: &[u8; 32],
    ) -> Result<(TaskChange, RowChange), PortError> {
        let real = self.clock.real();
        let (message, useful_for) = if pending.taken {
            (Message::Known, NOTICE_USEFUL_FOR)
        } else {
            // By the real clock: the tenant's may stand still.
            let left = (pending.expires_at - self.clock.now(tenant)).min(LIFETIME);
            (Message::Code { code: sign_up::code_of(keys, ticket_hash) }, left)
        };
        let letter = Letter {
            to: pending.email.clone(),
            language: Language::of(pending.locale.as_deref()),
            message,
            useful_until: real + useful_for,
        };
        requests::post(self, tenant, keys, &letter, email_hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_text_on_one_line() {
        assert_eq!(read_name(None).unwrap(), None);
        assert_eq!(read_name(Some("  ")).unwrap(), None);
        assert_eq!(read_name(Some(" Zoë Ng ")).unwrap().as_deref(), Some("Zoë Ng"));
        assert_eq!(read_name(Some("a\r\nb")), Err(SignUpRefusal::Name));
        assert_eq!(read_name(Some(&"é".repeat(201))), Err(SignUpRefusal::Name));
    }
}
