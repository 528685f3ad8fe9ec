//! The OpenAPI document, made from the same table as the routes.

use std::sync::Arc;

use grantor_web::Answer;
use serde_json::{Map, Value, json};

use super::{Ask, GET, Operation, Outcome, operations as all_operations, schemas::schemas};
use crate::Console;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new("get_openapi", GET, "/admin/v1/openapi.json", "This document.", |console, ask| {
            Box::pin(get(console, ask))
        })
        .answers(200, "OpenApi"),
    ]
}

async fn get(console: Arc<Console>, _: Ask) -> Outcome {
    Ok(Answer::json(200, &document(&all_operations(&console))))
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
