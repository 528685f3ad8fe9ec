//! The tenants' keys in one service's own database.
//!
//! The root key wraps a key per tenant; that key wraps one for the tenant's secrets and, where
//! a service keeps personal data, one per person. Wrapped keys are rows; what they open is kept
//! in memory for as long as there is room.

mod failure;
mod ring;
mod rotation;
mod tenant;

pub use failure::{not_opened, not_read};
pub use ring::Keyring;
pub use rotation::{rewrap_all, wrapped_by};
pub use tenant::TenantKeys;
