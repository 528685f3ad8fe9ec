//! `grantor ingress`: an nginx configuration that puts processes of one deployment behind one
//! address per tenant.
//!
//! Fixed paths and patterns are the same for every tenant and stand in the file. Where a tenant's
//! profile puts an endpoint is asked of the registry's process, and remembered for five seconds:
//! a new tenant, or a moved path, needs no other configuration.

use std::{collections::BTreeMap, fmt::Write as _, net::SocketAddr};

use grantor_host::{PathSpec, Route, tenant_routes};

use crate::{cli::Ingress, failure::Failure};

/// Whoever is not in the table answers: with the right error page.
const OTHERWISE: &str = "authorization";

/// `grantor ingress`.
pub async fn ingress(wanted: &Ingress) -> Result<(), Failure> {
    let services = services(&wanted.service)?;
    let scratch = std::env::temp_dir().join(format!("grantor-ingress-{}", std::process::id()));
    let routes = tenant_routes(&scratch).await;
    let _ = std::fs::remove_dir_all(&scratch);
    print!("{}", configuration(wanted, &services, &routes?));
    Ok(())
}

fn services(texts: &[String]) -> Result<BTreeMap<String, SocketAddr>, Failure> {
    let mut services = BTreeMap::new();
    for text in texts {
        let entry = text.split_once('=').and_then(|(name, at)| Some((name.to_owned(), at.parse().ok()?)));
        let (name, at) =
            entry.ok_or_else(|| Failure::Usage(format!("--service {text}: expected NAME=ADDRESS:PORT")))?;
        services.insert(name, at);
    }
    for needed in ["registry", "directory", "authorization", "token"] {
        if !services.contains_key(needed) {
            return Err(Failure::Usage(format!("--service {needed}=ADDRESS:PORT is missing")));
        }
    }
    Ok(services)
}

fn configuration(wanted: &Ingress, services: &BTreeMap<String, SocketAddr>, routes: &[Route]) -> String {
    let mut fixed = BTreeMap::new();
    let mut endpoints = BTreeMap::new();
    let mut patterns = BTreeMap::new();
    for route in routes.iter().filter(|route| services.contains_key(route.service)) {
        let (entries, key) = match route.at {
            PathSpec::Fixed(path) => (&mut fixed, path_regex(path)),
            PathSpec::Pattern(path) => (&mut patterns, path_regex(path)),
            PathSpec::Profile(endpoint) | PathSpec::Below(endpoint, _) => {
                (&mut endpoints, endpoint.as_str().to_owned())
            }
        };
        entries.insert(key, route.service);
    }
    let mut text = String::from(
        "# Made by `grantor ingress` from the services' route tables; include it in the http context.\n\
         # New tenants and moved paths need no change here.\n\n",
    );
    for (name, at) in services {
        let _ = writeln!(text, "upstream grantor_{name} {{ server {at}; keepalive 64; }}");
    }
    let _ = writeln!(text, "upstream grantor_endpoints {{ server {}; keepalive 8; }}\n", wanted.ask);
    let _ = writeln!(
        text,
        "proxy_cache_path {} keys_zone=grantor_endpoints:4m max_size=64m inactive=10m use_temp_path=off;\n",
        wanted.cache.display()
    );
    text.push_str("map $request_uri $grantor_path { ~^(?<grantor_before_query>[^?]*) $grantor_before_query; }\n");
    map(&mut text, "$grantor_path", "$grantor_fixed", "\"\"", &fixed);
    map(&mut text, "$grantor_endpoint", "$grantor_moved", "\"\"", &endpoints);
    map(&mut text, "$grantor_path", "$grantor_pattern", OTHERWISE, &patterns);
    text.push_str(
        "map $grantor_moved $grantor_beside { \"\" $grantor_pattern; default $grantor_moved; }\n\
         map $grantor_fixed $grantor_service { \"\" $grantor_beside; default $grantor_fixed; }\n\n",
    );
    text.push_str("server {\n");
    let secured = wanted.certificate.as_ref().zip(wanted.key.as_ref());
    for at in &wanted.listen {
        let _ = writeln!(text, "    listen {at}{};", if secured.is_some() { " ssl" } else { "" });
    }
    if let Some((certificate, key)) = secured {
        let _ = writeln!(text, "    ssl_certificate {};", certificate.display());
        let _ = writeln!(text, "    ssl_certificate_key {};", key.display());
        text.push_str("    ssl_protocols TLSv1.2 TLSv1.3;\n");
    }
    text.push_str(SERVER);
    text
}

/// The path at an authority of the tenant's own, below `/t/{slug}`, and (RFC 8414 3.1) before it.
fn path_regex(path: &str) -> String {
    let pieces = path.split('/').map(|piece| if piece.starts_with('{') { "[^/]+".to_owned() } else { escape(piece) });
    let plain = pieces.collect::<Vec<_>>().join("/");
    let slug = "/t/[^/]+";
    match path {
        "/" => format!("~^({slug})?/?$"),
        _ if path.starts_with("/.well-known/") => format!("~^(({slug})?{plain}|{plain}{slug}/?)$"),
        _ => format!("~^({slug})?{plain}$"),
    }
}

fn escape(piece: &str) -> String {
    piece.chars().flat_map(|c| ('.' == c).then_some('\\').into_iter().chain([c])).collect()
}

fn map(text: &mut String, from: &str, to: &str, default: &str, entries: &BTreeMap<String, &str>) {
    let _ = writeln!(text, "map {from} {to} {{\n    default {default};");
    for (key, service) in entries {
        let _ = writeln!(text, "    \"{key}\" {service};");
    }
    text.push_str("}\n");
}

/// What every deployment has. Requests are never sent twice: a code may be redeemed once.
const SERVER: &str = r#"    server_tokens off;
    merge_slashes off;
    client_max_body_size 128k;
    client_body_buffer_size 128k;

    # Which endpoint of its tenant a path is. Nothing of the request but its address is told.
    location = /.grantor-endpoint {
        internal;
        proxy_pass http://grantor_endpoints/endpoint;
        proxy_method GET;
        proxy_http_version 1.1;
        proxy_pass_request_body off;
        proxy_pass_request_headers off;
        proxy_set_header Connection "";
        proxy_set_header Content-Length "";
        proxy_set_header X-Grantor-Authority $http_host;
        proxy_set_header X-Grantor-Path $grantor_path;
        proxy_ignore_headers Cache-Control Expires Set-Cookie;
        proxy_cache grantor_endpoints;
        proxy_cache_key "$http_host $grantor_path";
        proxy_cache_valid 200 5s;
        proxy_cache_lock on;
        # Known paths go on while the registry is away.
        proxy_cache_use_stale error timeout updating http_500 http_502 http_503 http_504;
        proxy_connect_timeout 1s;
        proxy_read_timeout 2s;
    }

    location / {
        auth_request /.grantor-endpoint;
        auth_request_set $grantor_endpoint $upstream_http_grantor_endpoint;
        proxy_pass http://grantor_$grantor_service;
        proxy_http_version 1.1;
        proxy_next_upstream off;
        proxy_connect_timeout 1s;
        proxy_set_header Connection "";
        proxy_set_header Host $http_host;
        # Whatever the client says of itself does not count.
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto $scheme;
        proxy_set_header X-Forwarded-Host $http_host;
        proxy_set_header Forwarded "";
        error_page 500 502 504 =503 @away;
    }

    location @away {
        internal;
        default_type application/json;
        add_header Retry-After 1 always;
        add_header Cache-Control no-store always;
        return 503 '{"error":"temporarily_unavailable","error_description":"The service cannot answer now; try again."}';
    }
}
"#;
