//! The records of the admin API, as the OpenAPI document describes them.

use serde_json::{Map, Value, json};

/// All of them by name.
pub(super) fn schemas() -> Value {
    let mut all = Map::new();
    for group in [general(), tenants(), clients(), users(), others(), super::webhook_schemas::schemas()] {
        if let Value::Object(group) = group {
            all.extend(group);
        }
    }
    Value::Object(all)
}

/// An object of these members that has no others.
pub(super) fn record(required: &[&str], members: Value) -> Value {
    json!({ "type": "object", "required": required, "properties": members, "additionalProperties": false })
}

pub(super) fn text() -> Value {
    json!({ "type": "string" })
}

pub(super) fn maybe() -> Value {
    json!({ "type": ["string", "null"] })
}

pub(super) fn time() -> Value {
    json!({ "type": "string", "format": "date-time" })
}

pub(super) fn words(words: &[&str]) -> Value {
    json!({ "type": "string", "enum": words })
}

pub(super) fn texts() -> Value {
    json!({ "type": "array", "items": { "type": "string" } })
}

pub(super) fn of(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}

pub(super) fn list(schema: &str) -> Value {
    record(&["items"], json!({ "items": { "type": "array", "items": of(schema) }, "next": text() }))
}

fn general() -> Value {
    let wrong = record(&["pointer", "detail"], json!({ "pointer": text(), "detail": text() }));
    json!({
        "Problem": {
            "type": "object", "required": ["type", "title", "status", "detail"],
            "properties": {
                "type": text(), "title": text(), "status": { "type": "integer" }, "detail": text(),
                "errors": { "type": "array", "items": wrong }
            }
        },
        "Reason": record(&["reason"], json!({ "reason": text() })),
        "OpenApi": { "type": "object" }
    })
}

fn tenants() -> Value {
    let kind = words(&["production", "development", "sandbox"]);
    let authorities = json!({ "type": "array", "items": of("Authority") });
    let reference = record(&["document", "section"], json!({ "document": text(), "section": text() }));
    let deviation = record(
        &["id", "knob", "path", "severity", "deviation", "from", "compensations", "acknowledged"],
        json!({
            "id": text(), "knob": { "type": "integer" }, "path": text(),
            "severity": words(&["note", "weak", "legacy_unsafe"]), "deviation": text(),
            "from": { "type": "array", "items": reference }, "compensations": texts(),
            "acknowledged": { "type": "boolean" }
        }),
    );
    json!({
        "Authority": record(&["role", "authority"], json!({ "role": words(&["identity", "api", "widget"]), "authority": text() })),
        "Branding": record(&[], json!({ "colour": maybe(), "monogram": maybe() })),
        "Terms": record(&["version", "text"], json!({ "version": text(), "text": text() })),
        "NewTenant": record(&["slug", "name", "kind", "issuer"], json!({
            "slug": text(), "name": text(), "kind": kind, "issuer": text(), "api": text(),
            "authorities": authorities, "profile": of("Profile"), "preset": text(),
            "branding": of("Branding"), "contact": text(), "terms": of("Terms")
        })),
        "TenantChange": record(&[], json!({
            "name": text(), "branding": of("Branding"), "contact": text(), "terms": of("Terms")
        })),
        "Tenant": record(&["id", "slug", "name", "kind", "state", "issuer", "api", "authorities", "version"], json!({
            "id": text(), "slug": text(), "name": text(), "kind": kind, "state": words(&["active", "suspended"]),
            "issuer": text(), "api": text(), "authorities": authorities, "branding": of("Branding"),
            "contact": maybe(), "terms": of("Terms"), "clock": of("Clock"), "legacy_unsafe": texts(),
            "version": { "type": "integer" }
        })),
        "NewMailServer": record(&["host", "port", "security", "from"], json!({
            "host": text(), "port": { "type": "integer" }, "security": words(&["tls", "start_tls", "plain"]),
            "username": text(), "password": text(), "from": text()
        })),
        "MailServer": record(&["server"], json!({ "server": { "oneOf": [{ "type": "null" }, record(
            &["host", "port", "security", "from"],
            json!({
                "host": text(), "port": { "type": "integer" }, "security": words(&["tls", "start_tls", "plain"]),
                "username": text(), "from": text()
            })
        )] } })),
        "NewMember": record(&["role"], json!({ "role": words(&["viewer", "reviewer", "owner"]) })),
        "Team": record(&["items"], json!({ "items": { "type": "array", "items": record(
            &["user", "role"],
            json!({ "user": text(), "role": words(&["viewer", "reviewer", "owner"]) })
        ) } })),
        "MailTest": record(&["to"], json!({ "to": text() })),
        "TenantList": list("Tenant"),
        "TenantClone": record(&["slug", "issuer"], json!({
            "slug": text(), "name": text(), "kind": kind, "issuer": text(), "api": text(),
            "authorities": authorities, "contact": text()
        })),
        "Clock": record(&["now", "real", "ahead_seconds"], json!({
            "now": time(), "real": time(), "ahead_seconds": { "type": "integer" }
        })),
        "ClockAdvance": record(&["seconds"], json!({ "seconds": { "type": "integer", "minimum": 1 } })),
        "ProfilePatch": { "type": "array", "items": { "type": "object" }, "description": "A JSON patch, RFC 6902." },
        "ProfileDifference": record(&["pointer"], json!({ "pointer": text(), "theirs": {}, "ours": {} })),
        "ProfileDiff": list("ProfileDifference"),
        "Profile": { "type": "object", "description": "The profile document; see the presets for complete ones." },
        "Deviation": deviation,
        "SecurityDelta": list("Deviation"),
        "PresetSummary": record(&["name", "summary"], json!({ "name": text(), "summary": text() })),
        "PresetList": list("PresetSummary"),
        "Preset": record(&["name", "summary", "profile", "security_delta"], json!({
            "name": text(), "summary": text(), "profile": of("Profile"),
            "security_delta": { "type": "array", "items": of("Deviation") }
        }))
    })
}

