//! Webhooks: the endpoints of a developer's own client under `/clients/{client_id}/webhooks`, and
//! those of the tenant itself, for its staff, under `/webhooks`. The same pages for both.

mod act;
mod deliveries;
mod form;
mod place;
mod show;

pub(super) use act::{act, create};
pub(super) use deliveries::{delivery, resend};
pub(super) use place::has_webhooks;
pub(super) use show::{endpoint, list};

/// The tenant's own endpoints.
pub(super) const OWN: &str = "/webhooks";
pub(super) const OWN_ENDPOINT: &str = "/webhooks/{webhook}";
pub(super) const OWN_DELIVERY: &str = "/webhooks/{webhook}/deliveries/{message}";
/// Those of a client.
pub(super) const OF_CLIENT: &str = "/clients/{client_id}/webhooks";
pub(super) const ENDPOINT: &str = "/clients/{client_id}/webhooks/{webhook}";
pub(super) const DELIVERY: &str = "/clients/{client_id}/webhooks/{webhook}/deliveries/{message}";
