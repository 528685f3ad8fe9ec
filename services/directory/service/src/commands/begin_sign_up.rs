use chrono::TimeDelta;
use grantor_directory_domain::{EmailAddress, check_password};
use grantor_ids::TenantId;
use grantor_ports::{EntropyExt, PortError, SignUp, SignUpRefusal, SignUpTicket};
use grantor_store::{RowChange, RowKey, TaskChange, Write};
use secrecy::ExposeSecret;

use crate::{
    Directory,
    failure::not_written,
    keys::DirectoryKeys,
    mail::{Language, Letter, Message},
    rows,
    sign_up::{self, LIFETIME, Pending, Traced},
    throttle::network,
};

const WINDOW: TimeDelta = TimeDelta::hours(1);
/// Unfinished sign-ups with one address per window: with all that can be sent again, twenty mails.
const PER_EMAIL: u64 = 5;
/// Unfinished sign-ups from one network address per window.
const PER_ADDRESS: u64 = 200;
const LONGEST_NAME: usize = 200;
/// A notice to a known address is worth sending for a day.
const NOTICE_USEFUL_FOR: TimeDelta = TimeDelta::days(1);

/// Starts a sign-up. A new address and a known one have the same answer, the same rows, the
/// same hashing and one mail each (C24); what the mail says is the only difference.
pub(crate) async fn begin_sign_up(
    directory: &Directory,
    tenant: TenantId,
    sign_up: SignUp,
) -> Result<SignUpTicket, SignUpRefusal> {
    let email = EmailAddress::parse(&sign_up.email).map_err(|_| SignUpRefusal::Email)?;
    check_password(sign_up.password.expose_secret(), &email).map_err(|_| SignUpRefusal::Password)?;
    let name = read_name(sign_up.name.as_deref())?;
    let locale = sign_up.locale.as_deref().filter(|tag| is_language_tag(tag)).map(str::to_owned);
    let keys = directory.keys.of(tenant).await?;
    let email_hash = keys.email_hash(email.key());

    let counters = counters(tenant, &keys, &email_hash, sign_up.address);
    count(directory, &counters).await?;
    let password = match directory.hash(sign_up.password).await {
        Ok(password) => password,
        Err(cause) => {
            let rows = counters.iter().map(|(key, _)| RowChange::Uncount { key: key.clone() }).collect();
            directory.store.commit(Write { rows, ..Write::default() }).await.map_err(not_written)?;
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
    directory.store.commit(Write { rows, tasks: vec![task], ..Write::default() }).await.map_err(not_written)?;
    directory.mail_queued.notify_one();
    Ok(ticket)
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

/// Counts a sign-up, or says how long to wait and counts nothing.
async fn count(directory: &Directory, counters: &[(RowKey, u64)]) -> Result<(), SignUpRefusal> {
    let expires_at = directory.clock.real() + WINDOW;
    let rows = counters.iter().map(|(key, _)| RowChange::Count { key: key.clone(), expires_at }).collect();
    let committed = directory.store.commit(Write { rows, ..Write::default() }).await.map_err(not_written)?;
    let over = counters.iter().zip(&committed.counts).find(|((_, limit), count)| *count > limit);
    let Some(((key, _), _)) = over else { return Ok(()) };
    let rows = counters.iter().map(|(key, _)| RowChange::Uncount { key: key.clone() }).collect();
    directory.store.commit(Write { rows, ..Write::default() }).await.map_err(not_written)?;
    let row = directory.store.row(key.tenant, key.kind, &key.key).await.map_err(PortError::from)?;
    Err(SignUpRefusal::Throttled { retry_after: directory.seconds_until(row.and_then(|row| row.expires_at)) })
}

fn read_name(typed: Option<&str>) -> Result<Option<String>, SignUpRefusal> {
    let name = typed.unwrap_or_default().trim();
    if name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(SignUpRefusal::Name);
    }
    Ok((!name.is_empty()).then(|| name.to_owned()))
}

/// Whether a tag looks like one of RFC 5646 2.1; a browser may send anything.
fn is_language_tag(tag: &str) -> bool {
    let is_subtag = |text: &str| (1..=8).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    tag.len() <= 35 && tag.split('-').all(is_subtag)
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
        let id = self.entropy.uuid4();
        Ok((letter.task(tenant, keys, id, real)?, Traced::Mail(id).row(tenant, email_hash, real)))
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

    #[test]
    fn a_language_tag_is_no_place_for_more() {
        assert!(is_language_tag("de") && is_language_tag("en-GB") && is_language_tag("zh-Hant-TW"));
        assert!(!is_language_tag("") && !is_language_tag("de,en;q=0.8") && !is_language_tag("<b>"));
    }
}
