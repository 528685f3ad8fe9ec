//! What sign-up and reset have in common: anybody may ask for a mail to any address. That is
//! counted before anything is done, and so are the codes that are tried.

use chrono::TimeDelta;
use grantor_ids::TenantId;
use grantor_ports::{EntropyExt, PortError};
use grantor_store::{RowChange, RowKey, TaskChange, Write};

use crate::{
    Directory,
    failure::not_written,
    keys::DirectoryKeys,
    mail::Letter,
    rows,
    sign_up::{LIFETIME, Traced},
};

const WINDOW: TimeDelta = TimeDelta::hours(1);
/// Mails per ticket, beside the first.
const RESENDS: u64 = 3;

/// Counts a request under each of these keys with their limits. `Some`: the seconds to wait, and
/// nothing is counted.
pub(crate) async fn count(directory: &Directory, counters: &[(RowKey, u64)]) -> Result<Option<u32>, PortError> {
    let expires_at = directory.clock.real() + WINDOW;
    let rows = counters.iter().map(|(key, _)| RowChange::Count { key: key.clone(), expires_at }).collect();
    let committed = directory.store.commit(Write { rows, ..Write::default() }).await.map_err(not_written)?;
    let over = counters.iter().zip(&committed.counts).find(|((_, limit), count)| *count > limit);
    let Some(((key, _), _)) = over else { return Ok(None) };
    take_back(directory, counters).await?;
    let row = directory.store.row(key.tenant, key.kind, &key.key).await.map_err(PortError::from)?;
    Ok(Some(directory.seconds_until(row.and_then(|row| row.expires_at))))
}

/// The request does not count: nothing came of it.
pub(crate) async fn take_back(directory: &Directory, counters: &[(RowKey, u64)]) -> Result<(), PortError> {
    let rows = counters.iter().map(|(key, _)| RowChange::Uncount { key: key.clone() }).collect();
    directory.store.commit(Write { rows, ..Write::default() }).await.map(drop).map_err(not_written)
}

/// Counts a try before it is looked at, so that parallel tries are not free.
pub(crate) async fn count_try(directory: &Directory, tenant: TenantId, ticket: &[u8; 32]) -> Result<u64, PortError> {
    let key = RowKey::new(tenant, rows::TRIES, *ticket);
    let count = RowChange::Count { key, expires_at: directory.clock.real() + LIFETIME };
    let committed = directory.store.commit(Write { rows: vec![count], ..Write::default() }).await;
    Ok(committed.map_err(not_written)?.counts.first().copied().unwrap_or(u64::MAX))
}

/// Counts a mail that is sent again; `false` when there were too many.
pub(crate) async fn count_resend(
    directory: &Directory,
    tenant: TenantId,
    ticket: &[u8; 32],
) -> Result<bool, PortError> {
    let key = RowKey::new(tenant, rows::RESENDS, *ticket);
    let count = RowChange::Count { key, expires_at: directory.clock.real() + LIFETIME };
    let committed = directory.store.commit(Write { rows: vec![count], ..Write::default() }).await;
    Ok(committed.map_err(not_written)?.counts.iter().all(|count| *count <= RESENDS))
}

/// The task that sends a letter, and its trace.
pub(crate) fn post(
    directory: &Directory,
    tenant: TenantId,
    keys: &DirectoryKeys,
    letter: &Letter,
    email_hash: &[u8; 32],
) -> Result<(TaskChange, RowChange), PortError> {
    let (id, real) = (directory.entropy.uuid4(), directory.clock.real());
    Ok((letter.task(tenant, keys, id, real)?, Traced::Mail(id).row(tenant, email_hash, real)))
}

/// Queues a mail with the rows that go with it.
pub(crate) async fn send(directory: &Directory, task: TaskChange, rows: Vec<RowChange>) -> Result<(), PortError> {
    let write = Write { rows, tasks: vec![task], ..Write::default() };
    directory.store.commit(write).await.map_err(not_written)?;
    directory.mail_queued.notify_one();
    Ok(())
}

/// Whether a tag looks like one of RFC 5646 2.1; a browser may send anything.
pub(crate) fn is_language_tag(tag: &str) -> bool {
    let is_subtag = |text: &str| (1..=8).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    tag.len() <= 35 && tag.split('-').all(is_subtag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_tag_is_no_place_for_more() {
        assert!(is_language_tag("de") && is_language_tag("en-GB") && is_language_tag("zh-Hant-TW"));
        assert!(!is_language_tag("") && !is_language_tag("de,en;q=0.8") && !is_language_tag("<b>"));
    }
}
