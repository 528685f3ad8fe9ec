use serde_json::json;

use super::{
    api::{Admin, document, encode, show, table},
    named,
};
use crate::{
    cli::{Api, ClientCommand, Place},
    failure::Failure,
};

/// `grantor client …`
pub fn client(api: &Api, place: &Place, tenant: &str, command: ClientCommand) -> Result<(), Failure> {
    let all = format!("/admin/v1/tenants/{}/clients", encode(named(tenant)?));
    let at = |client_id: &str, verb: &str| format!("{all}/{}{verb}", encode(client_id));
    let admin = Admin::find(api, place)?;
    match command {
        ClientCommand::List { state } => {
            let filter = state.map(|state| format!("?state={}", encode(&state))).unwrap_or_default();
            table(&admin.list(&format!("{all}{filter}"))?, &["client_id", "state", "name", "kind", "created_at"]);
        }
        ClientCommand::Show { client_id } => show(&admin.get(&at(&client_id, ""))?),
        ClientCommand::Create { document: path } => show(&admin.post(&all, Some(&document(&path)?))?),
        ClientCommand::Change { client_id, document: path } => {
            show(&admin.patch(&at(&client_id, ""), &document(&path)?)?);
        }
        ClientCommand::Approve { client_id } => show(&admin.post(&at(&client_id, "/approve"), None)?),
        ClientCommand::Reject { client_id, reason } => {
            show(&admin.post(&at(&client_id, "/reject"), Some(&json!({ "reason": reason })))?);
        }
        ClientCommand::Suspend { client_id, reason } => {
            show(&admin.post(&at(&client_id, "/suspend"), Some(&json!({ "reason": reason })))?);
        }
        ClientCommand::Restore { client_id } => show(&admin.post(&at(&client_id, "/restore"), None)?),
        ClientCommand::RotateSecret { client_id } => show(&admin.post(&at(&client_id, "/rotate-secret"), None)?),
        ClientCommand::Delete { client_id } => show(&admin.delete(&at(&client_id, ""))?),
    }
    Ok(())
}
