//! Tenants do not see each other, and strangers see nothing but errors.

mod addressing;
mod admin;
mod bad_admin_input;
mod bad_input;
mod closing;
mod cors;
mod flows;
mod fuzz;
mod guides;
mod list;
mod mistakes;
#[path = "../../../../libs/profile/tests/it/mutate.rs"]
mod mutate;
mod panel;
mod program;
mod races;
mod telemetry;
mod tenant_cases;
