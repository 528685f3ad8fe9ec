//! A tenant's own mail server. Its password comes in and never out.

use std::sync::Arc;

use grantor_ports::{AdminError, Mail, MailServer, TenantChange, TenantView};
use grantor_web::Answer;
use serde_json::{Value, json};

use super::{Ask, DELETE, GET, Operation, Outcome, POST, PUT};
use crate::Console;

const PATH: &str = "/admin/v1/tenants/{slug}/mail-server";

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(
            "get_mail_server",
            GET,
            PATH,
            "The tenant's own mail server, without its password.",
            |console, ask| Box::pin(get(console, ask)),
        )
        .answers(200, "MailServer"),
        Operation::new(
            "set_mail_server",
            PUT,
            PATH,
            "Gives the tenant a mail server of its own; a password that is absent stays as it is.",
            |console, ask| Box::pin(set(console, ask)),
        )
        .takes("NewMailServer")
        .answers(200, "MailServer"),
        Operation::new(
            "remove_mail_server",
            DELETE,
            PATH,
            "Takes it away: mails go out as the deployment's do.",
            |console, ask| Box::pin(remove(console, ask)),
        ),
        Operation::new(
            "test_mail_server",
            POST,
            "/admin/v1/tenants/{slug}/mail-server/test",
            "Sends a test mail as the tenant's other mails are sent; 409 when it is not taken.",
            |console, ask| Box::pin(test(console, ask)),
        )
        .takes("MailTest"),
    ]
}

fn shown(tenant: &TenantView) -> Value {
    json!({ "server": tenant.mail_server })
}

async fn get(console: Arc<Console>, ask: Ask) -> Outcome {
    Ok(Answer::json(200, &shown(&*console.tenant_of(&ask).await?)))
}

async fn set(console: Arc<Console>, ask: Ask) -> Outcome {
    let tenant = console.tenant_of(&ask).await?;
    let mut members = ask.members()?;
    let host = members.required("host");
    let port = members.number("port").unwrap_or_default();
    let security = members.required_word("security", "tls, start_tls, plain");
    let username = members.text("username");
    let from = members.required("from");
    let password = members.secret("password");
    if u16::try_from(port).is_err() {
        members.refuse("port", "must be 1 to 65535");
    }
    if password.is_some() && username.is_none() {
        members.refuse("password", "is of no use without a username");
    }
    members.finish()?;
    let security = security.unwrap_or_default();
    let server = MailServer { host, port: u16::try_from(port).unwrap_or_default(), security, username, from };
    let change = TenantChange::MailServer { server: Some(server), password };
    let tenant = console.registry_admin.change_tenant(tenant.id, change, &ask.meta()).await?;
    Ok(Answer::json(200, &shown(&tenant)))
}

async fn remove(console: Arc<Console>, ask: Ask) -> Outcome {
    ask.no_body()?;
    let tenant = console.tenant_of(&ask).await?;
    let change = TenantChange::MailServer { server: None, password: None };
    console.registry_admin.change_tenant(tenant.id, change, &ask.meta()).await?;
    Ok(Answer::empty(204))
}

async fn test(console: Arc<Console>, ask: Ask) -> Outcome {
    let tenant = console.tenant_of(&ask).await?;
    let mut members = ask.members()?;
    let to = members.required("to");
    members.finish()?;
    let mail = Mail {
        tenant: tenant.id,
        from_name: tenant.name.clone(),
        to,
        subject: format!("Test mail of {}", tenant.name),
        body: format!("Hello,\n\nthis mail shows that mails of {} arrive. Nothing needs to be done.\n", tenant.name),
        at: console.clock.real(),
    };
    match console.mailer.send(&mail).await {
        Ok(()) => Ok(Answer::empty(204)),
        Err(cause) => Err(AdminError::Conflict(cause.to_string()).into()),
    }
}
