//! The pages of a tenant's own staff: who belongs to it, which clients wait, who did what.

use grantor_ids::UserId;
use grantor_oauth::Params;
use grantor_pages::{
    PageError, StaffRoleName, Team, TeamEntry, TeamHistory, TeamInvitation, TeamJoin, TeamMember, TeamNotice,
    WaitingClient,
};
use grantor_ports::{AdminError, Page, StaffRole};
use grantor_web::{Answer, Call, error_page, page};

use super::{
    Outcome, framed, lang, unavailable,
    visitor::{self, Next, Visitor},
};
use crate::{Registry, commands::Failure, lists};

pub(super) const TEAM: &str = "/team";
pub(super) const MEMBER: &str = "/team/{user}";

/// Entries of a member's history, and clients that wait, on one page.
const SHOWN: u32 = 100;

/// `GET /team`; for who does not belong to it, the page that takes an invitation's code.
pub(super) async fn show(registry: &Registry, call: &Call) -> Outcome {
    let visitor = visitor::required(registry, call, Next::Team).await?;
    match visitor.role {
        Some(role) => Ok(page(200, &team(registry, call, &visitor, role, None).await?)),
        None => Ok(join_page(call, &visitor, 200, false)),
    }
}

/// `GET /team/{user}`: what a member did (FX-07).
pub(super) async fn member(registry: &Registry, call: &Call) -> Outcome {
    let visitor = visitor::required(registry, call, Next::Team).await?;
    let not_found = || error_page(call, PageError::NotFound);
    let user: UserId = call.param("user").parse().map_err(|_| not_found())?;
    visitor.role.ok_or_else(not_found)?;
    let entries = lists::history_of(&registry.store, call.tenant.id, user, Page { after: None, limit: SHOWN }).await;
    let entries = entries.map_err(unavailable(call))?.items;
    let belongs = registry.role_of(call.tenant.id, user).await.map_err(unavailable(call))?.is_some();
    if !belongs && entries.is_empty() {
        return Err(not_found());
    }
    let (name, email) = person(registry, call, user).await?;
    let entries =
        entries.into_iter().map(|done| TeamEntry { at: done.at, what: done.event, about: done.about }).collect();
    Ok(page(200, &TeamHistory { frame: visitor.frame(call, framed(call, lang(call))), name, email, entries }))
}

/// `POST /team`: `join`, `invite`, `withdraw`, `change`, `remove`, `approve` or `reject`.
pub(super) async fn act(registry: &Registry, call: &Call) -> Outcome {
    let visitor = visitor::required(registry, call, Next::Team).await?;
    let form = call.form_params().map_err(|_| error_page(call, PageError::BadRequest))?;
    if !visitor.sent(form.get("csrf").unwrap_or_default()) {
        return Err(error_page(call, PageError::FormExpired));
    }
    let Some(role) = visitor.role else { return join(registry, call, &visitor, &form).await };
    let done = if form.get("approve").is_some() || form.get("reject").is_some() {
        allowed(call, role >= StaffRole::Reviewer)?;
        judge(registry, call, &visitor, &form).await
    } else {
        allowed(call, role == StaffRole::Owner)?;
        manage(registry, call, &visitor, &form).await
    };
    let notice = match done {
        Ok(None) => return Ok(Answer::see_other(&call.link(TEAM))),
        Ok(Some(notice)) => notice,
        Err(AdminError::Invalid { .. }) => TeamNotice::EmailInvalid,
        Err(AdminError::Conflict(_)) => TeamNotice::NotPossible,
        Err(AdminError::NotFound(_)) => return Err(error_page(call, PageError::NotFound)),
        Err(AdminError::Port(_)) => return Err(error_page(call, PageError::Unavailable)),
    };
    // Somebody may have taken their own role.
    let now = registry.role_of(call.tenant.id, visitor.session.user).await.map_err(unavailable(call))?;
    Ok(page(200, &team(registry, call, &visitor, now.unwrap_or(StaffRole::Viewer), Some(notice)).await?))
}

fn allowed(call: &Call, yes: bool) -> Result<(), Answer> {
    if yes { Ok(()) } else { Err(error_page(call, PageError::Forbidden)) }
}

async fn join(registry: &Registry, call: &Call, visitor: &Visitor, form: &Params) -> Outcome {
    let Some(code) = form.get("code") else { return Err(error_page(call, PageError::NotFound)) };
    let email = visitor.person.email.clone().unwrap_or_default();
    let user = visitor.session.user;
    match registry.join(call.tenant.id, code, user, &email, &visitor.meta(call)).await {
        Ok(true) => Ok(Answer::see_other(&call.link(TEAM))),
        Ok(false) | Err(AdminError::Invalid { .. } | AdminError::Conflict(_) | AdminError::NotFound(_)) => {
            Ok(join_page(call, visitor, 200, true))
        }
        Err(AdminError::Port(_)) => Err(error_page(call, PageError::Unavailable)),
    }
}

