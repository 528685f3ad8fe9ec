//! The operator's commands: calls of the admin API.

mod api;
mod client;
mod delta;
mod key;
mod knob;
mod profile;
mod tenant;
mod user;
mod webhook;

pub use client::client;
pub use key::key;
pub use profile::profile;
pub use tenant::tenant;
pub use user::user;
pub use webhook::webhook;

use crate::failure::Failure;

/// The `--tenant` that commands about clients, users and keys need.
fn named(tenant: &str) -> Result<&str, Failure> {
    if tenant.is_empty() { Err(Failure::Usage("say which tenant: --tenant SLUG".into())) } else { Ok(tenant) }
}
