use serde_json::{Value, json};

use super::{
    api::{Admin, document, encode, print, show, table},
    delta, knob,
};
use crate::{
    cli::{Api, ClockCommand, MailServerCommand, Place, TeamCommand, TenantCommand},
    failure::Failure,
};

/// `grantor tenant …`
pub fn tenant(api: &Api, place: &Place, command: TenantCommand) -> Result<(), Failure> {
    let admin = Admin::find(api, place)?;
    let at = |slug: &str| format!("/admin/v1/tenants/{}", encode(slug));
    match command {
        TenantCommand::List => table(&admin.list("/admin/v1/tenants")?, &["slug", "name", "kind", "state", "issuer"]),
        TenantCommand::Show { slug } => show(&admin.get(&at(&slug))?),
        TenantCommand::Create { document: path } => show(&admin.post("/admin/v1/tenants", Some(&document(&path)?))?),
        TenantCommand::Profile { slug } => show(&admin.get(&format!("{}/profile", at(&slug)))?),
        TenantCommand::SetProfile { slug, document: path } => {
            show(&admin.put(&format!("{}/profile", at(&slug)), &document(&path)?)?);
        }
        TenantCommand::Clone { slug, new, issuer, name, kind, contact } => {
            let mut body = json!({ "slug": new, "issuer": issuer });
            for (member, value) in [("name", name), ("kind", kind), ("contact", contact)] {
                if let Some(value) = value {
                    body[member] = value.into();
                }
            }
            show(&admin.post(&format!("{}/clone", at(&slug)), Some(&body))?);
        }
        TenantCommand::Set { slug, pointer, value, remove: _, acknowledge } => {
            show(&knob::set(&admin, &at(&slug), &pointer, value.as_deref(), &acknowledge)?);
        }
        TenantCommand::Diff { slug, preset, tenant } => {
            let with = match (preset, tenant) {
                (Some(preset), _) => format!("preset={}", encode(&preset)),
                (None, tenant) => format!("tenant={}", encode(&tenant.unwrap_or_default())),
            };
            let found = admin.get(&format!("{}/profile/diff?{with}", at(&slug)))?;
            match found["items"].as_array().map_or(&[][..], Vec::as_slice) {
                [] => print("No difference."),
                items => table(items, &["pointer", "theirs", "ours"]),
            }
        }
        TenantCommand::Delta { slug, json } => {
            let found = admin.get(&format!("{}/profile/delta", at(&slug)))?;
            if json {
                show(&found);
            } else {
                delta::table(found["items"].as_array().map_or(&[], Vec::as_slice));
            }
        }
        TenantCommand::Clock { slug, command: None } => match &admin.get(&at(&slug))?["clock"] {
            Value::Null => return Err(Failure::Refused(format!("{slug} is no sandbox: its clock is the real one"))),
            clock => show(clock),
        },
        TenantCommand::Clock { slug, command: Some(ClockCommand::Advance { by }) } => {
            let body = json!({ "seconds": by.as_secs() });
            show(&admin.post(&format!("{}/clock/advance", at(&slug)), Some(&body))?);
        }
        TenantCommand::MailServer { slug, command } => mail_server(&admin, &at(&slug), command)?,
        TenantCommand::Team { slug, command } => {
            let at = format!("{}/team", at(&slug));
            show(&match command {
                None => admin.get(&at)?,
                Some(TeamCommand::Set { user, role }) => {
                    admin.put(&format!("{at}/{}", encode(&user)), &json!({ "role": role }))?
                }
                Some(TeamCommand::Remove { user }) => admin.delete(&format!("{at}/{}", encode(&user)))?,
            });
        }
        TenantCommand::Suspend { slug } => show(&admin.post(&format!("{}/suspend", at(&slug)), None)?),
        TenantCommand::Restore { slug } => show(&admin.post(&format!("{}/restore", at(&slug)), None)?),
    }
    Ok(())
}

fn mail_server(admin: &Admin, tenant: &str, command: Option<MailServerCommand>) -> Result<(), Failure> {
    let at = format!("{tenant}/mail-server");
    match command {
        None => show(&admin.get(&at)?),
        Some(MailServerCommand::Set { document: path }) => show(&admin.put(&at, &document(&path)?)?),
        Some(MailServerCommand::Remove) => drop(admin.delete(&at)?),
        Some(MailServerCommand::Test { to }) => {
            admin.post(&format!("{at}/test"), Some(&json!({ "to": to })))?;
            println!("a test mail is on its way to {to}");
        }
    }
    Ok(())
}
