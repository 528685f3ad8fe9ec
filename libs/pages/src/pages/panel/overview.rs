use askama::Template;
use chrono::{DateTime, Utc};

use super::PanelClientRow;
use crate::Frame;

/// The first page of the dashboard: what waits, what is not well.
#[derive(Clone, Template)]
#[template(path = "panel_overview.html")]
pub struct PanelOverview {
    /// What every page shares.
    pub frame: Frame,
    /// How many there are; `None` while that is not known.
    pub figures: Option<PanelFigures>,
    /// The first clients of the queue; `None` while they are not known.
    pub waiting: Option<Vec<PanelClientRow>>,
    /// Webhook endpoints that are left alone because they failed too often; `None` while that is not known.
    pub failing: Option<Vec<PanelFailing>>,
    /// The processes of the deployment that this one knows, itself first.
    pub processes: Vec<PanelProcess>,
}

/// A process.
#[derive(Clone)]
pub struct PanelProcess {
    /// The services that run in it.
    pub services: Vec<String>,
    /// What it needs, and whether it has it; `None` when it does not answer.
    pub checks: Option<Vec<PanelCheck>>,
}

/// How many there are.
#[derive(Debug, Clone, Copy)]
pub struct PanelFigures {
    /// Tenants that answer.
    pub active: u64,
    /// Tenants that refuse everything.
    pub suspended: u64,
    /// Clients that wait for a decision.
    pub waiting: u64,
}

/// A webhook endpoint that fails.
#[derive(Clone)]
pub struct PanelFailing {
    /// Its tenant's name.
    pub tenant: String,
    /// Where it is.
    pub url: String,
    /// Since when it fails.
    pub since: Option<DateTime<Utc>>,
    /// When it is tried next.
    pub next: Option<DateTime<Utc>>,
    /// Deliveries that wait for it.
    pub pending: u64,
    /// Its page: a path without the base.
    pub path: String,
}

/// One thing that the process needs.
#[derive(Clone)]
pub struct PanelCheck {
    /// What, as `/ready` names it.
    pub name: String,
    /// Whether it is well.
    pub ready: bool,
    /// Events that it set aside.
    pub aside: u64,
    /// More about it.
    pub note: Option<String>,
}

impl PanelProcess {
    fn is_well(&self) -> bool {
        self.checks.as_ref().is_some_and(|checks| checks.iter().all(|check| check.ready && check.aside == 0))
    }

    fn name(&self) -> String {
        self.services.join(", ")
    }
}

impl PanelOverview {
    fn is_well(&self) -> bool {
        self.processes.iter().all(PanelProcess::is_well)
    }

    /// Whether the queue has more than is shown.
    fn has_more(&self) -> bool {
        let shown = self.waiting.as_ref().map_or(0, Vec::len) as u64;
        self.figures.is_some_and(|figures| figures.waiting > shown)
    }
}
