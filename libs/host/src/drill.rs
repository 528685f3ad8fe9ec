use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use grantor_ports::{Drill, Drilled, Point};

use crate::StartError;

/// Ends the process, without a word, when it passes a point the n-th time.
struct End {
    point: Point,
    left: AtomicUsize,
}

#[async_trait]
impl Drill for End {
    async fn at(&self, point: Point) {
        if point == self.point && self.left.fetch_sub(1, Ordering::SeqCst) == 1 {
            std::process::abort();
        }
    }
}

/// The drill that a word such as `committed:3` asks for.
///
/// # Errors
/// When there is no such point, or no number.
pub fn drill(word: &str) -> Result<Drilled, StartError> {
    let refused = |problem: String| StartError::setting("GRANTOR_DRILL", problem);
    let (name, nth) = word.split_once(':').ok_or_else(|| refused(format!("`{word}` is not `point:number`")))?;
    let point = name.parse().map_err(|cause: grantor_ports::NoSuchPoint| refused(cause.to_string()))?;
    let nth: usize = nth.parse().map_err(|_| refused(format!("`{nth}` is no number")))?;
    Ok(Arc::new(End { point, left: AtomicUsize::new(nth) }).into())
}
