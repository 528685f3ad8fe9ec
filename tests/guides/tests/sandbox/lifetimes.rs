//! Whatever a profile lets live for a time ends when the sandbox's clock says so: a second before
//! it lives, and then it does not.

use grantor_eventsourcing::Position;
use grantor_host::Role;
use grantor_profile::Profile;
use grantor_store::Log;
use grantor_testkit::Browser;
use grantor_tests_guides::{Answer, Scene};
use serde_json::{Value, json};

use super::{advance, sandbox};
use crate::finx::walk as finx;

const DAY: u32 = 86_400;

/// The lifetimes that a guide names, in seconds.
struct Guide {
    preset: &'static str,
    scope: &'static str,
    way: Way,
    /// A code nobody redeems; guides without one ask with client credentials.
    code: Option<u32>,
    access: u32,
    /// A refresh token nobody uses.
    unused: Unused,
}

/// How a client gets its tokens.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Authorize,
    ClientCredentials,
    Widget,
}

/// How long a refresh token lives that nobody uses.
#[derive(Clone, Copy)]
enum Unused {
    /// There is none.
    Never,
    /// Until it is revoked.
    Endless,
    /// So long after its last use.
    For(u32),
}

const GUIDES: &[Guide] = &[
    Guide {
        preset: "financefeast",
        scope: "openid profile plan",
        way: Way::Authorize,
        code: Some(60),
        access: 10 * DAY,
        unused: Unused::Never,
    },
    Guide {
        preset: "finexer",
        scope: "customer_read customer_write",
        way: Way::Authorize,
        code: Some(60),
        access: 3600,
        unused: Unused::Endless,
    },
    Guide {
        preset: "finapi",
        scope: "all",
        way: Way::ClientCredentials,
        code: None,
        access: 3600,
        unused: Unused::Never,
    },
    Guide {
        preset: "generic",
        scope: "read_write",
        way: Way::Authorize,
        code: Some(60),
        access: 3600,
        unused: Unused::For(30 * DAY),
    },
    Guide {
        preset: "finx",
        scope: "accounts=ro balance=ro transactions=ro offline",
        way: Way::Widget,
        code: Some(3600),
        access: 3600,
        unused: Unused::For(90 * DAY),
    },
];

/// A client of a guide, at a sandbox of its own.
struct Client<'a> {
    guide: &'a Guide,
    scene: Scene,
}

impl<'a> Client<'a> {
    async fn of(guide: &'a Guide) -> Self {
        let scene = sandbox(guide.preset).await;
        let scene = if guide.way == Way::Widget { finx::with_callback(scene, &[]).await } else { scene };
        Self { guide, scene }
    }

    async fn code(&self) -> String {
        match self.guide.way {
            Way::Widget => finx::code(&self.scene).await,
            _ => self.scene.code(self.guide.scope).await,
        }
    }

    async fn exchange(&self, code: &str) -> (u16, Value) {
        match self.guide.way {
            Way::Widget => told(&finx::exchange(&self.scene, code).await),
            _ => self.scene.tokens().exchange(code, &[]).await,
        }
    }

    async fn refresh(&self, token: &str) -> (u16, Value) {
        match self.guide.way {
            Way::Widget => told(&finx::refresh(&self.scene, token).await),
            _ => self.scene.tokens().refresh(token).await,
        }
    }

    /// The answer to a whole flow.
    async fn token(&self) -> Value {
        let (status, body) = match self.guide.way {
            Way::ClientCredentials => {
                self.scene.tokens().post("/oauth/token", &[("grant_type", "client_credentials")]).await
            }
            _ => self.exchange(&self.code().await).await,
        };
        assert_eq!(status, 200, "{}: {body}", self.guide.preset);
        body
    }

    async fn is_active(&self, token: &str) -> bool {
        match self.guide.way {
            Way::Widget => finx::introspect(&self.scene, token).await["active"] == true,
            _ => self.scene.is_active(token).await,
        }
    }
}

fn told(answer: &Answer) -> (u16, Value) {
    (answer.status, answer.json())
}

