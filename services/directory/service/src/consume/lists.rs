use async_trait::async_trait;
use grantor_bus::{Consumer, HandleError};
use grantor_directory_domain::User;
use grantor_eventsourcing::{AggregateType, Envelope};
use grantor_ids::UserId;
use grantor_store::{ListChange, Store, Write};
use serde::{Deserialize, Serialize};

/// Names the reader's cursor.
pub(crate) const READER: &str = "directory.lists";
/// The list of a tenant's users, newest first.
pub(crate) const USERS: &str = "users";

/// An item of the list: nothing personal. The rest is read, and opened, when it is shown.
#[derive(Serialize, Deserialize)]
pub(crate) struct UserItem {
    pub id: UserId,
}

/// Keeps the list of users.
pub(crate) struct Lists {
    store: Store,
}

impl Lists {
    pub fn new(store: Store) -> Self {
        Self { store }
    }
}

#[async_trait]
impl Consumer for Lists {
    fn name(&self) -> &'static str {
        READER
    }

    fn wants(&self, event_type: &str) -> bool {
        event_type == "identity.user.created"
    }

    async fn handle(&self, event: &Envelope) -> Result<Write, HandleError> {
        if event.aggregate_type != AggregateType::User {
            return Ok(Write::default());
        }
        let loaded = self.store.load::<User>(event.tenant, event.aggregate_id).await;
        let loaded = loaded.map_err(|cause| HandleError::Again(cause.to_string()))?;
        let Some(created_at) = loaded.state.created_at() else { return Ok(Write::default()) };
        let id = UserId::from_uuid(event.aggregate_id);
        let data = serde_json::to_vec(&UserItem { id }).map_err(|cause| HandleError::Poison(cause.to_string()))?;
        let put = ListChange::Put {
            tenant: event.tenant,
            list: USERS,
            owner: String::new(),
            sort: newest_first(created_at.timestamp_millis()),
            id: id.to_string(),
            version: event.version,
            data,
        };
        Ok(Write { lists: vec![put], ..Write::default() })
    }
}

/// Later instants sort before earlier ones.
fn newest_first(millis: i64) -> String {
    format!("{:016x}", u64::MAX - millis.max(0).unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_come_first() {
        assert!(newest_first(2) < newest_first(1));
        assert_eq!(newest_first(0).len(), newest_first(i64::MAX).len());
    }
}
