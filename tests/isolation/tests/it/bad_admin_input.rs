//! Bad input of operators is answered with problems (RFC 9457).

use std::net::SocketAddr;

use grantor_testkit::World;
use grantor_tests_isolation::{Ask, admin_path, send};

use crate::{
    bad_input::{FORM, TOO_MUCH},
    panel::signed_in,
};

#[tokio::test]
async fn operators_answer_bad_input_with_problems() {
    let world = World::start().await;
    let tenant = world.tenant("openid").await;
    let person = world.person(&tenant, "grace@example.com").await;
    let host = world.admin.trim_start_matches("http://").to_owned();
    let at: SocketAddr = host.parse().expect("an address");
    let bearer = format!("Bearer {}", world.operator_token);
    let browser = signed_in(&world).await;
    let session: Vec<String> =
        browser.cookies("127.0.0.1").into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    let session = session.join("; ");
    let deep = format!("{{\"name\":{}1{}}}", "[".repeat(5000), "]".repeat(5000));
    let bodies: Vec<(&str, &str, Vec<u8>)> = vec![
        ("no type", "", b"{}".to_vec()),
        ("text", "text/plain", b"{}".to_vec()),
        ("a form", FORM, b"name=x".to_vec()),
        ("no JSON", "application/json", b"{".to_vec()),
        ("a list", "application/json", b"[]".to_vec()),
        ("deep", "application/json", deep.into_bytes()),
        ("a member twice", "application/json", br#"{"name":"a","name":"b"}"#.to_vec()),
        ("a member twice inside", "application/json", br#"{"claims":{"a":1,"a":2}}"#.to_vec()),
        ("unknown member", "application/json", br#"{"nmae":"a"}"#.to_vec()),
        ("not UTF-8", "application/json", b"{\"name\":\"\xff\xfe\"}".to_vec()),
        ("lone surrogate", "application/json", br#"{"name":"\ud800"}"#.to_vec()),
        ("null", "application/json", br#"{"name":null,"slug":null,"email":null,"alg":null}"#.to_vec()),
        ("wrong types", "application/json", br#"{"name":1,"slug":[],"email":{},"alg":true,"reason":0}"#.to_vec()),
        ("huge number", "application/json", br#"{"name":1e999999}"#.to_vec()),
        ("too much", "application/json", vec![b' '; TOO_MUCH]),
    ];
    for route in world.platform.admin.routes() {
        let parts = |missing: bool| {
            admin_path(route, |name| match name {
                _ if missing => "nobody".to_owned(),
                "slug" => tenant.slug.clone(),
                "user" => person.id.to_string(),
                _ => "nobody".to_owned(),
            })
        };
        let method = route.methods[0].as_str();
        let check = async |what: &str, ask: Ask, expected: &[u16]| {
            let ask = ask.header("authorization", bearer.as_str()).header("cookie", session.as_str());
            let answer = send(at, &ask).await.expect("an answer");
            let about = format!("{}, {what}: {answer:?}", route.name);
            assert!(answer.status < 500, "{about}");
            assert!(expected.is_empty() || expected.contains(&answer.status), "{about}");
            if answer.status < 400 {
                return;
            }
            assert!(answer.header("cache-control").contains("no-store"), "{about}");
            if answer.header("content-type").starts_with("text/html") {
                assert!(["mailbox", "panel"].iter().any(|pages| route.name.starts_with(pages)), "{about}");
                return;
            }
            assert_eq!(answer.header("content-type"), "application/problem+json", "{about}");
            let document = answer.json();
            for member in ["type", "title", "detail"] {
                assert!(document[member].as_str().is_some_and(|text| text.len() > 3), "{about}");
            }
            assert_eq!(document["status"], answer.status, "{about}");
        };
        let api = parts(false).starts_with("/admin/");
        let takes = matches!(method, "POST" | "PUT" | "PATCH");
        if takes && api && route.name != "suspend_tenant" && route.name != "restore_tenant" {
            for (what, kind, body) in &bodies {
                let expected: &[u16] = if *what == "too much" { &[413] } else { &[400, 404, 409, 415, 422] };
                check(what, Ask::new(method, parts(false)).host(&host).body(kind, body.clone()), expected).await;
            }
        }
        check("wrong method", Ask::new("BREW", parts(false)).host(&host), &[405]).await;
        if parts(true) != parts(false) {
            // A form without its token is refused whatever it names.
            let expected: &[u16] = if takes && !api { &[403] } else { &[404, 422] };
            let nobody = Ask::new(method, parts(true)).host(&host).body("application/json", b"{}");
            check("nobody", nobody, expected).await;
        }
        if api && !takes {
            for query in
                ["unknown=1", "limit=0", "limit=x&limit=y", "after=%FF", "limit=%zz", "after=%00&limit=999999999999"]
            {
                check(query, Ask::new("GET", format!("{}?{query}", parts(false))).host(&host), &[]).await;
            }
        }
        for odd in ["%FF", "%zz", "%00", "..%2f..", "%2e%2e", "a%0d%0ab", "%F0%9F%98%80"] {
            let path = admin_path(route, |_| odd.to_owned());
            if path != parts(false) {
                let expected: &[u16] = if path.starts_with("/admin") { &[400, 404, 422] } else { &[] };
                check(odd, Ask::new(method, path).host(&host).body("application/json", b"{}"), expected).await;
            }
        }
    }
}
