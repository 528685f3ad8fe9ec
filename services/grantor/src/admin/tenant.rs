use super::api::{Admin, document, encode, show, table};
use crate::{
    cli::{Api, Place, TenantCommand},
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
        TenantCommand::Suspend { slug } => show(&admin.post(&format!("{}/suspend", at(&slug)), None)?),
        TenantCommand::Restore { slug } => show(&admin.post(&format!("{}/restore", at(&slug)), None)?),
    }
    Ok(())
}
