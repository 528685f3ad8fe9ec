use std::{fmt, str::FromStr, sync::Arc};

use async_trait::async_trait;

/// A place where a process can be cut off or held up, for drills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// A write is about to go to the store.
    Append,
    /// A batch is written, and its transaction is open.
    Written,
    /// A write is committed; nobody has been told.
    Committed,
    /// Records are with the broker's client; the broker has not acknowledged them.
    Produced,
    /// The broker has acknowledged records; the relay's cursor has not moved.
    Acknowledged,
    /// A consumer's effects are committed; its offset is not.
    Handled,
    /// Tasks are claimed; nothing has been done for them.
    Claimed,
    /// An endpoint has answered a call; its result is not written.
    Answered,
}

impl Point {
    /// Every one.
    pub const ALL: [Self; 8] = [
        Self::Append,
        Self::Written,
        Self::Committed,
        Self::Produced,
        Self::Acknowledged,
        Self::Handled,
        Self::Claimed,
        Self::Answered,
    ];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Append => "append",
            Self::Written => "written",
            Self::Committed => "committed",
            Self::Produced => "produced",
            Self::Acknowledged => "acknowledged",
            Self::Handled => "handled",
            Self::Claimed => "claimed",
            Self::Answered => "answered",
        }
    }
}

/// No point has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no point of a drill")]
pub struct NoSuchPoint(String);

impl FromStr for Point {
    type Err = NoSuchPoint;

    fn from_str(name: &str) -> Result<Self, NoSuchPoint> {
        Self::ALL.into_iter().find(|point| point.name() == name).ok_or_else(|| NoSuchPoint(name.to_owned()))
    }
}

/// Cuts somebody off, or holds them up.
#[async_trait]
pub trait Drill: Send + Sync + 'static {
    /// Called at every point; who passes it goes on when it returns.
    async fn at(&self, point: Point);
}

/// The drill that is going on, if one is; none by default. Cheap to clone.
#[derive(Clone, Default)]
pub struct Drilled(Option<Arc<dyn Drill>>);

impl<D: Drill> From<Arc<D>> for Drilled {
    fn from(drill: Arc<D>) -> Self {
        Self(Some(drill))
    }
}

impl fmt::Debug for Drilled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Drilled").field(&self.0.is_some()).finish()
    }
}

impl Drilled {
    /// Whether there is one; whoever has no way to wait asks first.
    pub const fn is_some(&self) -> bool {
        self.0.is_some()
    }

    /// Says that somebody passes a point.
    pub async fn reached(&self, point: Point) {
        if let Some(drill) = &self.0 {
            drill.at(point).await;
        }
    }
}
