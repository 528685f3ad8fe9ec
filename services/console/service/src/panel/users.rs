//! A tenant's users: found, looked at, locked; and what they gave to clients.

use std::sync::Arc;

use grantor_ids::UserId;
use grantor_pages::{
    MenuPage, Page as _, PageError, PanelGrant, PanelUser, PanelUserNotice, PanelUserRow, PanelUserState, PanelUsers,
};
use grantor_ports::{
    AdminError, GrantSelector, GrantSummary, RevokeReason, TenantView, UserCommand, UserState, UserView,
};
use grantor_web::Answer;

use super::{Halt, NOT_FOUND, Outcome, Visit, place, timeline};
use crate::Console;

/// `GET /tenants/{slug}/users`, `?q=` finds the one with this address or id.
pub(super) async fn list(console: &Console, visit: &Visit) -> Outcome {
    let tenant = visit.tenant(console).await?;
    let words = visit.query.get("q").unwrap_or_default().trim().to_owned();
    let (found, next) = if words.is_empty() {
        let page = console.directory_admin.users(tenant.id, visit.page()).await?;
        (page.items, visit.next(page.next))
    } else {
        (named(console, &tenant, &words).await?.into_iter().collect(), None)
    };
    let page = PanelUsers {
        frame: visit.frame(Some(MenuPage::Tenants)),
        place: place(&tenant),
        words,
        rows: found.iter().map(|user| row(&tenant, user)).collect(),
        next,
    };
    Ok(Answer::html(200, page.html()))
}

/// The user with this id or address.
async fn named(console: &Console, tenant: &TenantView, name: &str) -> Result<Option<UserView>, AdminError> {
    match name.parse::<UserId>() {
        Ok(id) => console.directory_admin.user(tenant.id, id).await,
        Err(_) if name.contains('@') => console.directory_admin.user_by_email(tenant.id, name).await,
        Err(_) => Ok(None),
    }
}

fn claim(user: &UserView, name: &str) -> String {
    user.claims.get(name).and_then(|claim| claim.as_str()).unwrap_or_default().to_owned()
}

fn path(tenant: &TenantView, user: UserId) -> String {
    format!("/tenants/{}/users/{user}", tenant.slug)
}

fn row(tenant: &TenantView, user: &UserView) -> PanelUserRow {
    PanelUserRow {
        id: user.id.to_string(),
        name: claim(user, "name"),
        email: claim(user, "email"),
        state: state(user.state),
        created_at: user.created_at,
        path: path(tenant, user.id),
    }
}

const fn state(state: UserState) -> PanelUserState {
    match state {
        UserState::Active => PanelUserState::Active,
        UserState::Locked => PanelUserState::Locked,
        UserState::Deactivated => PanelUserState::Deactivated,
        UserState::Erased => PanelUserState::Erased,
    }
}

/// The tenant and the user that the path names, by id.
async fn user(console: &Console, visit: &Visit) -> Result<(Arc<TenantView>, UserView), Halt> {
    let tenant = visit.tenant(console).await?;
    let id: UserId = visit.param("user")?.parse().map_err(|_| NOT_FOUND)?;
    let user = console.directory_admin.user(tenant.id, id).await?;
    Ok((tenant, user.ok_or(NOT_FOUND)?))
}

/// `GET /tenants/{slug}/users/{user}`.
pub(super) async fn show(console: &Console, visit: &Visit) -> Outcome {
    let (tenant, user) = user(console, visit).await?;
    let notice = match visit.query.get("done") {
        Some("lock") => Some(PanelUserNotice::Locked),
        Some("unlock") => Some(PanelUserNotice::Unlocked),
        Some("deactivate") => Some(PanelUserNotice::Deactivated),
        Some("revoke" | "revoke_all") => Some(PanelUserNotice::Revoked),
        _ => None,
    };
    shown(console, visit, &tenant, &user, 200, notice).await
}

/// `POST` of it: `lock`, `unlock`, `deactivate` with `sure`, `revoke` (a grant's id), `revoke_all`.
pub(super) async fn act(console: &Console, visit: &Visit) -> Outcome {
    let (tenant, user) = user(console, visit).await?;
    let (form, meta) = (&visit.form, visit.meta());
    let pressed = ["lock", "unlock", "deactivate", "revoke", "revoke_all"];
    let pressed = pressed.into_iter().find(|name| form.get(name).is_some());
    let command = |command| console.directory_admin.command_user(tenant.id, user.id, command, &meta);
    let end = |which| console.tokens.revoke(tenant.id, which, RevokeReason::Operator, &meta);
    let done = match pressed {
        Some("lock") => command(UserCommand::Lock).await.map(drop),
        Some("unlock") => command(UserCommand::Unlock).await.map(drop),
        Some("deactivate") if form.get("sure").is_none() => Err(AdminError::invalid("/sure", "must be ticked")),
        Some("deactivate") => command(UserCommand::Deactivate).await.map(drop),
        Some("revoke_all") => end(GrantSelector::User(user.id)).await.map(drop).map_err(AdminError::from),
        Some("revoke") => {
            let given = console.tokens.grants_of(tenant.id, user.id).await?;
            let named = given.iter().find(|grant| form.get("revoke") == Some(grant.id.to_string().as_str()));
            let grant = named.ok_or(NOT_FOUND)?;
            end(GrantSelector::Grant(grant.id)).await.map(drop).map_err(AdminError::from)
        }
        _ => return Err(Halt(PageError::BadRequest)),
    };
    match done {
        Ok(()) => {
            let done = pressed.unwrap_or_default();
            Ok(Answer::see_other(&format!("{}?done={done}", path(&tenant, user.id))))
        }
        Err(AdminError::Invalid { pointer, .. }) if pointer == "/sure" => {
            shown(console, visit, &tenant, &user, 422, Some(PanelUserNotice::NotSure)).await
        }
        Err(AdminError::Invalid { .. } | AdminError::Conflict(_)) => {
            shown(console, visit, &tenant, &user, 409, Some(PanelUserNotice::NotPossible)).await
        }
        Err(other) => Err(other.into()),
    }
}

async fn shown(
    console: &Console,
    visit: &Visit,
    tenant: &TenantView,
    user: &UserView,
    status: u16,
    notice: Option<PanelUserNotice>,
) -> Outcome {
    let given = console.tokens.grants_of(tenant.id, user.id).await.ok();
    let events = match console.directory_admin.user_history(tenant.id, user.id).await {
        Ok(entries) => Some(timeline::events(console, tenant, entries).await?),
        Err(_) => None,
    };
    let verified = user.claims.get("email_verified").and_then(serde_json::Value::as_bool);
    let page = PanelUser {
        frame: visit.frame(Some(MenuPage::Tenants)),
        csrf: visit.csrf(),
        place: place(tenant),
        action: path(tenant, user.id),
        id: user.id.to_string(),
        name: claim(user, "name"),
        email: claim(user, "email"),
        email_verified: verified.unwrap_or_default(),
        state: state(user.state),
        created_at: user.created_at,
        grants: given.map(|given| given.into_iter().map(|grant| granted(tenant, grant)).collect()),
        events,
        notice,
    };
    Ok(Answer::html(status, page.html()))
}

fn granted(tenant: &TenantView, grant: GrantSummary) -> PanelGrant {
    PanelGrant {
        id: grant.id.to_string(),
        client_path: format!("/tenants/{}/clients/{}", tenant.slug, grant.client_id),
        client_id: grant.client_id,
        scopes: grant.scope,
        since: grant.created_at,
        used: grant.used_at,
    }
}
