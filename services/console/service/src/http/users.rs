//! A tenant's users: made, listed, changed, locked, erased.

use std::sync::Arc;

use grantor_ids::UserId;
use grantor_ports::{CreateUser, TenantView, UserChange, UserCommand, UserView};
use grantor_web::Answer;

use super::{Ask, GET, Operation, Outcome, PAGE, PATCH, POST, problem::Problem};
use crate::Console;

const ALL: &str = "/admin/v1/tenants/{slug}/users";
const ONE: &str = "/admin/v1/tenants/{slug}/users/{user}";

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new("list_users", GET, ALL, "A tenant's users, newest first.", |console, ask| {
            Box::pin(list(console, ask))
        })
        .query(PAGE)
        .answers(200, "UserList"),
        Operation::new("create_user", POST, ALL, "Makes a user.", |console, ask| Box::pin(create(console, ask)))
            .takes("NewUser")
            .answers(201, "User"),
        Operation::new("get_user", GET, ONE, "One user, by id or e-mail address.", |console, ask| {
            Box::pin(get(console, ask))
        })
        .answers(200, "User"),
        Operation::new(
            "change_user",
            PATCH,
            ONE,
            "Changes a user; absent members stay, claims that are null are removed. A new password ends all \
             sessions and grants.",
            |console, ask| Box::pin(change(console, ask)),
        )
        .takes("UserChange")
        .answers(200, "User"),
        Operation::new(
            "lock_user",
            POST,
            "/admin/v1/tenants/{slug}/users/{user}/lock",
            "Lets a user do nothing until unlocked.",
            |console, ask| Box::pin(command(console, ask, UserCommand::Lock)),
        )
        .answers(200, "User"),
        Operation::new(
            "unlock_user",
            POST,
            "/admin/v1/tenants/{slug}/users/{user}/unlock",
            "Lets a locked user act again.",
            |console, ask| Box::pin(command(console, ask, UserCommand::Unlock)),
        )
        .answers(200, "User"),
        Operation::new(
            "deactivate_user",
            POST,
            "/admin/v1/tenants/{slug}/users/{user}/deactivate",
            "Lets a user do nothing any more.",
            |console, ask| Box::pin(command(console, ask, UserCommand::Deactivate)),
        )
        .answers(200, "User"),
        Operation::new(
            "erase_user",
            POST,
            "/admin/v1/tenants/{slug}/users/{user}/erase",
            "Destroys the user's key: nothing personal can be read again.",
            |console, ask| Box::pin(command(console, ask, UserCommand::Erase)),
        )
        .answers(200, "User"),
    ]
}

async fn list(console: Arc<Console>, ask: Ask) -> Outcome {
    let tenant = console.tenant_of(&ask).await?;
    Ok(Answer::json(200, &console.directory_admin.users(tenant.id, ask.page()?).await?))
}

async fn create(console: Arc<Console>, ask: Ask) -> Outcome {
    let tenant = console.tenant_of(&ask).await?;
    let mut members = ask.members()?;
    let user = CreateUser {
        email: members.required("email"),
        email_verified: members.flag("email_verified").unwrap_or_default(),
        password: members.secret("password"),
        claims: members.claims("claims"),
        attributes: members.claims("attributes"),
    };
    members.finish()?;
    let user = console.directory_admin.create_user(tenant.id, user, &ask.meta()).await?;
    let at = format!("/admin/v1/tenants/{}/users/{}", tenant.slug, user.id);
    Ok(Answer::json(201, &user).header("location", &at))
}

/// The tenant and the user that the path names, by id or by address.
async fn user_of(console: &Console, ask: &Ask) -> Result<(Arc<TenantView>, UserView), Problem> {
    let tenant = console.tenant_of(ask).await?;
    let named = ask.param("user")?;
    let user = match named.parse::<UserId>() {
        Ok(id) => console.directory_admin.user(tenant.id, id).await?,
        Err(_) if named.contains('@') => console.directory_admin.user_by_email(tenant.id, &named).await?,
        Err(_) => None,
    };
    Ok((tenant, user.ok_or(Problem::not_found("user"))?))
}

async fn get(console: Arc<Console>, ask: Ask) -> Outcome {
    let (_, user) = user_of(&console, &ask).await?;
    Ok(Answer::json(200, &user))
}

async fn change(console: Arc<Console>, ask: Ask) -> Outcome {
    let (tenant, user) = user_of(&console, &ask).await?;
    let mut members = ask.members()?;
    let change = UserChange {
        email: members.text("email"),
        email_verified: members.flag("email_verified"),
        password: members.secret("password"),
        claims: members.claims("claims"),
        attributes: members.claims("attributes"),
    };
    members.finish()?;
    let user = console.directory_admin.change_user(tenant.id, user.id, change, &ask.meta()).await?;
    Ok(Answer::json(200, &user))
}

async fn command(console: Arc<Console>, ask: Ask, command: UserCommand) -> Outcome {
    ask.no_body()?;
    let (tenant, user) = user_of(&console, &ask).await?;
    // Kept mails know the address too. They go first: once the user is erased, nobody knows
    // any more which ones they are.
    let address = user.claims.get("email").and_then(|email| email.as_str());
    let forget = console.mailbox.as_ref().zip(address).filter(|_| command == UserCommand::Erase);
    if let Some((mailbox, address)) = forget {
        mailbox.forget(tenant.id, address).await?;
    }
    let after = console.directory_admin.command_user(tenant.id, user.id, command, &ask.meta()).await?;
    if let Some((mailbox, address)) = forget {
        mailbox.forget(tenant.id, address).await?;
    }
    Ok(Answer::json(200, &after))
}
