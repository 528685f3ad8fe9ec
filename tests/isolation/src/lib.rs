//! What the isolation tests share: a client that can send what no library would, the paths of
//! every route, twins that differ in nothing but their tenant, a certificate authority, and the
//! binary.

mod authority;
mod paths;
mod program;
mod twins;
mod wire;

pub use authority::TestAuthority;
pub use paths::{admin_path, base_of, is_served, tenant_path, whole};
pub use program::{Outcome, Program};
pub use twins::{Side, Twins, Way, redeem};
pub use wire::{Ask, Reply, send, send_bytes};
