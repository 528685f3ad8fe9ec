use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::PortError;

/// One thing that a process needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// What.
    pub name: String,
    /// Whether the process can do its work, as far as this goes.
    pub ready: bool,
    /// Events that it could not handle and set aside, with all that follow in their streams. Somebody has
    /// to look at them; everything else goes on.
    #[serde(default)]
    pub aside: u64,
    /// More about it, for people: how far behind, how old.
    #[serde(default)]
    pub note: Option<String>,
}

/// How a process does: this one, or another of the same deployment.
#[async_trait]
pub trait Health: Send + Sync + 'static {
    /// Everything that it needs, in a fixed order.
    async fn checks(&self) -> Result<Vec<Check>, PortError>;
}
