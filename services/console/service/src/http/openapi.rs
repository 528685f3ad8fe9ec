//! The OpenAPI document, made from the same table as the routes.

use std::sync::Arc;

use grantor_web::{AdminRoute, Answer, PathSpec, admin_handler};
use serde_json::{Map, Value, json};

use super::{GET, Operation, operations, schemas::schemas};
use crate::Console;

const PATH: &str = "/admin/v1/openapi.json";

/// Answered to whoever reaches the listener: it says what there is, and nothing of what is in it.
pub(super) fn route(console: &Arc<Console>) -> AdminRoute {
    let console = Arc::clone(console);
    let handler = admin_handler(move |_| {
        let answer = Answer::json(200, &document(&operations(&console))).no_store();
        async { answer }
    });
    AdminRoute { name: "get_openapi", at: PathSpec::Fixed(PATH), methods: GET, handler }
}

fn document(operations: &[Operation]) -> Value {
    let mut paths = Map::new();
    for operation in operations {
        let path =
            paths.entry(operation.path).or_insert_with(|| json!({ "parameters": path_parameters(operation.path) }));
        for method in operation.methods {
            path[method.as_str().to_ascii_lowercase()] = describe(operation);
        }
    }
    paths.insert(PATH.to_owned(), json!({ "get": itself() }));
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Grantor admin API",
            "version": "1",
            "description": "Commands of operators. Errors are problems of RFC 9457. No answer may be cached."
        },
        "security": [{ "operator": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "operator": { "type": "http", "scheme": "bearer", "description": "An operator's token." }
            },
            "responses": { "Problem": {
                "description": "What went wrong.",
                "content": { "application/problem+json": { "schema": reference("Problem") } }
            } },
            "schemas": schemas()
        }
    })
}

/// The only operation that is no operator's.
fn itself() -> Value {
    let content = json!({ "application/json": { "schema": reference("OpenApi") } });
    json!({
        "operationId": "get_openapi", "summary": "This document.", "security": [],
        "responses": { "200": { "description": "Done.", "content": content } }
    })
}

fn describe(operation: &Operation) -> Value {
    let mut success = json!({ "description": if operation.answer.is_some() { "Done." } else { "Done; no body." } });
    if let Some(schema) = operation.answer {
        success["content"] = json!({ "application/json": { "schema": reference(schema) } });
    }
    let mut responses = json!({ "default": { "$ref": "#/components/responses/Problem" } });
    responses[operation.status.to_string()] = success;
    let mut described = json!({
        "operationId": operation.name, "summary": operation.summary, "responses": responses
    });
    if !operation.query.is_empty() {
        let parameter = |(name, text): &(&str, &str)| {
            let kind = if *name == "limit" { "integer" } else { "string" };
            json!({ "name": name, "in": "query", "description": text, "schema": { "type": kind } })
        };
        described["parameters"] = operation.query.iter().map(parameter).collect();
    }
    if let Some(schema) = operation.body {
        described["requestBody"] =
            json!({ "required": true, "content": { "application/json": { "schema": reference(schema) } } });
    }
    described
}

fn path_parameters(path: &str) -> Vec<Value> {
    let names = path.split('{').skip(1).filter_map(|rest| rest.split('}').next());
    names.map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } })).collect()
}

fn reference(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}
