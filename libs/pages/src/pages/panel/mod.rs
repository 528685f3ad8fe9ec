//! The operators' dashboard.

mod clients;
mod operators;
mod overview;
mod profile;
mod tenant;
mod tenants;
mod timeline;
mod users;

pub use clients::{PanelClient, PanelClientNotice, PanelClientRow, PanelClients, PanelPerson};
pub use operators::{PanelOperatorRow, PanelOperators, PanelOperatorsNotice, PanelToken};
pub use overview::{PanelCheck, PanelFailing, PanelFigures, PanelOverview, PanelProcess};
pub use profile::{PanelProfile, PanelSetting, PanelWeakness};
pub use tenant::{PanelCounts, PanelKey, PanelTenant, PanelTenantNotice};
pub use tenants::{PanelNewTenant, PanelTenantKind, PanelTenantProblem, PanelTenantRow, PanelTenants};
pub use timeline::{PanelActor, PanelEvent, PanelEventChange, PanelTimeline};
pub use users::{PanelGrant, PanelUser, PanelUserNotice, PanelUserRow, PanelUserState, PanelUsers};

use crate::Frame;

/// The tenant that a page is about.
#[derive(Clone)]
pub struct PanelPlace {
    /// Its word in paths.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Whether it refuses everything.
    pub suspended: bool,
}

/// A part of what there is to see of a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    /// Itself.
    Tenant,
    /// Its profile.
    Profile,
    /// Its clients.
    Clients,
    /// Its users.
    Users,
    /// Where its partners are told what happens.
    Webhooks,
    /// What happened.
    Timeline,
}

/// One of the tabs above a tenant's pages.
pub(crate) struct Tab {
    pub label: &'static str,
    pub path: String,
    pub current: bool,
}

/// The tabs of a tenant's webhooks, whose pages are also those of partners and of staff.
pub(crate) fn webhook_tabs(place: &PanelPlace, frame: &Frame) -> Vec<Tab> {
    place.tabs(frame, Section::Webhooks)
}

impl PanelPlace {
    pub(crate) fn path(&self) -> String {
        format!("/tenants/{}", self.slug)
    }

    pub(crate) fn tabs(&self, frame: &Frame, current: Section) -> Vec<Tab> {
        let t = frame.texts().panel;
        let tab = |section, label, part: &str| Tab {
            label,
            path: format!("{}{part}", self.path()),
            current: section == current,
        };
        vec![
            tab(Section::Tenant, t.tenant, ""),
            tab(Section::Profile, t.profile, "/profile"),
            tab(Section::Clients, t.clients, "/clients"),
            tab(Section::Users, t.users, "/users"),
            tab(Section::Webhooks, frame.texts().webhooks.title, "/webhooks"),
            tab(Section::Timeline, t.timeline, "/timeline"),
        ]
    }
}
