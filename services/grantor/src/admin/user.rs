use super::{
    api::{Admin, document, encode, show, table},
    named,
};
use crate::{
    cli::{Api, Place, UserCommand},
    failure::Failure,
};

/// `grantor user …`
pub fn user(api: &Api, place: &Place, tenant: &str, command: UserCommand) -> Result<(), Failure> {
    let all = format!("/admin/v1/tenants/{}/users", encode(named(tenant)?));
    let at = |user: &str, verb: &str| format!("{all}/{}{verb}", encode(user));
    let admin = Admin::find(api, place)?;
    match command {
        UserCommand::List => table(&admin.list(&all)?, &["id", "state", "created_at"]),
        UserCommand::Show { user } => show(&admin.get(&at(&user, ""))?),
        UserCommand::Create { document: path } => show(&admin.post(&all, Some(&document(&path)?))?),
        UserCommand::Change { user, document: path } => show(&admin.patch(&at(&user, ""), &document(&path)?)?),
        UserCommand::Lock { user } => show(&admin.post(&at(&user, "/lock"), None)?),
        UserCommand::Unlock { user } => show(&admin.post(&at(&user, "/unlock"), None)?),
        UserCommand::Deactivate { user } => show(&admin.post(&at(&user, "/deactivate"), None)?),
        UserCommand::Erase { user } => show(&admin.post(&at(&user, "/erase"), None)?),
    }
    Ok(())
}
