use std::net::IpAddr;

use grantor_directory_domain::{EmailAddress, User};
use grantor_ids::{TenantId, UserId};
use grantor_ports::{PortError, Reset, ResetRefusal, ResetTicket, network};
use grantor_store::RowKey;
use uuid::Uuid;

use crate::{
    Directory,
    keys::DirectoryKeys,
    requests,
    reset::{self, Pending, Whose},
    rows,
    sign_up::{self, LIFETIME, Traced},
};

/// Unfinished resets with one address per window: with all that can be sent again, twenty mails.
const PER_EMAIL: u64 = 5;
/// Unfinished resets from one network address per window.
const PER_ADDRESS: u64 = 200;

/// Starts the reset of a forgotten password. Whether there is a user with this address, and
/// whether they may log in, changes neither the answer nor the rows nor the number of mails
/// (C24); what the mail says is the only difference.
pub(crate) async fn begin_reset(
    directory: &Directory,
    tenant: TenantId,
    wanted: Reset,
) -> Result<ResetTicket, ResetRefusal> {
    let email = EmailAddress::parse(&wanted.email).map_err(|_| ResetRefusal::Email)?;
    let locale = wanted.locale.as_deref().filter(|tag| requests::is_language_tag(tag)).map(str::to_owned);
    let keys = directory.keys.of(tenant).await?;
    let email_hash = keys.email_hash(email.key());
    // The same reads for a user that there is not.
    let id = directory.find_id(tenant, &email_hash).await?.unwrap_or(UserId::from_uuid(Uuid::nil()));
    let known = directory.known_addresses(tenant, id).await?.has(&keys, id, wanted.address);

    let counters = counters(tenant, &keys, &email_hash, wanted.address, known);
    if let Some(retry_after) = requests::count(directory, &counters).await? {
        return Err(ResetRefusal::Throttled { retry_after });
    }
    let found = who(directory, tenant, id).await?;
    let (ticket, hash) = sign_up::new_ticket(directory);
    let (email, user) = match found {
        // Not as typed: mail servers may tell `Ada@` from `ada@`, and the code is the owner's.
        Some((stored, user)) => (stored, Some(user)),
        None => (email.as_str().to_owned(), None),
    };
    let pending = Pending {
        email,
        locale,
        user,
        expires_at: directory.clock.now(tenant) + LIFETIME,
        counted: counters.iter().map(|(key, _)| sign_up::counter_to_text(&key.key)).collect(),
    };
    let real = directory.clock.real();
    let (task, trace) = directory.reset_letter(tenant, &keys, &hash, &pending, &email_hash)?;
    let row = reset::row(tenant, &keys, &hash, &pending, real)?;
    requests::send(directory, task, vec![row, Traced::Ticket(hash).row(tenant, &email_hash, real), trace]).await?;
    Ok(ResetTicket(ticket))
}

/// The user, with their address, if a new password would let them in. An address that nobody
/// has confirmed does not count: the code could go to a stranger.
async fn who(directory: &Directory, tenant: TenantId, id: UserId) -> Result<Option<(String, Whose)>, PortError> {
    let Some(found) = directory.find(tenant, id).await? else {
        directory.keys.subject(tenant, id).await?;
        return Ok(None);
    };
    let may_log_in = matches!(&found.state, User::Active(account) if account.email_verified);
    let profile = found.profile()?.filter(|_| may_log_in);
    let email = profile.and_then(|profile| profile.email).filter(|email| EmailAddress::parse(email).is_ok());
    Ok(email.map(|email| (email, Whose { id, version: found.version })))
}

/// The counters of a reset, with their limits. As at login, whoever uses up an address' budget
/// does not keep its owner out, who asks from where they have logged in before (C26).
fn counters(
    tenant: TenantId,
    keys: &DirectoryKeys,
    email_hash: &[u8; 32],
    address: Option<IpAddr>,
    known: bool,
) -> Vec<(RowKey, u64)> {
    let counter = |parts: &[&[u8]]| RowKey::new(tenant, rows::SIGN_UPS, keys.counter(parts));
    let place = address.map(network);
    let email = match &place {
        Some(place) if known => counter(&[b"reset_pair", email_hash, place.as_bytes()]),
        _ => counter(&[b"reset_email", email_hash]),
    };
    let address = place.map(|place| (counter(&[b"reset_address", place.as_bytes()]), PER_ADDRESS));
    std::iter::once((email, PER_EMAIL)).chain(address).collect()
}
