//! The `oauth2` crate at the textbook tenant and at the one with commas. What it cannot do is in
//! `tests/clients/README.md`.

use grantor_testkit::{AuthorizeUrl, Browser};
use grantor_tests_guides::Scene;
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest, HttpResponse,
    PkceCodeChallenge, RedirectUrl, RequestTokenError, Scope, TokenResponse, TokenUrl, basic::BasicClient,
};

async fn call(request: HttpRequest) -> Result<HttpResponse, reqwest::Error> {
    let (head, body) = request.into_parts();
    let sent = reqwest::Client::new().request(head.method, head.uri.to_string()).headers(head.headers).body(body);
    let answer = sent.send().await?;
    let mut response = HttpResponse::new(Vec::new());
    *response.status_mut() = answer.status();
    *response.headers_mut() = answer.headers().clone();
    *response.body_mut() = answer.bytes().await?.to_vec();
    Ok(response)
}

macro_rules! client {
    ($scene:expr, $path:expr, $auth:expr) => {{
        let at = |path: &str| format!("{}{path}", $scene.tenant.issuer);
        BasicClient::new(ClientId::new($scene.partner.client_id.clone()))
            .set_client_secret(ClientSecret::new($scene.partner.secret.clone()))
            .set_auth_type($auth)
            .set_auth_uri(AuthUrl::new(at($path)).expect("a URL"))
            .set_token_uri(TokenUrl::new(at("/oauth/token")).expect("a URL"))
            .set_redirect_uri(RedirectUrl::new($scene.partner.redirect_uri.clone()).expect("a URL"))
    }};
}

/// A person goes to the crate's URL and comes back with a code.
async fn allowed(scene: &Scene, url: &url::Url) -> AuthorizationCode {
    let mut wanted = AuthorizeUrl::bare(url.as_str().split('?').next().unwrap_or_default());
    for (name, value) in url.query_pairs() {
        wanted = wanted.with(&name, &value);
    }
    AuthorizationCode::new(Browser::new().code(&wanted, &scene.person).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_oauth2_crate_gets_and_refreshes_tokens_at_the_textbook_tenant() {
    let scene = Scene::of("generic").await;
    let client = client!(scene, "/oauth/authorize", AuthType::BasicAuth);
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (url, _) = client
        .authorize_url(CsrfToken::new_random)
        .add_scope(Scope::new("read_write".into()))
        .set_pkce_challenge(challenge)
        .url();
    let code = allowed(&scene, &url).await;
    let token = client.exchange_code(code).set_pkce_verifier(verifier).request_async(&call).await.expect("tokens");
    assert_eq!(token.expires_in().map(|lasts| lasts.as_secs()), Some(3600));
    let refresh = token.refresh_token().expect("a refresh token");
    let next = client.exchange_refresh_token(refresh).request_async(&call).await.expect("tokens");
    assert_ne!(next.refresh_token().expect("a refresh token").secret(), refresh.secret());
    assert!(scene.is_active(next.access_token().secret()).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_oauth2_crate_reads_commas_as_one_scope() {
    let scene = crate::fx::scene().await;
    let client = client!(scene, "/oauth/", AuthType::RequestBody);
    let (url, _) = client.authorize_url(CsrfToken::new_random).add_scope(Scope::new("customer_read".into())).url();
    let url = url.as_str().replace("customer_read", "customer_read%2Ccustomer_write").parse().expect("a URL");
    let code = allowed(&scene, &url).await;
    let token = client.exchange_code(code).request_async(&call).await.expect("tokens");
    assert_eq!(token.scopes().map(Vec::len), Some(1), "it splits at spaces alone");
    assert_eq!(token.expires_in(), None);
    let refresh = token.refresh_token().expect("a refresh token");
    let next = client.exchange_refresh_token(refresh).request_async(&call).await.expect("tokens");
    assert_eq!(next.refresh_token().expect("a refresh token").secret(), refresh.secret(), "it stays");
    crate::fx::disconnect(&scene, refresh.secret()).await;
    let refused = client.exchange_refresh_token(refresh).request_async(&call).await;
    assert!(matches!(refused, Err(RequestTokenError::ServerResponse(_))));
}
