//! Clients of all tenants that wait for a decision.

use std::collections::{BTreeMap, btree_map::Entry};

use grantor_ids::TenantId;
use grantor_pages::{MenuPage, Page as _, PanelClientRow, PanelClients};
use grantor_ports::{ClientView, Page, PortError};
use grantor_web::Answer;

use super::{Outcome, Visit, clients};
use crate::Console;

/// `GET /waiting`.
pub(super) async fn show(console: &Console, visit: &Visit) -> Outcome {
    let found = console.registry_admin.waiting_clients(visit.page()).await?;
    let page = PanelClients {
        frame: visit.frame(Some(MenuPage::Waiting)),
        place: None,
        only: None,
        rows: rows(console, &found.items).await?,
        next: visit.next(found.next),
    };
    Ok(Answer::html(200, page.html()))
}

/// The first of them, and whether there are more.
pub(super) async fn first(console: &Console, limit: u32) -> Result<Vec<PanelClientRow>, super::Halt> {
    let found = console.registry_admin.waiting_clients(Page { after: None, limit }).await?;
    Ok(rows(console, &found.items).await?)
}

/// With the names of their tenants, each asked for once.
async fn rows(console: &Console, found: &[ClientView]) -> Result<Vec<PanelClientRow>, PortError> {
    let mut tenants: BTreeMap<TenantId, _> = BTreeMap::new();
    let mut rows = Vec::with_capacity(found.len());
    for client in found {
        if let Entry::Vacant(place) = tenants.entry(client.tenant) {
            place.insert(console.registry.tenant(client.tenant).await?);
        }
        if let Some(Some(tenant)) = tenants.get(&client.tenant) {
            rows.push(clients::row(tenant, client));
        }
    }
    Ok(rows)
}
