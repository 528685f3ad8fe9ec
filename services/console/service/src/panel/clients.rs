//! A tenant's clients: listed, looked at, judged, stopped.

use std::sync::Arc;

use grantor_pages::{
    ClientKind as KindName, ClientState as StateName, MenuPage, Page as _, PanelClient, PanelClientNotice,
    PanelClientRow, PanelClients, PanelPerson,
};
use grantor_ports::{AdminError, ClientCommand, ClientKind, ClientState, ClientView, TenantView};
use grantor_web::Answer;

use super::{Halt, NOT_FOUND, Outcome, Visit, place};
use crate::Console;

const STATES: [&str; 5] = ["pending", "approved", "suspended", "rejected", "draft"];

/// `GET /tenants/{slug}/clients`, `?state=` shows those in one state.
pub(super) async fn list(console: &Console, visit: &Visit) -> Outcome {
    let tenant = visit.tenant(console).await?;
    let only = STATES.into_iter().find(|state| visit.query.get("state") == Some(state));
    let found = console.registry_admin.clients(tenant.id, only, visit.page()).await?;
    let page = PanelClients {
        frame: visit.frame(Some(MenuPage::Tenants)),
        place: Some(place(&tenant)),
        only,
        rows: found.items.iter().map(|client| row(&tenant, client)).collect(),
        next: visit.next(found.next),
    };
    Ok(Answer::html(200, page.html()))
}

pub(super) fn row(tenant: &TenantView, client: &ClientView) -> PanelClientRow {
    PanelClientRow {
        tenant: tenant.name.clone(),
        name: client.name.clone(),
        client_id: client.client_id.clone(),
        website: client.website.clone(),
        state: state(&client.state),
        created_at: client.created_at,
        path: path(tenant, client),
    }
}

fn path(tenant: &TenantView, client: &ClientView) -> String {
    format!("/tenants/{}/clients/{}", tenant.slug, client.client_id)
}

fn state(state: &ClientState) -> StateName {
    match state {
        ClientState::Draft => StateName::Draft,
        ClientState::Pending => StateName::Pending,
        ClientState::Approved => StateName::Approved,
        ClientState::Rejected { reason } => StateName::Rejected { reason: reason.clone() },
        ClientState::Suspended { reason } => StateName::Suspended { reason: reason.clone() },
    }
}

/// `GET /tenants/{slug}/clients/{client_id}`.
pub(super) async fn show(console: &Console, visit: &Visit) -> Outcome {
    let (tenant, client) = client(console, visit).await?;
    let notice = match visit.query.get("done") {
        Some("approve") => Some(PanelClientNotice::Approved),
        Some("reject") => Some(PanelClientNotice::Rejected),
        Some("suspend") => Some(PanelClientNotice::Suspended),
        Some("restore") => Some(PanelClientNotice::Restored),
        _ => None,
    };
    shown(console, visit, &tenant, &client, 200, notice, String::new()).await
}

/// `POST` of it: `approve`, `reject` or `suspend` with `reason`, `restore`.
pub(super) async fn act(console: &Console, visit: &Visit) -> Outcome {
    let (tenant, client) = client(console, visit).await?;
    let (meta, form) = (visit.meta(), &visit.form);
    let pressed = ["approve", "reject", "suspend", "restore"].into_iter().find(|name| form.get(name).is_some());
    let reason = form.get("reason").unwrap_or_default().trim().to_owned();
    let judge = |command| console.registry_admin.command_client(tenant.id, &client.client_id, command, &meta);
    let done = match pressed {
        // Whoever is turned down or stopped will ask why.
        Some("reject" | "suspend") if reason.is_empty() => Err(AdminError::invalid("/reason", "must not be empty")),
        Some("approve") => judge(ClientCommand::Approve).await,
        Some("reject") => judge(ClientCommand::Reject { reason: reason.clone() }).await,
        Some("suspend") => console.suspend_client(tenant.id, &client, reason.clone(), &meta).await,
        Some("restore") => console.restore_client(tenant.id, &client, &meta).await,
        _ => return Err(Halt(grantor_pages::PageError::BadRequest)),
    };
    let notice = match done {
        Ok(_) => {
            let path = path(&tenant, &client);
            return Ok(Answer::see_other(&format!("{path}?done={}", pressed.unwrap_or_default())));
        }
        Err(AdminError::Invalid { pointer, .. }) if pointer == "/reason" => PanelClientNotice::ReasonWrong,
        Err(AdminError::Invalid { .. } | AdminError::Conflict(_)) => PanelClientNotice::NotPossible,
        Err(other) => return Err(other.into()),
    };
    // As it is by now: somebody else may have been faster.
    let (tenant, client) = self::client(console, visit).await?;
    shown(console, visit, &tenant, &client, 409, Some(notice), reason).await
}

/// The tenant and the client that the path names.
async fn client(console: &Console, visit: &Visit) -> Result<(Arc<TenantView>, Arc<ClientView>), Halt> {
    let tenant = visit.tenant(console).await?;
    let client = console.registry.client(tenant.id, &visit.param("client_id")?).await?;
    Ok((tenant, client.ok_or(NOT_FOUND)?))
}

async fn shown(
    console: &Console,
    visit: &Visit,
    tenant: &TenantView,
    client: &ClientView,
    status: u16,
    notice: Option<PanelClientNotice>,
    reason: String,
) -> Outcome {
    let page = PanelClient {
        frame: visit.frame(Some(MenuPage::Tenants)),
        csrf: visit.csrf(),
        place: place(tenant),
        action: path(tenant, client),
        name: client.name.clone(),
        client_id: client.client_id.clone(),
        state: state(&client.state),
        kind: match client.kind {
            ClientKind::Confidential => KindName::Confidential,
            ClientKind::Public | ClientKind::Native => KindName::Native,
        },
        website: client.website.clone(),
        redirect_uris: client.redirect_uris.clone(),
        scopes: client.scopes.clone(),
        contact: contact(console, tenant, client).await,
        secrets: client.secrets.len(),
        keys: client.jwks.names().collect(),
        created_at: client.created_at,
        notice,
        reason,
    };
    Ok(Answer::html(status, page.html()))
}

/// The developer; only their id while the directory does not answer.
async fn contact(console: &Console, tenant: &TenantView, client: &ClientView) -> Option<PanelPerson> {
    let user = client.contact?;
    let found = console.directory_admin.user(tenant.id, user).await.ok().flatten();
    let claim = |name: &str| found.as_ref()?.claims.get(name)?.as_str().map(str::to_owned);
    Some(PanelPerson {
        name: claim("name").unwrap_or_else(|| user.to_string()),
        email: claim("email").unwrap_or_default(),
    })
}
