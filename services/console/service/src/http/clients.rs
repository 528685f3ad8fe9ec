//! A tenant's clients: made, listed, changed, approved, suspended, deleted.

use std::sync::Arc;

use grantor_eventsourcing::Timestamp;
use grantor_jose::KeySet;
use grantor_ports::{
    ClientChange, ClientCommand, ClientKind, ClientState, ClientView, NewClient, NewClientSecret, PageOf, TenantView,
};
use grantor_profile::Lifetimes;
use grantor_web::Answer;
use secrecy::ExposeSecret;
use serde::Serialize;

use super::{
    Ask, DELETE, GET, Operation, Outcome, PATCH, POST,
    members::Members,
    problem::{Problem, Wrong},
};
use crate::Console;

const LIST: &[(&str, &str)] = &[
    ("state", "Only clients in this state: draft, pending, approved, rejected, suspended."),
    ("after", "The `next` of the page before."),
    ("limit", "At most this many items, 1 to 200; 50 when absent."),
];
const STATES: [&str; 5] = ["draft", "pending", "approved", "rejected", "suspended"];

const ALL: &str = "/admin/v1/tenants/{slug}/clients";
const ONE: &str = "/admin/v1/tenants/{slug}/clients/{client_id}";

pub(super) fn operations() -> Vec<Operation> {
    let mut all = vec![
        Operation::new("list_clients", GET, ALL, "A tenant's clients, newest first.", |console, ask| {
            Box::pin(list(console, ask))
        })
        .query(LIST)
        .answers(200, "ClientList"),
        Operation::new(
            "create_client",
            POST,
            ALL,
            "Makes an approved client. Its secret is in this answer and nowhere else; one with keys of its own (`jwks`) has none.",
            |console, ask| Box::pin(create(console, ask)),
        )
        .takes("NewClient")
        .answers(201, "ClientWithSecret"),
        Operation::new("get_client", GET, ONE, "One client.", |console, ask| Box::pin(get(console, ask)))
            .answers(200, "Client"),
        Operation::new("change_client", PATCH, ONE, "Changes a client; absent members stay.", |console, ask| {
            Box::pin(change(console, ask))
        })
        .takes("ClientChange")
        .answers(200, "Client"),
        Operation::new(
            "delete_client",
            DELETE,
            ONE,
            "Removes a client for ever and ends its grants.",
            |console, ask| Box::pin(delete(console, ask)),
        ),
    ];
    all.extend(commands());
    all
}

fn commands() -> Vec<Operation> {
    vec![
        Operation::new(
            "approve_client",
            POST,
            "/admin/v1/tenants/{slug}/clients/{client_id}/approve",
            "Lets a pending client be used.",
            |console, ask| Box::pin(command(console, ask, |_| ClientCommand::Approve)),
        )
        .answers(200, "Client"),
        Operation::new(
            "reject_client",
            POST,
            "/admin/v1/tenants/{slug}/clients/{client_id}/reject",
            "Refuses a pending client, with a reason for its developer.",
            |console, ask| Box::pin(command(console, ask, |reason| ClientCommand::Reject { reason })),
        )
        .takes("Reason")
        .answers(200, "Client"),
        Operation::new(
            "suspend_client",
            POST,
            "/admin/v1/tenants/{slug}/clients/{client_id}/suspend",
            "Stops a client and ends its grants: its tokens are dead, also after it is restored.",
            |console, ask| Box::pin(suspend(console, ask)),
        )
        .takes("Reason")
        .answers(200, "Client"),
        Operation::new(
            "restore_client",
            POST,
            "/admin/v1/tenants/{slug}/clients/{client_id}/restore",
            "Lets a suspended client be used again; what it had before stays dead.",
            |console, ask| Box::pin(restore(console, ask)),
        )
        .answers(200, "Client"),
        Operation::new(
            "rotate_client_secret",
            POST,
            "/admin/v1/tenants/{slug}/clients/{client_id}/rotate-secret",
            "Makes a second live secret, shown in this answer and nowhere else.",
            |console, ask| Box::pin(rotate(console, ask)),
        )
        .answers(200, "NewSecret"),
    ]
}

