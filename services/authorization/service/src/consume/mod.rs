//! What this service follows beside its copies and sandboxes' clocks.

mod ended_grants;

pub(crate) use ended_grants::EndedGrants;
