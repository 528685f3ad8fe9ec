//! The first page: what waits, what is not well, how many tenants there are.

use futures_util::future::{join_all, join4};
use grantor_pages::{MenuPage, Page as _, PanelCheck, PanelFailing, PanelFigures, PanelOverview, PanelProcess};
use grantor_ports::{Check, FailingWebhook};
use grantor_web::Answer;

use super::{Halt, Outcome, Visit, waiting};
use crate::Console;

/// Clients of the queue that the first page shows.
const FIRST: u32 = 5;
/// Endpoints that fail, of all tenants, that it shows.
const FIRST_FAILING: u32 = 20;

/// `GET /`. What cannot be asked now is said to be so; the rest is shown.
pub(super) async fn show(console: &Console, visit: &Visit) -> Outcome {
    let figures = async { console.registry_admin.figures().await.ok() };
    let first = async { waiting::first(console, FIRST).await.ok() };
    let failing = async { console.webhook_deliveries.failing_webhooks(FIRST_FAILING).await.ok() };
    // Side by side: one process that is away is waited for once.
    let (figures, first, found, processes) = join4(figures, first, failing, processes(console)).await;
    let failing = match found {
        Some(found) => Some(failing_endpoints(console, found).await?),
        None => None,
    };
    let page = PanelOverview {
        frame: visit.frame(Some(MenuPage::Overview)),
        figures: figures.map(|figures| PanelFigures {
            active: figures.active,
            suspended: figures.suspended,
            waiting: figures.waiting,
        }),
        waiting: first,
        failing,
        processes,
    };
    Ok(Answer::html(200, page.html()))
}

/// How each process does, this one first.
async fn processes(console: &Console) -> Vec<PanelProcess> {
    let all = std::iter::once(&console.here).chain(&console.elsewhere);
    join_all(all.map(async |process| PanelProcess {
        services: process.services.iter().map(|service| (*service).to_owned()).collect(),
        checks: process.health.checks().await.ok().map(|checks| checks.into_iter().map(check).collect()),
    }))
    .await
}

fn check(check: Check) -> PanelCheck {
    PanelCheck { name: check.name, ready: check.ready, aside: check.aside, note: check.note }
}

/// With the names of their tenants.
async fn failing_endpoints(console: &Console, found: Vec<FailingWebhook>) -> Result<Vec<PanelFailing>, Halt> {
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
