//! The first page: what waits, what is not well, how many tenants there are.

use grantor_pages::{MenuPage, Page as _, PanelCheck, PanelFailing, PanelFigures, PanelOverview};
use grantor_ports::FailingWebhook;
use grantor_web::Answer;

use super::{Halt, Outcome, Visit, waiting};
use crate::Console;

/// Clients of the queue that the first page shows.
const FIRST: u32 = 5;
/// Endpoints that fail, of all tenants, that it shows.
const FIRST_FAILING: u32 = 20;

/// `GET /`. What cannot be asked now is said to be so; the rest is shown.
pub(super) async fn show(console: &Console, visit: &Visit) -> Outcome {
    let figures = console.registry_admin.figures().await.ok();
    let checks = (console.readiness)().await;
    let failing = match console.webhook_deliveries.failing_webhooks(FIRST_FAILING).await {
        Ok(found) => Some(failing(console, found).await?),
        Err(_) => None,
    };
    let page = PanelOverview {
        frame: visit.frame(Some(MenuPage::Overview)),
        figures: figures.map(|figures| PanelFigures {
            active: figures.active,
            suspended: figures.suspended,
            waiting: figures.waiting,
        }),
        waiting: waiting::first(console, FIRST).await.ok(),
        failing,
        checks: checks
            .into_iter()
            .map(|check| PanelCheck { name: check.name, ready: check.ready, aside: check.aside, note: check.note })
            .collect(),
    };
    Ok(Answer::html(200, page.html()))
}

/// With the names of their tenants.
async fn failing(console: &Console, found: Vec<FailingWebhook>) -> Result<Vec<PanelFailing>, Halt> {
    let mut failing = Vec::with_capacity(found.len());
    for one in found {
        let Some(tenant) = console.registry.tenant(one.tenant).await? else { continue };
        failing.push(PanelFailing {
            tenant: tenant.name.clone(),
            url: one.url,
            since: one.health.failing_since,
            next: one.health.next_probe_at,
            pending: one.health.pending,
            path: format!("/tenants/{}/webhooks/{}", tenant.slug, one.id),
        });
    }
    Ok(failing)
}
