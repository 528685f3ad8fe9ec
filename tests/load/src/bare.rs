//! What no authorization server on actix-web can be faster than: the same requests parsed, the
//! same digests and the same signature made, an answer of the same form; no routing by tenant,
//! no policy, no record of anything, nothing checked but the client's secret.

use std::{io, sync::Arc};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    rt::System,
    web::{self, Data, Form},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use grantor_crypto::{constant_time_eq, sha256};
use grantor_jose::{Alg, PrivateKey, id_token};
use grantor_ports::{Clock, EntropyExt, OsEntropy, SystemClock};
use serde::{Deserialize, Serialize};

use crate::{
    Failure,
    child::{answer_lines, hear, say},
    site::{Clients, Site, Written},
};

const TOKEN: &str = "/oauth/token";
const INTROSPECT: &str = "/oauth/introspect";

struct State {
    plain: [u8; 32],
    openid: [u8; 32],
    openid_client: String,
    key: PrivateKey,
}

/// The members of RFC 6749 4.1.3 that the generator sends.
#[derive(Deserialize)]
#[expect(dead_code, reason = "parsed as the platform parses them, and not looked at")]
struct Exchange {
    grant_type: String,
    code: String,
    redirect_uri: String,
}

#[derive(Deserialize)]
struct Introspect {
    token: String,
}

#[derive(Serialize)]
struct Issued<'a> {
    access_token: &'a str,
    token_type: &'a str,
    expires_in: u32,
    scope: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
}

#[derive(Serialize)]
struct Active<'a> {
    active: bool,
    scope: &'a str,
    client_id: &'a str,
    token_type: &'a str,
    exp: i64,
    iat: i64,
    sub: &'a str,
    aud: &'a str,
    iss: &'a str,
}

/// Answers until its input ends.
pub fn run() -> Result<(), Failure> {
    let clients: Clients = hear(&mut io::stdin().lock())?;
    let state = Data::new(State {
        plain: sha256(&clients.plain.secret),
        openid: sha256(&clients.openid.secret),
        openid_client: clients.openid.id.clone(),
        key: PrivateKey::generate(Alg::ES256)?,
    });
    let asked = Arc::new(clients);
    System::new().block_on(async move {
        let server = HttpServer::new(move || {
            App::new()
                .app_data(state.clone())
                .route(TOKEN, web::post().to(exchange))
                .route(INTROSPECT, web::post().to(introspect))
        })
        .workers(1)
        .disable_signals()
        .bind(("127.0.0.1", 0))?;
        let address = *server.addrs().first().ok_or("no address")?;
        let clients = Clients::clone(&asked);
        let site = Site { address, token: TOKEN.into(), introspect: INTROSPECT.into(), clients };
        let running = server.run();
        let handle = running.handle();
        let asking = tokio::task::spawn_blocking(move || {
            say(&mut io::stdout(), &site)?;
            answer_lines(Written::default)
        });
        tokio::spawn(async move {
            let _ = asking.await;
            handle.stop(false).await;
        });
        Ok(running.await?)
    })
}

async fn exchange(request: HttpRequest, state: Data<State>, form: Form<Exchange>) -> HttpResponse {
    let Some(client) = client(&request, &state) else { return HttpResponse::Unauthorized().finish() };
    let code = sha256(&form.code);
    let token = URL_SAFE_NO_PAD.encode(OsEntropy.bytes::<32>());
    let stored = sha256(&token);
    // So that neither digest is thrown away uncomputed.
    std::hint::black_box((code, stored));
    let openid = client == state.openid_client;
    let id_token = match openid {
        true => {
            let now = SystemClock.real().timestamp();
            let claims = id_token::IdToken::new("http://127.0.0.1:8080", "usr_01", &client, now, 3600)
                .with_access_token(Alg::ES256, &token);
            id_token::sign(&state.key, &claims).ok()
        }
        false => None,
    };
    HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(Issued {
        access_token: &token,
        token_type: "Bearer",
        expires_in: 600,
        scope: if openid { "openid profile email" } else { "profile email" },
        id_token,
    })
}

async fn introspect(request: HttpRequest, state: Data<State>, form: Form<Introspect>) -> HttpResponse {
    let Some(client) = client(&request, &state) else { return HttpResponse::Unauthorized().finish() };
    std::hint::black_box(sha256(&form.token));
    let now = SystemClock.real().timestamp();
    HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(Active {
        active: true,
        scope: "profile email",
        client_id: &client,
        token_type: "Bearer",
        exp: now + 600,
        iat: now,
        sub: "usr_0195f2c4-0000-7000-8000-000000000000",
        aud: "http://127.0.0.1:8081",
        iss: "http://127.0.0.1:8080",
    })
}

/// The client of HTTP Basic credentials with the right secret (RFC 6749 2.3.1).
fn client(request: &HttpRequest, state: &State) -> Option<String> {
    let credentials = request.headers().get("authorization")?.to_str().ok()?.strip_prefix("Basic ")?;
    let credentials = String::from_utf8(STANDARD.decode(credentials).ok()?).ok()?;
    let (id, secret) = credentials.split_once(':')?;
    let digest = sha256(secret);
    let expected = if id == state.openid_client { &state.openid } else { &state.plain };
    constant_time_eq(digest, expected).then(|| id.to_owned())
}