/// Seconds, 0 for ever; what is absent is as the tenant has it.
fn lifetimes() -> Value {
    let seconds = json!({ "type": "integer", "minimum": 0 });
    record(&[], json!({ "user_access": seconds, "client_access": seconds, "refresh": seconds }))
}

/// Public keys that a client signs with to say who it is (RFC 7517 5, RFC 7523).
fn jwks() -> Value {
    record(&["keys"], json!({ "keys": { "type": "array", "maxItems": 10, "items": { "type": "object" } } }))
}

fn clients() -> Value {
    let algs = words(&["RS256", "ES256", "EdDSA"]);
    let secret = record(
        &["id", "created_at"],
        json!({
            "id": text(), "created_at": time(), "expires_at": { "type": ["string", "null"], "format": "date-time" }
        }),
    );
    let client = json!({
        "key": text(), "client_id": text(),
        "state": words(&["draft", "pending", "approved", "rejected", "suspended"]), "reason": text(),
        "kind": words(&["confidential", "public", "native"]), "name": text(), "website": maybe(),
        "logo_url": maybe(), "contact": maybe(), "redirect_uris": texts(), "post_logout_redirect_uris": texts(),
        "origins": texts(), "scopes": texts(), "secrets": { "type": "array", "items": secret }, "jwks": jwks(), "id_token_alg": maybe(),
        "password_grant": { "type": "boolean" }, "lifetimes": lifetimes(), "resource": maybe(), "created_at": time(), "version": { "type": "integer" }
    });
    let mut with_secret = client.clone();
    with_secret["client_secret_id"] = text();
    with_secret["client_secret"] = text();
    let needed = ["key", "client_id", "state", "kind", "name", "redirect_uris", "scopes", "created_at", "version"];
    json!({
        "Client": record(&needed, client),
        "ClientList": list("Client"),
        "ClientWithSecret": record(&needed, with_secret),
        "NewSecret": record(
            &["client_secret_id", "client_secret"], json!({ "client_secret_id": text(), "client_secret": text() })
        ),
        "NewClient": record(&["name", "kind"], json!({
            "name": text(), "kind": words(&["confidential", "public", "native"]), "website": text(),
            "logo_url": text(), "redirect_uris": texts(), "post_logout_redirect_uris": texts(),
            "origins": texts(), "scopes": texts(), "jwks": jwks(),
            "id_token_alg": algs, "password_grant": { "type": "boolean" }, "lifetimes": lifetimes(), "resource": text()
        })),
        "ClientChange": record(&[], json!({
            "name": text(), "website": text(), "logo_url": text(), "redirect_uris": texts(),
            "post_logout_redirect_uris": texts(),
            "origins": texts(), "scopes": texts(), "jwks": jwks(), "id_token_alg": algs,
            "password_grant": { "type": "boolean" }, "lifetimes": lifetimes()
        }))
    })
}

fn users() -> Value {
    let claims = json!({ "type": "object", "description": "Claims by name." });
    let change = json!({
        "email": text(), "email_verified": { "type": "boolean" },
        "password": { "type": "string", "format": "password", "writeOnly": true },
        "claims": claims, "attributes": claims
    });
    json!({
        "NewUser": record(&["email"], change.clone()),
        "UserChange": record(&[], change),
        "User": record(&["id", "state", "claims", "created_at"], json!({
            "id": text(), "state": words(&["active", "locked", "deactivated", "erased"]), "claims": claims,
            "created_at": time()
        })),
        "UserList": list("User"),
        "NewAccount": record(&["name", "user"], json!({ "name": text(), "user": text() })),
        "AccountUser": record(&["user"], json!({ "user": text() })),
        "Account": record(&["id", "kind", "users", "opened_at"], json!({
            "id": text(), "kind": words(&["personal", "business"]), "name": text(),
            "users": { "type": "array", "items": text() }, "opened_at": time()
        }))
    })
}

fn others() -> Value {
    let algs = words(&["RS256", "ES256", "EdDSA"]);
    let operator = json!({
        "id": text(), "name": text(), "state": words(&["active", "disabled"]), "created_at": time()
    });
    let mut with_token = operator.clone();
    with_token["token"] = text();
    let needed = ["id", "name", "state", "created_at"];
    json!({
        "Key": record(&["id", "kid", "alg", "state", "created_at"], json!({
            "id": text(), "kid": text(), "alg": algs,
            "state": words(&["pending", "active", "retiring", "retired"]), "created_at": time()
        })),
        "KeyList": list("Key"),
        "Flow": record(&["id", "client_id", "kind", "state", "language", "sync_period", "expires_at"], json!({
            "id": text(), "client_id": text(), "kind": words(&["one_time", "ongoing"]),
            "state": words(&["open", "completed", "cancelled", "failed", "expired"]), "reason": maybe(),
            "language": text(), "sync_period": { "type": "integer" }, "expires_at": time()
        })),
        "KeyRotation": record(&["alg"], json!({ "alg": algs })),
        "Operator": record(&needed, operator),
        "OperatorList": list("Operator"),
        "OperatorWithToken": record(&needed, with_token),
        "OperatorToken": record(&["id", "token"], json!({ "id": text(), "token": text() })),
        "NewOperator": record(&["name"], json!({ "name": text() })),
        "Mail": record(&["to", "subject", "body", "at"], json!({
            "to": text(), "subject": text(), "body": text(), "at": time()
        })),
        "MailList": list("Mail")
    })
}
