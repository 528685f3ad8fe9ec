//! One scene a file.

mod delay;
mod fanout;
mod isolation;
mod memory;
mod rate;
mod recovery;
mod retries;

pub use delay::delay;
pub use fanout::fanout;
pub use isolation::isolation;
pub use memory::memory;
pub use rate::rate;
pub use recovery::recovery;
pub use retries::retries;

use std::time::Duration;

use super::receiver::Seen;
use crate::Failure;

/// Whatever takes longer does not end.
const PATIENCE: Duration = Duration::from_secs(900);
/// Everything that is asked of it twice is in this range of tenants.
const HEALTHY: u64 = 0;
/// The first tenant of those whose endpoints are dead.
const DEAD: u64 = 1000;

/// Counts here stay far below 2⁵³.
#[expect(clippy::cast_precision_loss, reason = "counts of one run")]
const fn count(number: u64) -> f64 {
    number as f64
}

/// The value that so many of a hundred are not above.
fn percentile(sorted: &[i64], of_a_hundred: usize) -> i64 {
    let at = (sorted.len() * of_a_hundred / 100).min(sorted.len().saturating_sub(1));
    sorted.get(at).copied().unwrap_or_default()
}

/// Microseconds from commit to arrival of these events, sorted; fails when one has not arrived.
fn delays(seen: &Seen, first: u64, committed: &[i64]) -> Result<Vec<i64>, Failure> {
    let mut delays = Vec::with_capacity(committed.len());
    for (event, at) in (first..).zip(committed) {
        delays.push(seen.at(event).ok_or("an event has not arrived")? - at);
    }
    delays.sort_unstable();
    Ok(delays)
}

/// Such as `p50 2.1 ms, p99 7.9 ms, most 12.0 ms`.
fn shown(delays: &[i64]) -> String {
    let millis = |micros: i64| {
        #[expect(clippy::cast_precision_loss, reason = "times of one run")]
        let micros = micros as f64;
        micros / 1000.0
    };
    let [middle, most_of_all, most] = [50, 99, 100].map(|of| millis(percentile(delays, of)));
    format!("p50 {middle:.1} ms, p99 {most_of_all:.1} ms, most {most:.1} ms")
}
