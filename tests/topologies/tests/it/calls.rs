//! Each port has one contract, and two forms that keep it: the service itself, and HTTP.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use grantor_crypto::InternalKeys;
use grantor_egress::PeerClient;
use grantor_eventsourcing::{Actor, Meta};
use grantor_host::{Bound, DataFolder, Internal, Listeners, Options, PathSpec, Platform, Ports, Role, Roles, Server};
use grantor_ids::{SessionId, TenantId, UserId};
use grantor_ports::{
    AdminError, Authority, AuthorityRole, Branding, ClientChange, ClientCommand, ClientKind, CreateTenant, CreateUser,
    Directory, FinishReset, FinishResetRefusal, GrantSelector, Introspection, IntrospectionCaller, LoginRefusal,
    NewClient, Page, PasswordAttempt, PortError, Registry, Reset, ResetRefusal, ResetTicket, RevokeReason, SignUp,
    SignUpRefusal, SignUpTicket, SystemClock, TenantChange, TenantKind, Terms, Tokens, UserChange, UserCommand,
    UserState, VerifyRefusal,
};
use grantor_profile::Profile;
use grantor_remote::{Caller, Deadlines, Feed, Peer, Remote};
use grantor_telemetry::Metrics;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{operators, served::all};

/// All services of one process, with an internal listener.
pub(crate) struct House {
    platform: Platform,
    keys: InternalKeys,
    internal: SocketAddr,
    pub(crate) admin: SocketAddr,
    tenants: SocketAddr,
    server: Option<Server>,
    _folder: TempDir,
}

impl House {
    pub(crate) async fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        let data = DataFolder::new(folder.path().join("data"), None);
        let root = data.create().expect("a data folder");
        let keys = InternalKeys::load(&data.internal_key()).expect("internal keys");
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let bound = Bound::bind(&[any], any).and_then(|bound| bound.and_internal(Some(any))).expect("free ports");
        let (tenants, admin) = (bound.tenants()[0], bound.admin().expect("bound"));
        let internal = bound.internal().expect("bound");
        let options = Options {
            roles: Roles::default().and(Role::DemoApi),
            internal: Some(Internal {
                keys: keys.clone(),
                peers: BTreeMap::new(),
                tls: None,
                deadlines: Deadlines::default(),
            }),
            ..Options::default()
        };
        data.migrate(options.clock.real()).await.expect("migrations");
        let platform = Platform::open(&data, root, options).await.expect("it opens");
        let listeners = Listeners { bound, tls: None, internal_tls: None, workers: 2 };
        let server = Some(Server::start(listeners, &platform).expect("listeners"));
        Self { platform, keys, internal, admin, tenants, server, _folder: folder }
    }

    /// A service of another process, as it calls an owner here.
    pub(crate) fn caller(&self, caller: Role, owner: Role) -> Caller {
        caller_at(&format!("http://{}", self.internal), &self.keys, caller, owner, patient())
    }

    /// Every port over HTTP, each called by a service that may.
    fn remote(&self) -> Ports {
        let by = |caller, owner| self.caller(caller, owner);
        Ports {
            registry: Arc::new(Remote::new(by(Role::Token, Role::Registry))),
            registry_admin: Arc::new(Remote::new(by(Role::Console, Role::Registry))),
            directory: Arc::new(Remote::new(by(Role::Authorization, Role::Directory))),
            directory_admin: Arc::new(Remote::new(by(Role::Console, Role::Directory))),
            tokens: Arc::new(Remote::new(by(Role::Authorization, Role::Token))),
            token_admin: Arc::new(Remote::new(by(Role::Console, Role::Token))),
            sessions: Arc::new(Remote::new(by(Role::Registry, Role::Authorization))),
            flows: Arc::new(Remote::new(by(Role::Console, Role::Authorization))),
            webhooks: Arc::new(Remote::new(by(Role::Console, Role::Webhooks))),
            webhook_deliveries: Arc::new(Remote::new(by(Role::Registry, Role::Webhooks))),
            mailer: Arc::new(Remote::new(by(Role::Directory, Role::Console))),
        }
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            tokio::spawn(server.stop());
        }
    }
}

/// Deadlines of a machine that does other things too.
fn patient() -> Deadlines {
    let seconds = Duration::from_secs;
    Deadlines { status: seconds(20), person: seconds(20), operator: seconds(20) }
}

