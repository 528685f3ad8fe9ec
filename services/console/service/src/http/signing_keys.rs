//! A tenant's signing keys: listed, rotated.

use std::sync::Arc;

use grantor_web::Answer;
use serde_json::json;

use super::{
    Ask, GET, Operation, Outcome, POST,
    problem::{Problem, Wrong},
};
use crate::Console;

const KEYS: &str = "/admin/v1/tenants/{slug}/keys";
pub(crate) const ALGS: [&str; 3] = ["RS256", "ES256", "EdDSA"];

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new("list_keys", GET, KEYS, "A tenant's signing keys, with their states.", |console, ask| {
            Box::pin(list(console, ask))
        })
        .answers(200, "KeyList"),
        Operation::new(
            "rotate_key",
            POST,
            KEYS,
            "Brings in a next key: published at once, used once every cache of the key set knows it.",
            |console, ask| Box::pin(rotate(console, ask)),
        )
        .takes("KeyRotation")
        .answers(201, "Key"),
    ]
}

async fn list(console: Arc<Console>, ask: Ask) -> Outcome {
    let tenant = console.tenant_of(&ask).await?;
    let keys = console.token_admin.signing_keys(tenant.id).await?;
    Ok(Answer::json(200, &json!({ "items": keys })))
}

async fn rotate(console: Arc<Console>, ask: Ask) -> Outcome {
    let tenant = console.tenant_of(&ask).await?;
    let mut members = ask.members()?;
    let alg = members.required("alg");
    members.finish()?;
    if !ALGS.contains(&alg.as_str()) {
        let detail = format!("must be one of: {}", ALGS.join(", "));
        return Err(Problem::Invalid(vec![Wrong::at("/alg", detail)]));
    }
    let key = console.token_admin.rotate_signing_key(tenant.id, &alg, &ask.meta()).await?;
    Ok(Answer::json(201, &key))
}
