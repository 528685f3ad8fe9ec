//! The metadata documents: OpenID Connect Discovery 1.0 and RFC 8414. Only what works is listed.

use grantor_oauth::{ClientAuthMethod, Display, Prompt};
use serde_json::{Map, Value, json};

use crate::{CallbackMember, Endpoint, Locale, Profile, SigningAlg, SubjectType};

/// The algorithms that clients may sign with: proofs of possession (RFC 9449 5.1, 7.1), and who they
/// are (RFC 8414 2). Ed25519 goes by its own name and by that of its family (RFC 9864 2.2, RFC 8037
/// 3.1).
pub const CLIENT_ALGS: [&str; 4] = ["ES256", "Ed25519", "EdDSA", "RS256"];

impl Profile {
    /// Authorization server metadata (RFC 8414 2), which for OpenID tenants is also the
    /// discovery document (OpenID Connect Discovery 3).
    ///
    /// `issuer` is the stored issuer; `base` the URL in front of the profile's paths, without a
    /// slash at the end; `algs` the algorithms for which the tenant can make keys.
    pub fn discovery(&self, issuer: &str, base: &str, algs: &[SigningAlg]) -> Value {
        let mut document = Map::new();
        document.insert("issuer".to_owned(), issuer.into());
        self.add_endpoints(&mut document, base);
        self.add_protocol(&mut document);
        if self.oidc.enabled {
            self.add_openid(&mut document, algs);
        }
        Value::Object(document)
    }

    fn add_endpoints(&self, document: &mut Map<String, Value>, base: &str) {
        let listed = [
            ("authorization_endpoint", Endpoint::Authorize, true),
            ("pushed_authorization_request_endpoint", Endpoint::PushedAuthorization, true),
            ("token_endpoint", Endpoint::Token, true),
            ("revocation_endpoint", Endpoint::Revoke, true),
            ("introspection_endpoint", Endpoint::Introspect, true),
            ("jwks_uri", Endpoint::Jwks, true),
            ("userinfo_endpoint", Endpoint::Userinfo, self.oidc.enabled),
            ("end_session_endpoint", Endpoint::EndSession, self.oidc.enabled),
        ];
        for (name, endpoint, served) in listed {
            if let Some(path) = self.path_of(endpoint).filter(|_| served) {
                document.insert(name.to_owned(), format!("{base}{path}").into());
            }
        }
    }

    fn add_protocol(&self, document: &mut Map<String, Value>) {
        let grants: Vec<_> = self.token_request.grants.iter().map(|grant| grant.as_str()).collect();
        let methods: Vec<_> = self.token_request.client_auth.iter().map(|method| method.as_str()).collect();
        // Whoever introspects must prove who they are.
        let proven = |method: &&ClientAuthMethod| **method != ClientAuthMethod::None;
        let proving: Vec<_> = self.token_request.client_auth.iter().filter(proven).map(|m| m.as_str()).collect();
        let scopes: Vec<_> = self.scopes.catalogue.iter().map(|entry| entry.name.as_str()).collect();
        let locales: Vec<_> = Locale::ALL.iter().map(|locale| locale.tag()).collect();
        let members = json!({
            "grant_types_supported": grants,
            "token_endpoint_auth_methods_supported": methods,
            "revocation_endpoint_auth_methods_supported": methods,
            "introspection_endpoint_auth_methods_supported": proving,
            "scopes_supported": scopes,
            "ui_locales_supported": locales,
        });
        document.extend(object(members));
        if self.access_tokens.dpop.is_spoken() {
            // RFC 9449 5.1.
            document.insert("dpop_signing_alg_values_supported".to_owned(), json!(CLIENT_ALGS));
        }
        if self.takes_assertions() {
            for endpoint in ["token", "revocation", "introspection"] {
                let name = format!("{endpoint}_endpoint_auth_signing_alg_values_supported");
                document.insert(name, json!(CLIENT_ALGS));
            }
        }
        // RFC 8414 2 requires the member even where nothing is in it.
        let codes: &[&str] = if self.paths.authorize.is_some() { &["code"] } else { &[] };
        document.insert("response_types_supported".to_owned(), codes.into());
        if self.paths.authorize.is_some() {
            let modes: &[&str] = if self.authorize.form_post { &["query", "form_post"] } else { &["query"] };
            document.insert("response_modes_supported".to_owned(), modes.into());
            document.insert("code_challenge_methods_supported".to_owned(), json!(["S256"]));
            if self.paths.pushed_authorization.is_some() {
                let only = self.authorize.pushed_only;
                document.insert("require_pushed_authorization_requests".to_owned(), only.into());
            }
            let iss = self.errors.callback.contains(&CallbackMember::Iss);
            document.insert("authorization_response_iss_parameter_supported".to_owned(), iss.into());
        }
    }

    fn add_openid(&self, document: &mut Map<String, Value>, algs: &[SigningAlg]) {
        let algs = self.oidc.signing_algs.iter().filter(|alg| algs.contains(alg)).map(|alg| alg.as_str());
        let displays = Display::ALL.map(Display::as_str);
        let prompts = Prompt::ALL.map(Prompt::as_str);
        let subject = match self.oidc.subject {
            SubjectType::Public => "public",
            SubjectType::Pairwise => "pairwise",
        };
        let members = json!({
            "subject_types_supported": [subject],
            "id_token_signing_alg_values_supported": algs.collect::<Vec<_>>(),
            "claims_supported": self.claims_supported(),
            "claim_types_supported": ["normal"],
            "claims_parameter_supported": self.oidc.claims_parameter,
            "request_parameter_supported": false,
            "request_uri_parameter_supported": false,
            "require_request_uri_registration": false,
            "display_values_supported": displays,
            "prompt_values_supported": prompts,
        });
        document.extend(object(members));
        if !self.oidc.acr_values.is_empty() {
            document.insert("acr_values_supported".to_owned(), json!(self.oidc.acr_values));
        }
    }

    fn claims_supported(&self) -> Vec<&str> {
        let mut claims = vec!["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr"];
        for claim in self.scopes.catalogue.iter().flat_map(|entry| &entry.claims) {
            if !claims.contains(&claim.as_str()) {
                claims.push(claim);
            }
        }
        claims
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
