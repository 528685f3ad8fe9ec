//! A tenant's accounts: what access is given to, and who may act for them.

use std::sync::Arc;

use grantor_ids::{AccountId, UserId};
use grantor_ports::OpenAccount;
use grantor_web::Answer;

use super::{Ask, DELETE, GET, Operation, Outcome, POST, problem::Problem};
use crate::Console;

const ONE: &str = "/admin/v1/tenants/{slug}/accounts/{account}";

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(
            "open_account",
            POST,
            "/admin/v1/tenants/{slug}/accounts",
            "Opens a business account for its first user.",
            |console, ask| Box::pin(open(console, ask)),
        )
        .takes("NewAccount")
        .answers(201, "Account"),
        Operation::new("get_account", GET, ONE, "One account.", |console, ask| Box::pin(get(console, ask)))
            .answers(200, "Account"),
        Operation::new(
            "link_account_user",
            POST,
            "/admin/v1/tenants/{slug}/accounts/{account}/users",
            "Lets one more user act for a business account.",
            |console, ask| Box::pin(link(console, ask)),
        )
        .takes("AccountUser")
        .answers(200, "Account"),
        Operation::new(
            "unlink_account_user",
            DELETE,
            "/admin/v1/tenants/{slug}/accounts/{account}/users/{user}",
            "Takes a user from a business account; the last one stays.",
            |console, ask| Box::pin(unlink(console, ask)),
        )
        .answers(200, "Account"),
    ]
}

fn account_of(ask: &Ask) -> Result<AccountId, Problem> {
    ask.param("account")?.parse().map_err(|_| Problem::not_found("account"))
}

async fn open(console: Arc<Console>, ask: Ask) -> Outcome {
    let tenant = console.tenant_of(&ask).await?;
    let mut members = ask.members()?;
    let name = members.required("name");
    let user = members.required("user").parse::<UserId>();
    if user.is_err() {
        members.refuse("user", "is not a user's id");
    }
    members.finish()?;
    let user = user.map_err(|_| Problem::not_found("user"))?;
    let account = console.directory_admin.open_account(tenant.id, OpenAccount { name, user }, &ask.meta()).await?;
    let at = format!("/admin/v1/tenants/{}/accounts/{}", tenant.slug, account.id);
    Ok(Answer::json(201, &account).header("location", &at))
}

async fn get(console: Arc<Console>, ask: Ask) -> Outcome {
    let tenant = console.tenant_of(&ask).await?;
    let account = console.directory_admin.account(tenant.id, account_of(&ask)?).await?;
    Ok(Answer::json(200, &account.ok_or(Problem::not_found("account"))?))
}

async fn link(console: Arc<Console>, ask: Ask) -> Outcome {
    let tenant = console.tenant_of(&ask).await?;
    let account = account_of(&ask)?;
    let mut members = ask.members()?;
    let user = members.required("user").parse::<UserId>();
    if user.is_err() {
        members.refuse("user", "is not a user's id");
    }
    members.finish()?;
    let user = user.map_err(|_| Problem::not_found("user"))?;
    Ok(Answer::json(200, &console.directory_admin.link_account(tenant.id, account, user, &ask.meta()).await?))
}

async fn unlink(console: Arc<Console>, ask: Ask) -> Outcome {
    let tenant = console.tenant_of(&ask).await?;
    let account = account_of(&ask)?;
    let user = ask.param("user")?.parse::<UserId>().map_err(|_| Problem::not_found("user"))?;
    Ok(Answer::json(200, &console.directory_admin.unlink_account(tenant.id, account, user, &ask.meta()).await?))
}