fn member(body: &Value, name: &str) -> String {
    body[name].as_str().unwrap_or_else(|| panic!("no {name} in {body}")).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_lifetime_of_every_guide_ends_by_the_sandboxs_clock() {
    for guide in GUIDES {
        let profile = Profile::preset(guide.preset).expect("a preset");
        let named = (guide.code.unwrap_or(profile.codes.ttl_seconds), guide.access);
        assert_eq!((profile.codes.ttl_seconds, profile.access_tokens.ttl_seconds), named, "{}", guide.preset);
        let client = Client::of(guide).await;
        if let Some(lifetime) = guide.code {
            code(&client, lifetime).await;
        }
        access_token(&client).await;
        match guide.unused {
            Unused::Never => assert!(client.token().await.get("refresh_token").is_none(), "{}", guide.preset),
            Unused::Endless => endless(&client).await,
            Unused::For(unused) => refresh_token(&client, unused).await,
        }
    }
}

async fn code(client: &Client<'_>, lifetime: u32) {
    let preset = client.guide.preset;
    let (in_time, late) = (client.code().await, client.code().await);
    advance(&client.scene, lifetime - 1).await;
    let (status, body) = client.exchange(&in_time).await;
    assert_eq!(status, 200, "{preset}: {body}");
    advance(&client.scene, 1).await;
    let (status, body) = client.exchange(&late).await;
    assert_eq!((status, body["error"].as_str()), (400, Some("invalid_grant")), "{preset}: {body}");
}

async fn access_token(client: &Client<'_>) {
    let token = member(&client.token().await, "access_token");
    advance(&client.scene, client.guide.access - 1).await;
    assert!(client.is_active(&token).await, "{}", client.guide.preset);
    advance(&client.scene, 1).await;
    assert!(!client.is_active(&token).await, "{}", client.guide.preset);
}

async fn refresh_token(client: &Client<'_>, unused: u32) {
    let preset = client.guide.preset;
    let first = member(&client.token().await, "refresh_token");
    advance(&client.scene, unused - 1).await;
    let (status, body) = client.refresh(&first).await;
    assert_eq!(status, 200, "{preset}: {body}");
    let next = member(&body, "refresh_token");
    // The window slides: it begins anew with every use.
    advance(&client.scene, unused - 1).await;
    let (status, body) = client.refresh(&next).await;
    assert_eq!(status, 200, "{preset}: {body}");
    let next = member(&body, "refresh_token");
    advance(&client.scene, unused).await;
    let (status, body) = client.refresh(&next).await;
    assert_eq!((status, body["error"].as_str()), (400, Some("invalid_grant")), "{preset}: {body}");
}

/// Ten years do nothing to it; its owner does.
async fn endless(client: &Client<'_>) {
    let token = member(&client.token().await, "refresh_token");
    advance(&client.scene, 10 * 365 * DAY).await;
    let (status, body) = client.refresh(&token).await;
    assert_eq!(status, 200, "{}: {body}", client.guide.preset);
    let access = member(&body, "access_token");
    advance(&client.scene, client.guide.access).await;
    assert!(!client.is_active(&access).await, "{}", client.guide.preset);
}

/// What of finX lives shorter than a code: the link, used by nobody, and the flow that it leads to.
#[tokio::test(flavor = "multi_thread")]
async fn a_link_and_its_flow_end_by_the_sandboxs_clock_and_it_is_written_down() {
    let scene = finx::with_callback(sandbox("finx").await, &[]).await;
    let (in_time, late) = (finx::location(&scene, json!({})).await, finx::location(&scene, json!({})).await);
    advance(&scene, 899).await;
    let mut browser = Browser::new();
    let page = finx::open(&mut browser, &in_time).await;
    assert!(page.has_button("choose"), "{}", page.body);
    advance(&scene, 1).await;
    assert_eq!(Browser::new().get(&late).await.page_error(), Some("interaction_expired"));
    advance(&scene, 1800 - 900 - 1).await;
    assert!(browser.get(page.url.as_str()).await.has_button("choose"), "a second before half an hour");
    assert_eq!(expired_flows(&scene).await, 0);
    advance(&scene, 1).await;
    assert_eq!(browser.get(page.url.as_str()).await.page_error(), Some("interaction_expired"));
    for _ in 0..1200 {
        if expired_flows(&scene).await == 2 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("the flows did not end within thirty seconds");
}

async fn expired_flows(scene: &Scene) -> usize {
    let store = scene.world.platform.stores.of(Role::Authorization);
    let log = store.read_log(Log::Events, Position::START, 1000).await.expect("the log");
    log.iter().filter(|event| event.event_type == "oauth.flow.expired").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_and_a_consent_end_by_the_sandboxs_clock() {
    let scene = sandbox("openid").await;
    let mut browser = Browser::new();
    let url = scene.url("openid");
    browser.code(&url, &scene.person).await;
    assert!(scene.visit(&mut browser, &url).await.returned("code").is_some(), "signed in and approved");
    advance(&scene, 3600).await;
    let visit = scene.visit(&mut browser, &url).await;
    assert!(visit.has_button("login"), "an hour without use: {}", visit.body);
    browser.code(&url, &scene.person).await;
    advance(&scene, 181 * DAY).await;
    let visit = scene.visit(&mut browser, &url).await;
    let filled = [("username", scene.person.email.as_str()), ("password", scene.person.password.as_str())];
    let visit = browser.press(&visit, "login", &filled).await;
    assert!(browser.follow(visit).await.has_button("approve"), "the consent of 180 days is asked for again");
}