/// A client without what is only between Grantor's services.
#[derive(Serialize)]
struct Shown<'a> {
    key: String,
    client_id: &'a str,
    #[serde(flatten)]
    state: &'a ClientState,
    kind: ClientKind,
    name: &'a str,
    website: Option<&'a str>,
    logo_url: Option<&'a str>,
    contact: Option<String>,
    redirect_uris: &'a [String],
    post_logout_redirect_uris: &'a [String],
    origins: &'a [String],
    scopes: &'a [String],
    secrets: Vec<ShownSecret<'a>>,
    jwks: &'a KeySet,
    id_token_alg: Option<&'a str>,
    password_grant: bool,
    lifetimes: Lifetimes,
    resource: Option<&'a str>,
    created_at: Timestamp,
    version: u32,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    new_secret: Option<NewSecret<'a>>,
}

#[derive(Serialize)]
struct ShownSecret<'a> {
    id: &'a str,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
}

#[derive(Serialize)]
struct NewSecret<'a> {
    client_secret_id: &'a str,
    client_secret: &'a str,
}

fn shown<'a>(client: &'a ClientView, secret: Option<&'a NewClientSecret>) -> Shown<'a> {
    let one = |secret: &'a grantor_ports::ClientSecretDigest| ShownSecret {
        id: &secret.id,
        created_at: secret.created_at,
        expires_at: secret.expires_at,
    };
    Shown {
        key: client.key.to_string(),
        client_id: &client.client_id,
        state: &client.state,
        kind: client.kind,
        name: &client.name,
        website: client.website.as_deref(),
        logo_url: client.logo_url.as_deref(),
        contact: client.contact.map(|user| user.to_string()),
        redirect_uris: &client.redirect_uris,
        post_logout_redirect_uris: &client.post_logout_redirect_uris,
        origins: &client.origins,
        scopes: &client.scopes,
        secrets: client.secrets.iter().map(one).collect(),
        jwks: &client.jwks,
        id_token_alg: client.id_token_alg.as_deref(),
        password_grant: client.password_grant,
        lifetimes: client.lifetimes,
        resource: client.resource.as_deref(),
        created_at: client.created_at,
        version: client.version,
        new_secret: secret.map(new_secret),
    }
}

fn new_secret(secret: &NewClientSecret) -> NewSecret<'_> {
    NewSecret { client_secret_id: &secret.id, client_secret: secret.secret.expose_secret() }
}

async fn list(console: Arc<Console>, ask: Ask) -> Outcome {
    let tenant = console.tenant_of(&ask).await?;
    let state = ask.query("state");
    if state.is_some_and(|state| !STATES.contains(&state)) {
        return Err(Problem::Malformed(format!("state must be one of: {}", STATES.join(", "))));
    }
    let found = console.registry_admin.clients(tenant.id, state, ask.page()?).await?;
    let items: Vec<_> = found.items.iter().map(|client| shown(client, None)).collect();
    Ok(Answer::json(200, &PageOf { items, next: found.next }))
}

async fn create(console: Arc<Console>, ask: Ask) -> Outcome {
    let tenant = console.tenant_of(&ask).await?;
    let client = new_client(ask.members()?)?;
    let (client, secret) = console.registry_admin.create_client(tenant.id, client, &ask.meta()).await?;
    let at = format!("/admin/v1/tenants/{}/clients/{}", tenant.slug, client.client_id);
    Ok(Answer::json(201, &shown(&client, secret.as_ref())).header("location", &at))
}

fn new_client(mut members: Members) -> Result<NewClient, Problem> {
    let kind = members.required_word("kind", "confidential, public, native");
    let client = NewClient {
        name: members.required("name"),
        kind: kind.unwrap_or(ClientKind::Confidential),
        website: members.text("website"),
        logo_url: members.text("logo_url"),
        redirect_uris: members.texts("redirect_uris").unwrap_or_default(),
        post_logout_redirect_uris: members.texts("post_logout_redirect_uris").unwrap_or_default(),
        origins: members.texts("origins").unwrap_or_default(),
        scopes: members.texts("scopes").unwrap_or_default(),
        jwks: jwks(&mut members).unwrap_or_default(),
        id_token_alg: members.text("id_token_alg"),
        password_grant: members.flag("password_grant").unwrap_or_default(),
        lifetimes: lifetimes(&mut members),
        resource: members.text("resource"),
    };
    members.finish()?;
    Ok(client)
}

/// A JSON Web Key Set; what is wrong with it is said by the rule that refuses it.
fn jwks(members: &mut Members) -> Option<KeySet> {
    match KeySet::try_from(members.value("jwks")?) {
        Ok(keys) => Some(keys),
        Err(refusal) => {
            members.refuse("jwks", refusal.to_string());
            None
        }
    }
}

fn lifetimes(members: &mut Members) -> Lifetimes {
    let must = "must be an object with seconds for user_access, client_access or refresh";
    members.record("lifetimes", must).unwrap_or_default()
}

