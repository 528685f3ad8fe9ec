//! Connections that are kept for the next call of the same owner to the same place.

use std::{collections::HashMap, time::Duration};

use bytes::Bytes;
use http_body_util::Full;
use hyper::client::conn::http1::SendRequest;
use parking_lot::Mutex;
use tokio::{task::AbortHandle, time::Instant};
use uuid::Uuid;

/// A connection is used no longer than this, and kept idle no longer than that.
const LONGEST_LIFE: Duration = Duration::from_secs(300);
const LONGEST_REST: Duration = Duration::from_secs(30);
/// Kept per owner and place (as many as may be in use at a time, or a busy one would open some anew all
/// the time), and places in all.
const MOST_EACH: usize = 32;
const MOST: usize = 1024;

/// One connection; closed when dropped.
pub(super) struct Line {
    pub send: SendRequest<Full<Bytes>>,
    pub born: Instant,
    pub task: AbortHandle,
}

impl Drop for Line {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Whose, and where to.
pub(super) type Place = (Uuid, String);

#[derive(Default)]
pub(super) struct Pool {
    idle: Mutex<HashMap<Place, Vec<(Line, Instant)>>>,
}

impl Pool {
    pub fn take(&self, place: &Place) -> Option<Line> {
        let mut idle = self.idle.lock();
        let lines = idle.get_mut(place)?;
        let mut found = None;
        while let Some((line, since)) = lines.pop() {
            if !line.send.is_closed() && line.born.elapsed() < LONGEST_LIFE && since.elapsed() < LONGEST_REST {
                found = Some(line);
                break;
            }
        }
        if lines.is_empty() {
            idle.remove(place);
        }
        found
    }

    pub fn give_back(&self, place: Place, line: Line) {
        let now = Instant::now();
        let mut idle = self.idle.lock();
        if idle.len() >= MOST {
            idle.retain(|_, lines| {
                lines.retain(|(line, since)| !line.send.is_closed() && since.elapsed() < LONGEST_REST);
                !lines.is_empty()
            });
        }
        if idle.len() < MOST {
            let lines = idle.entry(place).or_default();
            if lines.len() < MOST_EACH {
                lines.push((line, now));
            }
        }
    }
}