fn caller_at(base: &str, keys: &InternalKeys, caller: Role, owner: Role, deadlines: Deadlines) -> Caller {
    let client = PeerClient::new(base, None).expect("a base URL");
    let peer = Peer::new(owner, client, Arc::new(SystemClock), deadlines, Metrics::new().peer());
    Caller::new(peer, caller, keys.pair(caller.name(), owner.name()).expect("a key"))
}

fn meta() -> Meta {
    Meta::by(Actor::System)
}

fn secret(text: &str) -> SecretString {
    SecretString::from(text.to_owned())
}

pub(crate) fn page() -> Page {
    Page { after: None, limit: 10 }
}

const PASSWORD: &str = "correct horse battery staple 7";

fn tenant(slug: &str) -> CreateTenant {
    CreateTenant {
        slug: slug.to_owned(),
        name: "One".into(),
        kind: TenantKind::Development,
        issuer: format!("http://127.0.0.1:1/t/{slug}"),
        api: None,
        authorities: vec![Authority { role: AuthorityRole::Identity, authority: format!("{slug}.localhost") }],
        profile: Profile::preset("openid").expect("a preset"),
        branding: Branding::default(),
        contact: None,
        terms: Terms::default(),
    }
}

fn client() -> NewClient {
    let wanted = json!({
        "name": "App \u{1f600} \"quoted\"", "kind": ClientKind::Confidential, "redirect_uris": ["https://a.example/cb"],
        "scopes": ["openid"]
    });
    serde_json::from_value(wanted).expect("a client")
}

/// Tenants and clients.
async fn registry_keeps_its_contract(ports: &Ports, slug: &str) -> TenantId {
    let made = ports.registry_admin.create_tenant(tenant(slug), &meta()).await.expect("a tenant");
    let again = ports.registry_admin.create_tenant(tenant(slug), &meta()).await;
    assert!(matches!(again, Err(AdminError::Conflict(_) | AdminError::Invalid { .. })), "{again:?}");
    let mut wrong = tenant("other");
    wrong.issuer = "nowhere".into();
    let refused = ports.registry_admin.create_tenant(wrong, &meta()).await;
    assert!(matches!(&refused, Err(AdminError::Invalid { pointer, .. }) if pointer == "/issuer"), "{refused:?}");

    assert_eq!(ports.registry.tenant(made.id).await, Ok(Some(Arc::clone(&made))));
    assert_eq!(ports.registry.tenant_by_slug(slug).await, Ok(Some(Arc::clone(&made))));
    assert_eq!(ports.registry.tenant_by_slug("nobody").await, Ok(None));
    let found = ports.registry.tenant_by_authority(&format!("{slug}.localhost")).await;
    assert_eq!(found, Ok(Some((Arc::clone(&made), AuthorityRole::Identity))));
    let suspended = ports.registry_admin.change_tenant(made.id, TenantChange::Suspend, &meta()).await.expect("changed");
    assert!(suspended.version > made.version);
    ports.registry_admin.change_tenant(made.id, TenantChange::Restore, &meta()).await.expect("changed");
    let listed = ports.registry_admin.tenants(page()).await.expect("a list");
    assert!(listed.items.iter().any(|tenant| tenant.slug == slug));

    let (app, given) = ports.registry_admin.create_client(made.id, client(), &meta()).await.expect("a client");
    assert!(given.is_some_and(|given| given.secret.expose_secret().len() > 20), "the secret arrives");
    assert_eq!(ports.registry.client(made.id, &app.client_id).await, Ok(Some(Arc::clone(&app))));
    assert_eq!(ports.registry.client(made.id, "nobody").await, Ok(None));
    let nobody = ports.registry_admin.rotate_client_secret(made.id, "nobody", &meta()).await;
    assert_eq!(nobody.map(drop), Err(AdminError::NotFound("client")));
    let rotated = ports.registry_admin.rotate_client_secret(made.id, &app.client_id, &meta()).await.expect("another");
    assert!(!rotated.secret.expose_secret().is_empty());
    let change = ClientChange { name: Some("New".into()), ..ClientChange::default() };
    let changed = ports.registry_admin.change_client(made.id, &app.client_id, change, &meta()).await.expect("changed");
    assert_eq!(changed.name, "New");
    let reject = ClientCommand::Reject { reason: "too late".into() };
    let late = ports.registry_admin.command_client(made.id, &app.client_id, reject, &meta()).await;
    assert!(matches!(late, Err(AdminError::Conflict(_))), "{late:?}");
    let suspend = ClientCommand::Suspend { reason: "for a while".into() };
    ports.registry_admin.command_client(made.id, &app.client_id, suspend, &meta()).await.expect("suspended");
    for (state, count) in [(Some("suspended"), 1), (Some("pending"), 0), (None, 1)] {
        let listed = ports.registry_admin.clients(made.id, state, page()).await.expect("a list");
        assert_eq!(listed.items.len(), count, "{state:?}");
    }
    operators::see_what_there_is(ports, &made, &app.client_id).await;
    made.id
}

