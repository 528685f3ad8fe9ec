//! The tenant's API as a Postman collection (format 2.1).

use serde_json::{Value, json};

use super::{FieldKind, FieldPlace, Task, TaskAuth, TaskBody};
use crate::{Profile, UsersHost};

const SCHEMA: &str = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";

impl Profile {
    /// A Postman collection of every task, with variables for hosts, credentials and tokens.
    /// Arguments as of [`Profile::openapi`].
    pub fn postman(&self, title: &str, identity: &str, api: &str) -> Value {
        let variable = |key: &str, value: &str| json!({ "key": key, "value": value, "type": "string" });
        json!({
            "info": { "name": format!("{title} API"), "schema": SCHEMA },
            "item": self.tasks().iter().map(item).collect::<Vec<_>>(),
            "variable": [
                variable("identity", identity), variable("api", api), variable("client_id", ""),
                variable("client_secret", ""), variable("client_token", ""), variable("user_token", ""),
            ]
        })
    }
}

fn item(task: &Task) -> Value {
    let host = if task.host == UsersHost::Api { "{{api}}" } else { "{{identity}}" };
    let path = task.path.replace('{', ":").replace('}', "");
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let in_path = task.fields.iter().filter(|field| field.place == FieldPlace::Path);
    let variables: Vec<Value> = in_path.map(|field| json!({ "key": field.name, "value": field.example })).collect();
    let mut url = json!({ "raw": format!("{host}{path}"), "host": [host], "path": parts });
    if !variables.is_empty() {
        url["variable"] = variables.into();
    }
    let mut request = json!({ "method": task.method, "header": [], "url": url });
    match task.auth {
        TaskAuth::Client => request["auth"] = json!({ "type": "noauth" }),
        TaskAuth::ClientToken | TaskAuth::UserToken => {
            let token = if task.auth == TaskAuth::UserToken { "{{user_token}}" } else { "{{client_token}}" };
            request["auth"] =
                json!({ "type": "bearer", "bearer": [{ "key": "token", "value": token, "type": "string" }] });
        }
    }
    match task.body {
        TaskBody::None => {}
        TaskBody::Form => {
            let pair = |key: &str, value: &str| json!({ "key": key, "value": value, "type": "text" });
            let fixed = task.fixed.iter().map(|(name, value)| pair(name, value));
            let typed = body_fields(task).map(|field| pair(&field.name, &sample(&field.name, &field.example)));
            request["body"] = json!({ "mode": "urlencoded", "urlencoded": fixed.chain(typed).collect::<Vec<_>>() });
        }
        TaskBody::Json => {
            let values = |name: &str| task.fields.iter().find(|field| field.name == name).map(|f| f.example.clone());
            let raw = task.request(values, None).body;
            let options = json!({ "raw": { "language": "json" } });
            request["body"] = json!({ "mode": "raw", "raw": raw, "options": options });
        }
    }
    json!({ "name": task.id.title().en, "request": request, "response": [] })
}

fn body_fields(task: &Task) -> impl Iterator<Item = &super::TaskField> {
    task.fields.iter().filter(|field| field.place == FieldPlace::Body && field.kind != FieldKind::Flag)
}

/// What everybody fills with their own is a variable.
fn sample(name: &str, example: &str) -> String {
    match name {
        "client_id" | "client_secret" => format!("{{{{{name}}}}}"),
        _ => example.to_owned(),
    }
}
