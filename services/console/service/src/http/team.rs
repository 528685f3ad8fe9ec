//! A tenant's own staff, as operators see and set it: the first owner comes from here.

use std::sync::Arc;

use grantor_ids::UserId;
use grantor_ports::{AdminError, StaffRole, TenantChange};
use grantor_web::Answer;
use serde_json::json;

use super::{Ask, DELETE, GET, Operation, Outcome, PUT, problem::Problem};
use crate::Console;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(
            "list_team",
            GET,
            "/admin/v1/tenants/{slug}/team",
            "The tenant's own staff, with what each may do.",
            |console, ask| Box::pin(list(console, ask)),
        )
        .answers(200, "Team"),
        Operation::new(
            "set_member",
            PUT,
            "/admin/v1/tenants/{slug}/team/{user}",
            "Gives a user, by id or address, a role in the tenant's own staff.",
            |console, ask| Box::pin(set(console, ask)),
        )
        .takes("NewMember")
        .answers(200, "Team"),
        Operation::new(
            "remove_member",
            DELETE,
            "/admin/v1/tenants/{slug}/team/{user}",
            "Takes the role away.",
            |console, ask| Box::pin(remove(console, ask)),
        )
        .answers(200, "Team"),
    ]
}

async fn list(console: Arc<Console>, ask: Ask) -> Outcome {
    let tenant = console.tenant_of(&ask).await?;
    Ok(shown(&tenant.team))
}

fn shown(team: &std::collections::BTreeMap<UserId, StaffRole>) -> Answer {
    let items: Vec<_> =
        team.iter().map(|(user, role)| json!({ "user": user.to_string(), "role": role.as_str() })).collect();
    Answer::json(200, &json!({ "items": items }))
}

async fn set(console: Arc<Console>, ask: Ask) -> Outcome {
    let mut members = ask.members()?;
    let role: Option<StaffRole> = members.required_word("role", "viewer, reviewer, owner");
    members.finish()?;
    change(console, ask, role).await
}

async fn remove(console: Arc<Console>, ask: Ask) -> Outcome {
    ask.no_body()?;
    change(console, ask, None).await
}

async fn change(console: Arc<Console>, ask: Ask, role: Option<StaffRole>) -> Outcome {
    let tenant = console.tenant_of(&ask).await?;
    let named = ask.param("user")?;
    let user = match named.parse::<UserId>() {
        Ok(user) => console.directory_admin.user(tenant.id, user).await?,
        Err(_) => console.directory_admin.user_by_email(tenant.id, &named).await?,
    };
    // Who is erased can still be taken from the list.
    let user = match (user, named.parse::<UserId>()) {
        (Some(user), _) => user.id,
        (None, Ok(id)) if role.is_none() && tenant.team.contains_key(&id) => id,
        (None, _) => return Err(Problem::from(AdminError::NotFound("user"))),
    };
    let change = TenantChange::Member { user, role, by_team: false };
    let tenant = console.registry_admin.change_tenant(tenant.id, change, &ask.meta()).await?;
    Ok(shown(&tenant.team))
}
