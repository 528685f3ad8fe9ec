//! The OpenAPI document says what the routes are.

use std::collections::BTreeSet;

use grantor_web::PathSpec;
use serde_json::Value;

use crate::support::{House, bare, document};

async fn openapi(house: &House) -> Value {
    // Nobody has to sign in to read it.
    document(&house.send(bare("GET", "/admin/v1/openapi.json").build().request).await)
}

#[tokio::test]
async fn the_document_has_exactly_the_routes() {
    for mailbox in [true, false] {
        let house = House::with(mailbox, Vec::new()).await;
        let mut routes = BTreeSet::new();
        for route in house.console.admin_routes() {
            let (PathSpec::Fixed(path) | PathSpec::Pattern(path)) = route.at else { continue };
            if path.starts_with("/admin/") {
                routes.extend(route.methods.iter().map(|method| format!("{method} {path}")));
            }
        }
        let mut described = BTreeSet::new();
        for (path, item) in openapi(&house).await["paths"].as_object().unwrap() {
            let methods = item.as_object().unwrap().keys().filter(|key| *key != "parameters");
            described.extend(methods.map(|method| format!("{} {path}", method.to_uppercase())));
        }
        assert_eq!(described, routes);
        assert_eq!(routes.contains("GET /admin/v1/mails"), mailbox);
    }
}

#[tokio::test]
async fn operations_have_names_of_their_own_and_references_resolve() {
    let house = House::new().await;
    let document = openapi(&house).await;
    let mut names = BTreeSet::new();
    for item in document["paths"].as_object().unwrap().values() {
        for (method, operation) in item.as_object().unwrap().iter().filter(|(key, _)| *key != "parameters") {
            assert!(names.insert(operation["operationId"].as_str().unwrap().to_owned()), "{method} {operation}");
        }
    }
    let mut references = Vec::new();
    collect(&document, &mut references);
    assert!(references.len() > 50);
    for reference in references {
        assert!(document.pointer(reference.strip_prefix('#').unwrap()).is_some(), "{reference}");
    }
}

fn collect(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|member| collect(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        _ => {}
    }
}
