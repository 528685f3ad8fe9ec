//! The tenant's API as an OpenAPI 3.1 document.

use serde_json::{Map, Value, json};

use super::{FieldKind, FieldPlace, Task, TaskAuth, TaskBody};
use crate::{ApiErrors, Profile, UsersHost};

impl Profile {
    /// An OpenAPI 3.1 document of every task. `title` is the tenant's name, `identity` and `api`
    /// are the URLs of its hosts, without a slash at the end.
    pub fn openapi(&self, title: &str, identity: &str, api: &str) -> Value {
        let mut paths: Map<String, Value> = Map::new();
        for task in self.tasks() {
            let base = if task.host == UsersHost::Api { api } else { identity };
            let item = paths.entry(task.path.clone()).or_insert_with(|| json!({ "servers": [{ "url": base }] }));
            let method = task.method.to_ascii_lowercase();
            match item.get_mut(&method) {
                Some(known) => merge(known, &task),
                None => item[method] = self.operation(&task),
            }
        }
        json!({
            "openapi": "3.1.0",
            "info": { "title": format!("{title} API"), "version": "1", "description": "Generated from the tenant's profile." },
            "servers": [{ "url": identity }],
            "paths": paths,
            "components": {
                "securitySchemes": {
                    "bearer": { "type": "http", "scheme": "bearer", "description": "A client's or a user's access token." }
                },
                "schemas": { "Error": self.error_schema(), "OAuthError": oauth_error() }
            }
        })
    }

    fn operation(&self, task: &Task) -> Value {
        let title = task.id.title().en;
        let mut operation = json!({
            "operationId": task.id.as_str(), "summary": title, "responses": self.responses(task)
        });
        if task.auth != TaskAuth::Client {
            let whose = if task.auth == TaskAuth::UserToken { "a user's" } else { "a client's own" };
            operation["description"] = format!("Needs {whose} access token.").into();
            operation["security"] = json!([{ "bearer": [] }]);
        }
        let in_path = task.fields.iter().filter(|field| field.place == FieldPlace::Path);
        let parameters: Vec<Value> = in_path
            .map(|field| json!({ "name": field.name, "in": "path", "required": true, "schema": { "type": "string" } }))
            .collect();
        if !parameters.is_empty() {
            operation["parameters"] = parameters.into();
        }
        if let Some(media) = media(task.body) {
            operation["requestBody"] = json!({ "required": true, "content": { media: { "schema": schema(task) } } });
        }
        operation
    }

    fn responses(&self, task: &Task) -> Value {
        let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
        let problem = |text: &str, name: &str| json!({ "description": text, "content": { "application/json": { "schema": reference(name) } } });
        let created = task.id == super::TaskId::CreateUser;
        let success = if created { self.users_api.as_ref().map_or(201, |api| api.created_status) } else { 200 };
        let mut responses = Map::new();
        responses.insert(success.to_string(), json!({ "description": "Done." }));
        if task.auth == TaskAuth::Client {
            responses.insert("400".into(), problem("The request is refused (RFC 6749 5.2).", "OAuthError"));
            responses.insert("401".into(), problem("The client is not who it says.", "OAuthError"));
            if task.id == super::TaskId::UserToken {
                let state = self.errors.user_state;
                let told = [(state.unverified, "The user is not verified."), (state.locked, "The user is locked.")];
                for (status, text) in told.into_iter().filter(|(status, _)| *status != 400) {
                    responses.insert(status.to_string(), problem(text, "Error"));
                }
            }
        } else {
            responses.insert("401".into(), problem("The token is missing or worth nothing.", "Error"));
            responses.insert("403".into(), problem("The token is of the other kind.", "Error"));
            if task.body == TaskBody::Json {
                responses.insert("422".into(), problem("A member has a value that it cannot have.", "Error"));
            }
        }
        Value::Object(responses)
    }

    fn error_schema(&self) -> Value {
        if self.errors.api == ApiErrors::Oauth {
            return oauth_error();
        }
        let text = json!({ "type": "string" });
        let one = json!({ "type": "object", "properties": { "message": text, "code": text, "type": text } });
        json!({
            "type": "object", "required": ["errors", "date"],
            "properties": { "errors": { "type": "array", "items": one }, "date": text, "requestId": text }
        })
    }
}

fn oauth_error() -> Value {
    let text = json!({ "type": "string" });
    json!({
        "type": "object", "required": ["error"], "properties": { "error": text, "error_description": text }
    })
}

const fn media(body: TaskBody) -> Option<&'static str> {
    match body {
        TaskBody::None => None,
        TaskBody::Form => Some("application/x-www-form-urlencoded"),
        TaskBody::Json => Some("application/json"),
    }
}

fn schema(task: &Task) -> Value {
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for (name, value) in &task.fixed {
        properties.insert((*name).to_owned(), json!({ "const": value }));
        required.push(Value::from(*name));
    }
    for field in task.fields.iter().filter(|field| field.place == FieldPlace::Body) {
        let mut property = match field.kind {
            FieldKind::Text => json!({ "type": "string", "examples": [field.example] }),
            FieldKind::Secret => json!({ "type": "string", "format": "password" }),
            FieldKind::Flag => json!({ "type": "boolean" }),
            FieldKind::Number => json!({ "type": "integer" }),
        };
        property["description"] = field.label.en.clone().into();
        properties.insert(field.name.clone(), property);
        if field.required {
            required.push(field.name.clone().into());
        }
    }
    let mut schema = json!({ "type": "object", "title": task.id.title().en, "properties": properties });
    if !required.is_empty() {
        schema["required"] = required.into();
    }
    schema
}

/// Tasks that share a path and a method are one operation with one schema each.
fn merge(known: &mut Value, task: &Task) {
    known["summary"] = format!("{}, {}", known["summary"].as_str().unwrap_or_default(), task.id.title().en).into();
    let Some(content) = media(task.body).and_then(|media| known["requestBody"]["content"].get_mut(media)) else {
        return;
    };
    let before = content["schema"].take();
    content["schema"] = match before.get("oneOf").and_then(Value::as_array) {
        Some(list) => json!({ "oneOf": list.iter().cloned().chain([schema(task)]).collect::<Vec<_>>() }),
        None => json!({ "oneOf": [before, schema(task)] }),
    };
}
