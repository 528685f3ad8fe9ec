use grantor_eventsourcing::Timestamp;
use grantor_ids::TenantId;
use grantor_ports::PortError;
use grantor_store::{DueTask, NewTask, TaskChange};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::TASK;
use crate::{failure::not_read, keys::DirectoryKeys};

/// The languages mails are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Language {
    English,
    German,
}

impl Language {
    /// The best for a language tag (RFC 5646), English by default.
    pub fn of(tag: Option<&str>) -> Self {
        let primary = tag.unwrap_or_default().split(['-', '_']).next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("de") { Self::German } else { Self::English }
    }
}

/// What a mail says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "says", rename_all = "snake_case")]
pub(crate) enum Message {
    /// The code of a sign-up.
    Code { code: String },
    /// Somebody tried to sign up with an address that has a user.
    Known,
    /// The code of a reset.
    Reset { code: String },
    /// Somebody wanted to reset the password of an address that nobody can log in with.
    NoReset,
    /// The code of an invitation to the tenant's own staff.
    Invitation { code: String },
    /// What they gave to an app was ended by somebody else.
    Revoked { app: String },
}

/// A mail that waits to be sent. Never logged.
#[derive(Serialize, Deserialize)]
pub(crate) struct Letter {
    pub to: String,
    pub language: Language,
    #[serde(flatten)]
    pub message: Message,
    /// By the real clock; it is not sent any more afterwards.
    pub useful_until: Timestamp,
}

impl Letter {
    /// The task that sends it, sealed.
    pub fn task(
        &self,
        tenant: TenantId,
        keys: &DirectoryKeys,
        id: Uuid,
        due_at: Timestamp,
    ) -> Result<TaskChange, PortError> {
        let plain = Zeroizing::new(serde_json::to_vec(self).map_err(not_read("mail"))?);
        let data = keys.seal(TASK, id.as_bytes(), &plain);
        Ok(TaskChange::Add(NewTask { id, tenant, kind: TASK, data, due_at }))
    }

    /// The mail of a task.
    pub fn read(keys: &DirectoryKeys, task: &DueTask) -> Result<Self, PortError> {
        let plain = keys.open(TASK, task.id.as_bytes(), &task.data)?;
        serde_json::from_slice(&plain).map_err(not_read("mail"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_follows_the_tag() {
        for tag in ["de", "de-AT", "DE", "de_CH"] {
            assert_eq!(Language::of(Some(tag)), Language::German, "{tag}");
        }
        for tag in [None, Some("en"), Some("den"), Some(""), Some("fr")] {
            assert_eq!(Language::of(tag), Language::English, "{tag:?}");
        }
    }
}