/// Users and passwords.
async fn directory_keeps_its_contract(ports: &Ports, tenant: TenantId) -> UserId {
    let email = "Grace@Example.com";
    let wanted = json!({ "email": email, "email_verified": true, "password": PASSWORD, "claims": { "name": "Grace" } });
    let wanted: CreateUser = serde_json::from_value(wanted).expect("a user");
    let made = ports.directory_admin.create_user(tenant, wanted, &meta()).await.expect("a user");
    let found = ports.directory_admin.user_by_email(tenant, "grace@example.com").await.expect("an answer");
    assert_eq!(found.map(|user| user.id), Some(made.id));
    assert_eq!(ports.directory_admin.user(tenant, UserId::from_uuid(tenant.uuid())).await, Ok(None));
    let attempt = |password: &str| PasswordAttempt {
        username: email.into(),
        password: secret(password),
        address: Some([127, 0, 0, 1].into()),
    };
    let right = ports.directory.check_password(tenant, attempt(PASSWORD), &meta()).await;
    assert_eq!(right.map(|login| login.user), Ok(made.id));
    let wrong = ports.directory.check_password(tenant, attempt("wrong"), &meta()).await;
    assert_eq!(wrong, Err(LoginRefusal::Wrong));
    assert_eq!(
        ports.directory.person(tenant, made.id).await.map(|found| found.map(|p| p.display_name)),
        Ok(Some("Grace".into()))
    );
    let history = ports.directory_admin.user_history(tenant, made.id).await.expect("a list");
    assert_eq!(history.last().map(|entry| entry.event.as_str()), Some("identity.user.created"));
    assert_eq!(ports.directory_admin.count_users(tenant).await, Ok(1));
    let status = ports.directory.status(tenant, made.id).await.expect("an answer").expect("a status");
    assert_eq!((status.user, status.state), (made.id, UserState::Active));

    let sign_up = |email: &str, password: &str| SignUp {
        email: email.into(),
        password: secret(password),
        name: None,
        locale: Some("de".into()),
        address: None,
    };
    let refused = ports.directory.begin_sign_up(tenant, sign_up("nowhere", PASSWORD), &meta()).await;
    assert_eq!(refused, Err(SignUpRefusal::Email));
    let refused = ports.directory.begin_sign_up(tenant, sign_up("new@example.com", "short"), &meta()).await;
    assert_eq!(refused, Err(SignUpRefusal::Password));
    let ticket = ports.directory.begin_sign_up(tenant, sign_up("new@example.com", PASSWORD), &meta()).await;
    let ticket = ticket.expect("a ticket");
    ports.directory.resend_code(tenant, &ticket).await.expect("once more");
    let nobodys = SignUpTicket("nobody's".into());
    assert_eq!(ports.directory.resend_code(tenant, &nobodys).await, Err(VerifyRefusal::Expired));
    let finished = ports.directory.finish_sign_up(tenant, &nobodys, "00000000", &meta()).await;
    assert_eq!(finished, Err(VerifyRefusal::Expired));
    let reset = |email: &str| Reset { email: email.into(), locale: None, address: None };
    assert_eq!(ports.directory.begin_reset(tenant, reset("nowhere"), &meta()).await, Err(ResetRefusal::Email));
    let ticket = ports.directory.begin_reset(tenant, reset(email), &meta()).await.expect("a ticket");
    ports.directory.resend_reset(tenant, &ticket).await.expect("once more");
    let finish = |ticket: ResetTicket, password: &str| FinishReset {
        ticket,
        code: "nonsense".into(),
        password: secret(password),
        address: None,
    };
    let refused = ports.directory.finish_reset(tenant, finish(ticket, PASSWORD), &meta()).await;
    assert_eq!(refused, Err(FinishResetRefusal::Wrong));
    let refused = ports.directory.finish_reset(tenant, finish(ResetTicket("none".into()), PASSWORD), &meta()).await;
    assert_eq!(refused, Err(FinishResetRefusal::Expired));

    let change = UserChange { email_verified: Some(false), ..UserChange::default() };
    ports.directory_admin.change_user(tenant, made.id, change, &meta()).await.expect("changed");
    let locked = ports.directory_admin.command_user(tenant, made.id, UserCommand::Lock, &meta()).await.expect("locked");
    assert_eq!(locked.state, UserState::Locked);
    let listed = ports.directory_admin.users(tenant, page()).await.expect("a list");
    assert!(listed.items.iter().any(|user| user.id == made.id));
    made.id
}

