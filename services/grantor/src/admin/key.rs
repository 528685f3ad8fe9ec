use serde_json::json;

use super::{
    api::{Admin, encode, show, table},
    named,
};
use crate::{
    cli::{Api, KeyCommand, Place},
    failure::Failure,
};

/// `grantor key …`
pub fn key(api: &Api, place: &Place, tenant: &str, command: KeyCommand) -> Result<(), Failure> {
    let all = format!("/admin/v1/tenants/{}/keys", encode(named(tenant)?));
    let admin = Admin::find(api, place)?;
    match command {
        KeyCommand::List => {
            let keys = admin.get(&all)?;
            table(keys["items"].as_array().map_or(&[], Vec::as_slice), &["kid", "alg", "state", "created_at"]);
        }
        KeyCommand::Rotate { alg } => show(&admin.post(&all, Some(&json!({ "alg": alg })))?),
    }
    Ok(())
}
