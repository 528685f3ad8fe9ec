use std::{
    collections::BTreeSet,
    fs::File,
    io::Write as _,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
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

/// Writes each point down that the process passes, once.
struct Tell(Mutex<(File, BTreeSet<&'static str>)>);

#[async_trait]
impl Drill for Tell {
    async fn at(&self, point: Point) {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (file, known) = &mut *told;
        if known.insert(point.name()) {
            // Whoever reads it sees what is missing.
            let _ = writeln!(file, "{}", point.name());
        }
    }
}

/// The drill that a word such as `committed:3` asks for; with `tell:FILE` nobody is ended, and the
/// points that are passed are written into that file.
///
/// # Errors
/// When there is no such point, no number, or no such file.
pub fn drill(word: &str) -> Result<Drilled, StartError> {
    let refused = |problem: String| StartError::setting("GRANTOR_DRILL", problem);
    let (name, nth) = word.split_once(':').ok_or_else(|| refused(format!("`{word}` is not `point:number`")))?;
    if name == "tell" {
        let file = File::options().create(true).append(true).open(nth).map_err(StartError::file(nth))?;
        return Ok(Arc::new(Tell(Mutex::new((file, BTreeSet::new())))).into());
    }
    let point = name.parse().map_err(|cause: grantor_ports::NoSuchPoint| refused(cause.to_string()))?;
    let nth: usize = nth.parse().map_err(|_| refused(format!("`{nth}` is no number")))?;
    Ok(Arc::new(End { point, left: AtomicUsize::new(nth) }).into())
}
