use grantor_contracts::{Message, platform::v1::StateSnapshot};
use grantor_eventsourcing::{Encoded, Version};
use serde::Serialize;

/// Event type of a tenant's state record.
pub const TENANT_STATE: &str = "platform.tenant.state";
/// Event type of a client's state record.
pub const CLIENT_STATE: &str = "oauth.client.state";
/// Event type of a user's status record.
pub const USER_STATE: &str = "identity.user.state";

/// An owner's state record: the view after one more event, for those who hold copies.
pub struct Snapshot;

impl Snapshot {
    /// Encodes a view; `None` when the source is gone. `key` is its key in the copies.
    pub fn encode(event_type: &'static str, key: String, version: Version, view: Option<&impl Serialize>) -> Encoded {
        // Views are plain records: they always have a JSON form.
        let view = view.map(|view| serde_json::to_vec(view).unwrap_or_default()).unwrap_or_default();
        let payload = StateSnapshot { version, key, view }.encode_to_vec().into();
        Encoded { event_type, schema_version: 1, payload }
    }
}
