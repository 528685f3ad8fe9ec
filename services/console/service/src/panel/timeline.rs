//! What happened to a tenant and its clients: when, what, who, and what is different since.

use grantor_eventsourcing::Actor;
use grantor_pages::{MenuPage, Page as _, PanelActor, PanelEvent, PanelEventChange, PanelTimeline};
use grantor_ports::{HistoryEntry, HistoryOf, TenantView};
use grantor_web::Answer;

use super::{Halt, Outcome, Visit, place};
use crate::Console;

/// `GET /tenants/{slug}/timeline`; `?type=` and `?client=` narrow it down, to one of them.
pub(super) async fn show(console: &Console, visit: &Visit) -> Outcome {
    let tenant = visit.tenant(console).await?;
    let named = |name: &str| visit.query.get(name).filter(|word| !word.is_empty()).map(str::to_owned);
    let (client, only) = (named("client"), named("type"));
    let of = match (&client, &only) {
        (Some(client), _) => HistoryOf::Client(client.clone()),
        (None, Some(only)) => HistoryOf::Type(only.clone()),
        (None, None) => HistoryOf::All,
    };
    let found = console.registry_admin.history(tenant.id, of, visit.page()).await?;
    let page = PanelTimeline {
        frame: visit.frame(Some(MenuPage::Tenants)),
        place: place(&tenant),
        client,
        only: only.unwrap_or_default(),
        events: events(console, &tenant, found.items).await?,
        next: visit.next(found.next),
    };
    Ok(Answer::html(200, page.html()))
}

/// The entries, with names for those who did it.
pub(super) async fn events(
    console: &Console,
    tenant: &TenantView,
    entries: Vec<HistoryEntry>,
) -> Result<Vec<PanelEvent>, Halt> {
    let mut events = Vec::with_capacity(entries.len());
    for entry in entries {
        events.push(PanelEvent {
            actor: actor(console, tenant, entry.actor).await?,
            id: entry.id.to_string(),
            event: entry.event,
            at: entry.at,
            version: entry.version,
            client_id: entry.client_id,
            changes: entry
                .changes
                .into_iter()
                .map(|one| PanelEventChange { pointer: one.pointer, before: one.before, after: one.after })
                .collect(),
        });
    }
    Ok(events)
}

async fn actor(console: &Console, tenant: &TenantView, actor: Actor) -> Result<PanelActor, Halt> {
    Ok(match actor {
        Actor::Operator(id) => PanelActor::Operator(console.operator_name(id).await?.unwrap_or_else(|| id.to_string())),
        Actor::User(id) => {
            PanelActor::User { id: id.to_string(), path: format!("/tenants/{}/users/{id}", tenant.slug) }
        }
        Actor::Client(key) => PanelActor::Client(key.to_string()),
        Actor::Anonymous => PanelActor::Anonymous,
        Actor::System => PanelActor::System,
    })
}
