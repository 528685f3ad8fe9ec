//! Each mistake has the error that its RFC gives it.

use std::net::SocketAddr;

use grantor_testkit::{AuthorizeUrl, Browser, World};
use grantor_tests_isolation::{Ask, send};

type Fields<'f> = &'f [(&'f str, &'f str)];

/// RFC 6749 4.1.2.1 and 5.2, RFC 6750 3.1, RFC 7662 2.3, OpenID Connect Core 3.1.2.6.
#[tokio::test]
async fn each_mistake_has_the_error_that_its_rfc_gives_it() {
    let world = World::start().await;
    let tenant = world.tenant("openid").await;
    let partner = world.partner(&tenant).await;
    let (id, secret) = (partner.client_id.as_str(), partner.secret.as_str());
    let host = tenant.issuer.trim_start_matches("http://");
    let at: SocketAddr = host.parse().expect("an address");
    let code: Fields<'_> =
        &[("grant_type", "authorization_code"), ("code", "x"), ("redirect_uri", "https://a.example")];
    let token: [(&str, Fields<'_>, u16, &str); 10] = [
        ("no grant type", &[("code", "x")], 400, "invalid_request"),
        ("an empty grant type", &[("grant_type", "")], 400, "invalid_request"),
        ("an unknown grant type", &[("grant_type", "telepathy")], 400, "unsupported_grant_type"),
        ("no code", &[("grant_type", "authorization_code")], 400, "invalid_request"),
        ("two codes", &[("grant_type", "authorization_code"), ("code", "x"), ("code", "y")], 400, "invalid_request"),
        ("an unknown code", code, 400, "invalid_grant"),
        ("no refresh token", &[("grant_type", "refresh_token")], 400, "invalid_request"),
        ("an unknown refresh token", &[("grant_type", "refresh_token"), ("refresh_token", "x")], 400, "invalid_grant"),
        ("a scope of nobody", &[("grant_type", "client_credentials"), ("scope", "root")], 400, "invalid_scope"),
        ("a scope that is none", &[("grant_type", "client_credentials"), ("scope", "\"")], 400, "invalid_scope"),
    ];
    for (what, fields, status, error) in token {
        let ask = Ask::new("POST", "/oauth/token").host(host).basic(id, secret).form(fields);
        let answer = send(at, &ask).await.expect("an answer");
        assert_eq!((answer.status, answer.json()["error"].as_str()), (status, Some(error)), "{what}: {answer:?}");
    }
    for path in ["/oauth/token", "/oauth/revoke", "/oauth/introspect"] {
        let fields = [code, &[("token", "x")]].concat();
        let ask = || Ask::new("POST", path).host(host).form(&fields);
        for (what, ask) in [
            ("unknown", ask().basic("nobody", secret)),
            ("wrong secret", ask().basic(id, "wrong")),
            ("empty secret", ask().basic(id, "")),
        ] {
            let answer = send(at, &ask).await.expect("an answer");
            assert_eq!(
                (answer.status, answer.json()["error"].as_str()),
                (401, Some("invalid_client")),
                "{path} {what}"
            );
            assert!(answer.header("www-authenticate").starts_with("Basic"), "{path} {what}: {answer:?}");
        }
        let both = [fields.as_slice(), &[("client_id", id), ("client_secret", secret)]].concat();
        let twice = Ask::new("POST", path).host(host).basic(id, secret).form(&both);
        let answer = send(at, &twice).await.expect("an answer");
        assert_eq!(
            (answer.status, answer.json()["error"].as_str()),
            (400, Some("invalid_request")),
            "{path}: two ways"
        );
    }
    let good = AuthorizeUrl::new(&tenant, &partner, "openid");
    let mut browser = Browser::new();
    for (what, url, error) in [
        ("no client", good.clone().without("client_id"), "unknown_client"),
        ("an unknown client", good.clone().with("client_id", "nobody"), "unknown_client"),
        ("no redirect uri", good.clone().without("redirect_uri"), "redirect_uri_missing"),
        (
            "another redirect uri",
            good.clone().with("redirect_uri", "https://evil.example/"),
            "redirect_uri_not_registered",
        ),
    ] {
        let page = browser.get(&url.url()).await;
        assert_eq!((page.status, page.page_error(), page.location()), (400, Some(error), None), "{what}");
    }
    for (what, url, error) in [
        ("no response type", good.clone().without("response_type"), "invalid_request"),
        ("another response type", good.clone().with("response_type", "token"), "unsupported_response_type"),
        ("a scope of nobody", good.clone().with("scope", "openid root"), "invalid_scope"),
        ("nobody there, and no question", good.clone().with("prompt", "none"), "login_required"),
        ("contradicting prompts", good.clone().with("prompt", "none login"), "invalid_request"),
        ("a max_age that is none", good.clone().with("max_age", "soon"), "invalid_request"),
        ("claims that are none", good.clone().with("claims", "{"), "invalid_request"),
        (
            "plain PKCE",
            good.clone().with("code_challenge", &"a".repeat(43)).with("code_challenge_method", "plain"),
            "invalid_request",
        ),
        ("a request object", good.clone().with("request", "a.b.c"), "request_not_supported"),
        ("a request uri", good.clone().with("request_uri", "https://a.example/r"), "request_uri_not_supported"),
    ] {
        let back = browser.get(&url.url()).await;
        assert_eq!((back.status, back.returned("error").as_deref()), (303, Some(error)), "{what}: {}", back.body);
        assert_eq!(back.returned("state").as_deref(), Some("Pxx5fVv8sMue8eymdg1hhCtkvERe0Z"), "{what}");
        assert!(back.location().expect("a place").as_str().starts_with(&partner.redirect_uri), "{what}");
    }
    for (header, status, error) in [("", 401, None), ("Bearer nothing", 401, Some("invalid_token"))] {
        let ask = Ask::new("GET", "/oauth/userinfo").host(host);
        let ask = if header.is_empty() { ask } else { ask.header("authorization", header) };
        let answer = send(at, &ask).await.expect("an answer");
        assert_eq!((answer.status, answer.json()["error"].as_str()), (status, error));
        assert_eq!(answer.header("www-authenticate").contains("error="), error.is_some(), "{answer:?}");
    }
    let query = Ask::new("GET", "/oauth/userinfo?access_token=x").host(host);
    assert_eq!(send(at, &query).await.expect("an answer").status, 401, "C19");
}
