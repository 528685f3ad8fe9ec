//! The id by which receivers know an event.

use grantor_ids::{EventId, TenantId};
use uuid::Uuid;

/// `webhook-id` is `evt_` and this: the same for the same event of the same tenant, for ever,
/// however often it comes, is sent, or is asked for again.
pub fn message_id(tenant: TenantId, event: EventId) -> EventId {
    EventId::from_uuid(Uuid::new_v5(&tenant.uuid(), event.uuid().as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_derived_and_has_no_dot() {
        let (tenant, event) = (TenantId::from_uuid(Uuid::from_u128(1)), EventId::from_uuid(Uuid::from_u128(2)));
        let id = message_id(tenant, event);
        assert_eq!(id, message_id(tenant, event));
        assert_ne!(id, message_id(TenantId::from_uuid(Uuid::from_u128(3)), event));
        assert_ne!(id.uuid(), event.uuid(), "it does not give away when it was made");
        let text = id.to_string();
        assert!(text.starts_with("evt_") && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'), "{text}");
    }
}