/// Keys, grants, sessions, mails.
async fn the_others_keep_theirs(ports: &Ports, tenant: TenantId, user: UserId) {
    assert_eq!(ports.tokens.grants_of(tenant, user).await, Ok(Vec::new()));
    let none = ports.tokens.revoke(tenant, GrantSelector::User(user), RevokeReason::AccountHolder, &meta()).await;
    assert_eq!(none, Ok(0));
    assert_eq!(ports.tokens.read_id_token_hint(tenant, "no.token.atall").await, Ok(None));
    let key = ports.token_admin.rotate_signing_key(tenant, "ES256", &meta()).await.expect("a key");
    let keys = ports.token_admin.signing_keys(tenant).await.expect("keys");
    assert!(keys.iter().any(|known| known.id == key.id && known.kid == key.kid), "{keys:?}");
    let histories = ports.token_admin.signing_key_histories(tenant).await.expect("histories");
    let (_, history) = histories.iter().find(|(id, _)| *id == key.id).expect("one of each key");
    assert_eq!(history.last().map(|entry| entry.event.as_str()), Some("platform.signing_key.created"));
    let odd = ports.token_admin.rotate_signing_key(tenant, "none", &meta()).await;
    assert!(matches!(odd, Err(AdminError::Invalid { .. })), "{odd:?}");
    assert_eq!(ports.sessions.session(tenant, "nobody's").await, Ok(None));
    let flow = grantor_ids::FlowId::from_uuid(uuid());
    assert_eq!(ports.flows.flow(tenant, flow).await.map(|found| found.is_none()), Ok(true));
    let names = [true, false].map(|https| ports.sessions.cookie_name(tenant, https));
    assert!(names[0].starts_with("__Host-grantor-") && names[1].starts_with("grantor-"), "{names:?}");
    let mail = grantor_ports::Mail {
        tenant,
        from_name: "One".into(),
        to: "grace@example.com".into(),
        subject: "Hello".into(),
        body: "Line one\n\nLine two".into(),
        at: chrono::DateTime::from_timestamp(1_800_000_000, 0).expect("an instant"),
    };
    assert_eq!(ports.mailer.send(&mail).await, Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_port_keeps_its_contract_in_both_forms() {
    let house = House::new().await;
    for (slug, ports) in [("inside", house.platform.ports.clone()), ("outside", house.remote())] {
        let tenant = registry_keeps_its_contract(&ports, slug).await;
        let user = directory_keeps_its_contract(&ports, tenant).await;
        the_others_keep_theirs(&ports, tenant, user).await;
        crate::webhooks::keep_their_contract(&ports, tenant).await;
        let introspecting: Arc<dyn Tokens> = match slug {
            "inside" => Arc::clone(&ports.tokens),
            _ => Arc::new(Remote::new(house.caller(Role::DemoApi, Role::Token))),
        };
        let caller = IntrospectionCaller::Resource("https://api.example".into());
        assert_eq!(introspecting.introspect(tenant, "nothing", caller).await, Ok(Introspection::Inactive));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_service_may_call_what_it_needs_and_nothing_else() {
    let house = House::new().await;
    let tenant = TenantId::from_uuid(uuid());
    let remote = |caller, owner| house.caller(caller, owner);
    // The token service may ask for a status, and no more: not even for a person's name.
    let directory: Remote<dyn Directory> = Remote::new(remote(Role::Token, Role::Directory));
    assert_eq!(directory.status(tenant, UserId::from_uuid(uuid())).await, Ok(None));
    assert_eq!(directory.person(tenant, UserId::from_uuid(uuid())).await, Err(PortError::Unavailable));
    let tokens: Remote<dyn Tokens> = Remote::new(remote(Role::DemoApi, Role::Token));
    let request = grantor_ports::GrantSelector::Session(SessionId::from_uuid(uuid()));
    let revoked = tokens.revoke(tenant, request, RevokeReason::Operator, &meta()).await;
    assert_eq!(revoked, Err(PortError::Unavailable));

    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let post = |at: SocketAddr, path: &'static str, authorization: String, body: &'static str| {
        let request = http.post(format!("http://{at}{path}")).header("authorization", authorization).body(body);
        async move {
            let answer = request.send().await.expect("an answer");
            (answer.status().as_u16(), answer.text().await.expect("a body"))
        }
    };
    let path = "/internal/directory/status";
    let body = r#"{"tenant":"ten_00000000000000000000000000000007","user":"usr_00000000000000000000000000000007","of_a_newer_version":[1]}"#;
    let now = grantor_ports::Clock::real(&SystemClock).timestamp();
    let signed = |caller: &str, at: i64, path: &str, body: &str| {
        let key = house.keys.pair(caller, "directory").expect("a key");
        let time = at.to_string();
        let parts =
            [b"call".as_slice(), caller.as_bytes(), b"directory", time.as_bytes(), path.as_bytes(), body.as_bytes()];
        let mac: String = key.mac(&parts).iter().map(|byte| format!("{byte:02x}")).collect();
        format!("Grantor-Internal {caller}.{at}.{mac}")
    };
    let (status, answer) = post(house.internal, path, signed("token", now, path, body), body).await;
    assert_eq!((status, answer.as_str()), (200, r#"{"ok":null}"#), "what is not known is ignored");
    let strangers = [
        String::new(),
        "Bearer token".to_owned(),
        signed("token", now - 61, path, body),
        signed("token", now + 61, path, body),
        signed("token", now, "/internal/directory/claims", body),
        signed("token", now, path, "{}"),
        signed("nobody", now, path, body),
        signed("token", now, path, body).replace("token.", "console."),
    ];
    for stranger in strangers {
        let (status, answer) = post(house.internal, path, stranger.clone(), body).await;
        assert_eq!(status, 401, "{stranger}: {answer}");
        assert!(!answer.contains("directory") && !answer.contains("token"), "{answer}");
    }
    let (status, _) = post(house.internal, path, signed("console", now, path, body), body).await;
    assert_eq!(status, 403, "a service that has no business there");
    let claims = "/internal/directory/claims";
    let (status, answer) = post(house.internal, claims, signed("token", now, claims, "{}"), "{}").await;
    assert_eq!(status, 400, "{answer}");
    // Each listener answers its own callers alone.
    for at in [house.admin, house.tenants] {
        let (status, _) = post(at, path, signed("token", now, path, body), body).await;
        assert_eq!(status, 404, "{at}");
    }
    for path in ["/admin/v1/tenants", "/health", "/metrics", "/t/one/oauth/token", "/login"] {
        let (status, _) = post(house.internal, path, signed("token", now, path, body), body).await;
        assert_eq!(status, 404, "{path}");
    }
}

fn uuid() -> uuid::Uuid {
    uuid::Uuid::from_u128(7)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_method_refuses_everybody_but_its_callers() {
    let house = House::new().await;
    let methods = all(&house.platform.ports);
    let served: BTreeSet<_> = house.platform.internal.routes().iter().map(|route| route.at).map(fixed).collect();
    let listed = methods.iter().map(|method| method.path).chain(Feed::ALL.iter().map(|feed| feed.path));
    assert_eq!(served, listed.collect(), "what is served is what is listed");
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let listed = methods.iter().map(|method| (method.path, method.owner, method.callers));
    let feeds = Feed::ALL;
    let listed = listed.chain(feeds.iter().map(|feed| (feed.path, feed.owner, feed.readers)));
    for (path, owner, callers) in listed {
        let url = format!("http://{}{path}", house.internal);
        let stranger = http.post(&url).body("{}").send().await.expect("an answer");
        assert_eq!(stranger.status(), 401, "{path}");
        for role in Role::ALL.into_iter().filter(|role| *role != owner) {
            let authorization = signature(&house.keys, role, owner, path, "{}");
            let answer = http.post(&url).header("authorization", authorization).body("{}").send().await;
            let status = answer.expect("an answer").status().as_u16();
            // Whoever may call is told that the arguments are missing; some methods take none.
            let expected = match path {
                _ if !callers.contains(&role) => 403,
                _ if path == "/internal/registry-admin/figures" || path.ends_with("-health/checks") => 200,
                _ => 400,
            };
            assert_eq!(status, expected, "{role} at {path}");
        }
    }
}

fn fixed(at: PathSpec) -> &'static str {
    match at {
        PathSpec::Fixed(path) => path,
        other => panic!("{other:?} is no path of a call"),
    }
}

/// What a service sends with a call, made by hand.
fn signature(keys: &InternalKeys, caller: Role, owner: Role, path: &str, body: &str) -> String {
    let at = grantor_ports::Clock::real(&SystemClock).timestamp().to_string();
    let key = keys.pair(caller.name(), owner.name()).expect("a key");
    let (from, to) = (caller.name().as_bytes(), owner.name().as_bytes());
    let mac = key.mac(&[b"call", from, to, at.as_bytes(), path.as_bytes(), body.as_bytes()]);
    let mac: String = mac.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("Grantor-Internal {caller}.{at}.{mac}")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_that_is_away_or_slow_is_unavailable_in_time() {
    let keys = InternalKeys::parse("master:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").expect("a key");
    let tenant = TenantId::from_uuid(uuid());
    let user = UserId::from_uuid(uuid());
    // Nobody listens: at once, and after a few tries without even trying.
    let free = grantor_tests_ports::free_address();
    let base = format!("http://{free}");
    let away: Remote<dyn Directory> =
        Remote::new(caller_at(&base, &keys, Role::Token, Role::Directory, Deadlines::default()));
    for _ in 0..20 {
        assert_eq!(away.status(tenant, user).await, Err(PortError::Unavailable));
    }
    // Somebody listens who never answers: when the deadline is over.
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let slow: Remote<dyn Directory> =
        Remote::new(caller_at(&base, &keys, Role::Token, Role::Directory, Deadlines::default()));
    let asked = Instant::now();
    assert_eq!(slow.status(tenant, user).await, Err(PortError::Unavailable));
    let status = asked.elapsed();
    assert_eq!(slow.claims(tenant, user).await, Err(PortError::Unavailable));
    let person = asked.elapsed() - status;
    assert!(status >= Duration::from_millis(190) && status < Duration::from_secs(5), "{status:?}");
    assert!(person >= Duration::from_millis(950) && person < Duration::from_secs(8), "{person:?}");
    for _ in 0..3 {
        assert_eq!(slow.status(tenant, user).await, Err(PortError::Unavailable));
    }
    let asked = Instant::now();
    for _ in 0..5 {
        assert_eq!(slow.status(tenant, user).await, Err(PortError::Unavailable));
    }
    assert!(asked.elapsed() < Duration::from_millis(900), "nobody waits for one that does not answer any more");
    drop(listener);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_of_somebody_else_is_none() {
    use std::io::{Read as _, Write as _};
    let keys = InternalKeys::parse("master:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").expect("a key");
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let posing = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a caller");
        let mut buffer = [0; 4096];
        let _ = stream.read(&mut buffer);
        let body = r#"{"ok":null}"#;
        let _ = write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
    });
    let registry: Remote<dyn Registry> = Remote::new(caller_at(&base, &keys, Role::Token, Role::Registry, patient()));
    assert_eq!(registry.tenant_by_slug("one").await, Err(PortError::Unavailable));
    posing.join().expect("it answered");
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_of_calls_are_in_no_log() {
    let attempt = PasswordAttempt { username: "grace".into(), password: secret("a secret of mine"), address: None };
    assert!(!format!("{attempt:?}").contains("a secret of mine"));
    let sent = serde_json::to_value(&attempt).expect("JSON");
    assert_eq!(sent["password"], Value::from("a secret of mine"), "the owner gets it");
}
