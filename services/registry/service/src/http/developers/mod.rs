//! The developers' portal: what an integrator reads, and their own clients at a glance.

mod dashboard;
mod examples;
mod menu;
mod oauth;
mod security;
mod start;
mod templates;

pub(super) use dashboard::show as dashboard;
pub(super) use menu::menu;
pub(super) use oauth::show as oauth;
pub(super) use security::show as security;
pub(super) use start::show as start;
pub(super) use templates::show as templates;

use grantor_pages::Frame;
use grantor_web::{Answer, Call};

use super::{framed, lang, visitor};
use crate::Registry;

pub(super) const START: &str = "/developers";
pub(super) const SECURITY: &str = "/developers/security";
pub(super) const OAUTH: &str = "/developers/oauth";
pub(super) const TEMPLATES: &str = "/developers/templates";
pub(super) const DASHBOARD: &str = "/developers/dashboard";

/// The frame of a page that anybody may read, with the name of whoever is signed in.
async fn open_frame(registry: &Registry, call: &Call) -> Result<(Frame, Option<visitor::Visitor>), Answer> {
    let visitor = visitor::present(registry, call).await?;
    let frame = framed(call, lang(call));
    Ok(match visitor {
        Some(visitor) => (visitor.frame(call, frame), Some(visitor)),
        None => (frame, None),
    })
}
