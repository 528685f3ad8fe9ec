//! A service's own log, page by page: the archive behind the pipe, for `GET /internal/events`.

use grantor_contracts::{Message, platform::v1::EventPage};
use grantor_eventsourcing::Position;
use grantor_store::{Log, Store, StoreError};

use crate::kafka::to_proto;

/// Records of a page, at most.
pub const LARGEST_PAGE: u32 = 1000;

/// Why there is no page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    /// `after` is none of the words that a page ended with.
    #[error("`after` is not the `next` of an earlier page")]
    After,
    /// The database did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The records after a place, oldest first: a `platform.v1.EventPage` and, for convenience, its
/// `next`. `after` is the `next` of the page before; empty or absent for the first.
pub async fn events_after(
    store: &Store,
    log: Log,
    after: Option<&str>,
    limit: u32,
) -> Result<(Vec<u8>, String), PageError> {
    let at = match after.filter(|text| !text.is_empty()) {
        Some(text) => place(text).ok_or(PageError::After)?,
        None => Position::START,
    };
    let events = store.read_log(log, at, limit.clamp(1, LARGEST_PAGE)).await?;
    let next = word(events.last().map_or(at, |event| event.position));
    let page = EventPage { events: events.iter().map(to_proto).collect(), next: next.clone() };
    Ok((page.encode_to_vec(), next))
}

/// A place as a word of an address: nothing in it needs escaping.
fn word(at: Position) -> String {
    format!("{}.{}.{}", at.epoch, at.txid, at.seq)
}

fn place(text: &str) -> Option<Position> {
    let mut numbers = text.split('.');
    let at = Position {
        epoch: numbers.next()?.parse().ok()?,
        txid: numbers.next()?.parse().ok()?,
        seq: numbers.next()?.parse().ok()?,
    };
    numbers.next().is_none().then_some(at)
}