/// The tenant and the client that the path names.
async fn client_of(console: &Console, ask: &Ask) -> Result<(Arc<TenantView>, Arc<ClientView>), Problem> {
    let tenant = console.tenant_of(ask).await?;
    let client = console.registry.client(tenant.id, &ask.param("client_id")?).await?;
    Ok((tenant, client.ok_or(Problem::not_found("client"))?))
}

async fn get(console: Arc<Console>, ask: Ask) -> Outcome {
    let (_, client) = client_of(&console, &ask).await?;
    Ok(Answer::json(200, &shown(&client, None)))
}

async fn change(console: Arc<Console>, ask: Ask) -> Outcome {
    let tenant = console.tenant_of(&ask).await?;
    let mut members = ask.members()?;
    let change = ClientChange {
        name: members.text("name"),
        website: members.text("website"),
        logo_url: members.text("logo_url"),
        redirect_uris: members.texts("redirect_uris"),
        post_logout_redirect_uris: members.texts("post_logout_redirect_uris"),
        origins: members.texts("origins"),
        scopes: members.texts("scopes"),
        jwks: jwks(&mut members),
        id_token_alg: members.text("id_token_alg"),
        password_grant: members.flag("password_grant"),
        lifetimes: lifetimes(&mut members),
    };
    members.finish()?;
    let client_id = ask.param("client_id")?;
    let client = console.registry_admin.change_client(tenant.id, &client_id, change, &ask.meta()).await?;
    Ok(Answer::json(200, &shown(&client, None)))
}

/// Approves, rejects, suspends or restores; the two that a developer will ask about have a
/// reason.
async fn command(console: Arc<Console>, ask: Ask, command: fn(String) -> ClientCommand) -> Outcome {
    let tenant = console.tenant_of(&ask).await?;
    let needs_reason = matches!(command(String::new()), ClientCommand::Reject { .. });
    let reason = if needs_reason { reason_of(&ask)? } else { no_reason(&ask)? };
    let client_id = ask.param("client_id")?;
    let client = console.registry_admin.command_client(tenant.id, &client_id, command(reason), &ask.meta()).await?;
    Ok(Answer::json(200, &shown(&client, None)))
}

fn no_reason(ask: &Ask) -> Result<String, Problem> {
    ask.no_body()?;
    Ok(String::new())
}

fn reason_of(ask: &Ask) -> Result<String, Problem> {
    let mut members = ask.members()?;
    let reason = members.required("reason");
    members.finish()?;
    if reason.trim().is_empty() {
        return Err(Problem::Invalid(vec![Wrong::at("/reason", "must not be empty")]));
    }
    Ok(reason)
}

async fn suspend(console: Arc<Console>, ask: Ask) -> Outcome {
    let (tenant, client) = client_of(&console, &ask).await?;
    let reason = reason_of(&ask)?;
    Ok(Answer::json(200, &shown(&*console.suspend_client(tenant.id, &client, reason, &ask.meta()).await?, None)))
}

async fn restore(console: Arc<Console>, ask: Ask) -> Outcome {
    ask.no_body()?;
    let (tenant, client) = client_of(&console, &ask).await?;
    Ok(Answer::json(200, &shown(&*console.restore_client(tenant.id, &client, &ask.meta()).await?, None)))
}

/// Grants are ended first, so that a failure can be tried again; and once more at the end, for
/// those that came in between. A deleted client's tokens are dead in any case.
async fn delete(console: Arc<Console>, ask: Ask) -> Outcome {
    ask.no_body()?;
    let (tenant, client) = client_of(&console, &ask).await?;
    let meta = ask.meta();
    console.token_admin.revoke_client_grants(tenant.id, client.key, &meta).await?;
    console.registry_admin.command_client(tenant.id, &client.client_id, ClientCommand::Delete, &meta).await?;
    if let Err(cause) = console.token_admin.revoke_client_grants(tenant.id, client.key, &meta).await {
        tracing::warn!(%cause, "grants that a client got while it was deleted could not be ended");
    }
    Ok(Answer::empty(204))
}

async fn rotate(console: Arc<Console>, ask: Ask) -> Outcome {
    ask.no_body()?;
    let tenant = console.tenant_of(&ask).await?;
    let client_id = ask.param("client_id")?;
    let secret = console.registry_admin.rotate_client_secret(tenant.id, &client_id, &ask.meta()).await?;
    Ok(Answer::json(200, &new_secret(&secret)))
}