async fn judge(
    registry: &Registry,
    call: &Call,
    visitor: &Visitor,
    form: &Params,
) -> Result<Option<TeamNotice>, AdminError> {
    let (client_id, approve) = match (form.get("approve"), form.get("reject")) {
        (Some(client_id), _) => (client_id, true),
        (None, other) => (other.unwrap_or_default(), false),
    };
    let tenant = registry.tenant_now(call.tenant.id).await?.ok_or(AdminError::NotFound("tenant"))?;
    let key = registry.key_of(tenant.id, client_id).await?.ok_or(AdminError::NotFound("client"))?;
    let meta = visitor.meta(call);
    let reason = form.get("reason").unwrap_or_default().to_owned();
    let judged = match approve {
        true => registry.approve(&tenant, key, &meta).await,
        false => registry.reject(&tenant, key, reason, &meta).await,
    };
    match judged {
        Ok(_) => Ok(Some(if approve { TeamNotice::Approved } else { TeamNotice::Rejected })),
        Err(Failure::Store(cause)) => Err(cause.into()),
        Err(Failure::Refused(_) | Failure::TooMany) => Ok(Some(TeamNotice::NotPossible)),
    }
}

async fn manage(
    registry: &Registry,
    call: &Call,
    visitor: &Visitor,
    form: &Params,
) -> Result<Option<TeamNotice>, AdminError> {
    let meta = visitor.meta(call);
    let role = form.get("role").and_then(role_of_word);
    if form.get("invite").is_some() {
        let role = role.ok_or(AdminError::NotFound("object"))?;
        let email = form.get("email").unwrap_or_default();
        registry.invite(&call.tenant, email, role, lang(call).tag(), &meta).await?;
        return Ok(Some(TeamNotice::Invited));
    }
    if let Some(id) = form.get("withdraw") {
        registry.withdraw_invitation(call.tenant.id, id, &meta).await?;
        return Ok(Some(TeamNotice::Withdrawn));
    }
    let named = form.get("change").or(form.get("remove"));
    let user: UserId = named.and_then(|id| id.parse().ok()).ok_or(AdminError::NotFound("user"))?;
    if registry.role_of(call.tenant.id, user).await?.is_none() {
        return Err(AdminError::NotFound("user"));
    }
    let role = match form.get("change") {
        Some(_) => Some(role.ok_or(AdminError::NotFound("object"))?),
        None => None,
    };
    registry.change_member(call.tenant.id, user, role, &meta).await?;
    Ok(None)
}

async fn team(
    registry: &Registry,
    call: &Call,
    visitor: &Visitor,
    role: StaffRole,
    notice: Option<TeamNotice>,
) -> Result<Team, Answer> {
    let tenant = registry.tenant_now(call.tenant.id).await.map_err(unavailable(call))?;
    let team = tenant.map(|tenant| tenant.team.clone()).unwrap_or_default();
    let mut members = Vec::new();
    for (user, role) in team {
        let (name, email) = person(registry, call, user).await?;
        let you = user == visitor.session.user;
        members.push(TeamMember { id: user.to_string(), name, email, role: role_name(role), you });
    }
    members.sort_by(|a, b| b.role.cmp(&a.role).then_with(|| a.name.cmp(&b.name)));
    let may_manage = role == StaffRole::Owner;
    let open = match may_manage {
        true => registry.open_invitations(call.tenant.id).await,
        false => Ok(Vec::new()),
    };
    let open = open.map_err(|_| error_page(call, PageError::Unavailable))?;
    let invitations = open.into_iter().map(|open| TeamInvitation {
        id: open.id,
        email: open.email,
        role: role_name(open.role),
        ends: open.ends,
    });
    let page = Page { after: None, limit: SHOWN };
    let waiting = lists::clients(&registry.store, call.tenant.id, Some("pending"), page).await;
    let waiting = waiting.map_err(unavailable(call))?.items.into_iter().map(|client| WaitingClient {
        client_id: client.client_id,
        name: client.name,
        website: client.website,
        redirect_uris: client.redirect_uris,
        scopes: client.scopes,
    });
    Ok(Team {
        frame: visitor.frame(call, framed(call, lang(call))),
        csrf: visitor.session.csrf.clone(),
        action: TEAM.to_owned(),
        members,
        invitations: invitations.collect(),
        waiting: waiting.collect(),
        may_judge: role >= StaffRole::Reviewer,
        may_manage,
        notice,
    })
}

fn join_page(call: &Call, visitor: &Visitor, status: u16, wrong: bool) -> Answer {
    let frame = visitor.frame(call, framed(call, lang(call)));
    let email = visitor.person.email.clone().unwrap_or_default();
    page(status, &TeamJoin { frame, csrf: visitor.session.csrf.clone(), action: TEAM.to_owned(), email, wrong })
}

/// Name and address; of who is gone, their id alone.
async fn person(registry: &Registry, call: &Call, user: UserId) -> Result<(String, String), Answer> {
    let found = registry.directory.person(call.tenant.id, user).await;
    let found = found.map_err(|_| error_page(call, PageError::Unavailable))?;
    Ok(match found {
        Some(person) => {
            let email = person.email.unwrap_or_default();
            (person.display_name, email)
        }
        None => (user.to_string(), String::new()),
    })
}

const fn role_name(role: StaffRole) -> StaffRoleName {
    match role {
        StaffRole::Viewer => StaffRoleName::Viewer,
        StaffRole::Reviewer => StaffRoleName::Reviewer,
        StaffRole::Owner => StaffRoleName::Owner,
    }
}

fn role_of_word(word: &str) -> Option<StaffRole> {
    [StaffRole::Viewer, StaffRole::Reviewer, StaffRole::Owner].into_iter().find(|role| role.as_str() == word)
}
