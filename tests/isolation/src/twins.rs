use std::{net::SocketAddr, sync::Arc};

use grantor_ports::{Authority, AuthorityRole, Branding, Entropy, OsEntropy};
use grantor_profile::Profile;
use grantor_testkit::{AuthorizeUrl, Browser, Partner, PartnerTenant, Person, Pkce, Settings, Visit, World, hidden};
use parking_lot::Mutex;
use serde_json::json;

use crate::{Ask, Reply, send, whole};

/// Randomness that can be made to repeat itself, so that two tenants draw the same `client_id`.
#[derive(Default)]
struct Loaded(Mutex<Option<Vec<u8>>>);

impl Entropy for Loaded {
    fn fill(&self, buffer: &mut [u8]) {
        let mut next = self.0.lock();
        match next.take() {
            Some(bytes) if bytes.len() == buffer.len() => buffer.copy_from_slice(&bytes),
            other => {
                *next = other;
                OsEntropy.fill(buffer);
            }
        }
    }
}

/// Two tenants that differ in nothing but who they are: the same profile, the same `client_id`,
/// a user with the same address and password.
pub struct Twins {
    /// Where they live.
    pub world: World,
    /// Both.
    pub sides: [Side; 2],
}

/// One of them, with all that a thief could have stolen there. Everything is alive.
pub struct Side {
    /// The tenant.
    pub tenant: PartnerTenant,
    /// Its profile.
    pub profile: Profile,
    /// The client whose `client_id` both have.
    pub partner: Partner,
    /// A `client_id` that only this one has; registered by `person`.
    pub own_client: String,
    /// The user.
    pub person: Person,
    /// A business account of theirs.
    pub account: String,
    /// A webhook endpoint of the tenant's own; no more than a name where its profile has none.
    pub webhook: String,
    /// What no page of the other may show.
    pub name: String,
    /// A code nobody has redeemed.
    pub code: String,
    /// A live access token.
    pub access: String,
    /// A live refresh token, where the profile has them.
    pub refresh: Option<String>,
    /// An id token.
    pub id_token: String,
    /// A signed-in browser's cookies, which also belong to `consent`.
    pub cookies: Vec<(String, String)>,
    /// The csrf token of that session's own pages.
    pub session_csrf: String,
    /// A visit at its consent page.
    pub consent: Open,
    /// Another browser's visit at its login page.
    pub login: Open,
    /// Another browser's visit whose sign-up waits for its code.
    pub sign_up: Open,
    /// That code.
    pub mail_code: String,
}

/// A visit that waits for its person.
#[derive(Debug, Clone)]
pub struct Open {
    /// Its id.
    pub id: String,
    /// The csrf token of its form.
    pub csrf: String,
    /// The cookies of its browser.
    pub cookies: Vec<(String, String)>,
}

/// A way to a tenant (architecture: authority, path prefix, host name).
#[derive(Debug, Clone)]
pub struct Way {
    /// For messages.
    pub name: &'static str,
    /// The listener.
    pub at: SocketAddr,
    /// `Host`.
    pub host: String,
    /// In front of every path.
    pub prefix: String,
}

impl Twins {
    /// Twins of this preset.
    pub async fn of(preset: &str) -> Self {
        let entropy = Arc::new(Loaded::default());
        let settings = Settings { entropy: Some(entropy.clone()), ..Settings::default() };
        let world = World::with(settings).await;
        let mut made = Vec::new();
        for slug in ["castor", "pollux"] {
            let colour = if slug == "castor" { "#123456" } else { "#654321" };
            let tenant = world
                .tenant_with(slug, preset, |tenant| {
                    let named = |role, host: String| Authority { role, authority: host };
                    tenant.authorities.push(named(AuthorityRole::Identity, format!("{slug}.example")));
                    tenant.authorities.push(named(AuthorityRole::Api, format!("api.{slug}.example")));
                    tenant.profile = whole(preset);
                    tenant.branding = Branding { colour: Some(colour.to_owned()), ..Branding::default() };
                })
                .await;
            let profile = whole(preset);
            *entropy.0.lock() = Some(vec![7; profile.clients.id_shape.bytes_needed()]);
            let partner = world.partner(&tenant).await;
            assert!(entropy.0.lock().is_none(), "the client's id was drawn from the repeated bytes");
            made.push((tenant, profile, partner));
        }
        let mut sides = Vec::new();
        for (tenant, profile, partner) in made {
            sides.push(Side::of(&world, tenant, profile, partner).await);
        }
        let [a, b] = <[Side; 2]>::try_from(sides).ok().expect("two of them");
        assert_eq!(a.partner.client_id, b.partner.client_id);
        assert_ne!(a.partner.secret, b.partner.secret);
        Self { world, sides: [a, b] }
    }

    /// Every way to one of them; to its API where that is asked for.
    pub fn ways(&self, side: &Side, api: bool) -> Vec<Way> {
        let base = if api { &side.tenant.api } else { &side.tenant.issuer };
        let authority = base.trim_start_matches("http://").to_owned();
        let nobody = self.world.nobodys_address();
        let slug = &side.tenant.slug;
        let named = if api { format!("api.{slug}.example") } else { format!("{slug}.example") };
        let way = |name, at, host, prefix| Way { name, at, host, prefix };
        vec![
            way("authority", authority.parse().expect("an address"), authority.clone(), String::new()),
            way("path prefix", nobody, nobody.to_string(), format!("/t/{slug}")),
            way("host name", nobody, named, String::new()),
        ]
    }
}

impl Side {
    async fn of(world: &World, tenant: PartnerTenant, profile: Profile, partner: Partner) -> Self {
        let name = format!("Grace of {}", tenant.slug);
        let claims = json!({ "name": name }).as_object().cloned().unwrap_or_default();
        let attributes = json!({ "plan": { "name": tenant.slug } }).as_object().cloned().unwrap_or_default();
        let person = world.person_with(&tenant, "grace@example.com", claims, attributes).await;
        let wanted = json!({ "name": "A business of theirs", "user": person.id });
        let path = format!("/admin/v1/tenants/{}/accounts", tenant.slug);
        let (status, opened) = world.admin("POST", &path, Some(wanted)).await;
        assert_eq!(status, 201, "{opened}");
        let account = opened["id"].as_str().expect("an id").to_owned();
        let refreshing = profile.scopes.catalogue.iter().any(|entry| entry.name.as_str() == "offline_access");
        let scope = if refreshing { "openid profile offline_access" } else { "openid profile" };
        let pkce = Pkce::of("twins");
        let url = AuthorizeUrl::new(&tenant, &partner, scope).pkce(&pkce);
        let mut browser = Browser::new();
        let code = browser.code(&url.clone().with("prompt", "consent"), &person).await;
        let tokens = redeem(&tenant, &partner, &code, &pkce.verifier).await;
        assert_eq!(tokens.status, 200, "{}", tokens.body);
        let tokens = tokens.json();
        let token = |name: &str| tokens[name].as_str().map(str::to_owned);
        let code = browser.code(&url, &person).await;
        let asked = browser.get(&url.clone().with("prompt", "consent").url()).await;
        let asked = browser.follow(asked).await;
        let apps = browser.get(&format!("{}/apps", tenant.issuer)).await;
        let session_csrf = hidden(&apps.body, "csrf").expect("a form");
        let own_client = own_client(&mut browser, &tenant, &session_csrf).await;
        let cookies = jar(&browser);
        let (login, sign_up) = (at_login(&url).await, signing_up(&url, &tenant).await);
        let mail = world.mail_to(&newcomer(&tenant)).await;
        Self {
            code,
            access: token("access_token").expect("an access token"),
            refresh: token("refresh_token"),
            id_token: token("id_token").expect("an id token"),
            consent: open(&asked, cookies.clone()),
            account,
            webhook: webhook(world, &tenant, &profile).await,
            mail_code: digits(mail["body"].as_str().expect("a mail")),
            cookies,
            session_csrf,
            own_client,
            login,
            sign_up,
            tenant,
            profile,
            partner,
            person,
            name,
        }
    }

    /// Its cookies as they are, and under the names that they would have at another tenant.
    pub fn cookies_at(&self, other: &Self, cookies: &[(String, String)]) -> Vec<(String, String)> {
        let (own, theirs) = (tag(self), tag(other));
        let renamed = cookies.iter().map(|(name, value)| (name.replace(&own, &theirs), value.clone()));
        renamed.chain(cookies.iter().cloned()).collect()
    }

    /// The verifier of its code.
    pub fn verifier(&self) -> String {
        Pkce::of("twins").verifier
    }
}

/// A webhook endpoint of the tenant's own.
async fn webhook(world: &World, tenant: &PartnerTenant, profile: &Profile) -> String {
    if !profile.webhooks.offers("oauth.authorization.revoked") {
        return "whe_00000000000000000000000000000001".to_owned();
    }
    let wanted = json!({ "url": "http://127.0.0.1:1/hook", "events": ["oauth.authorization.revoked"] });
    let path = format!("/admin/v1/tenants/{}/webhooks", tenant.slug);
    let (status, made) = world.admin("POST", &path, Some(wanted)).await;
    assert_eq!(status, 201, "{made}");
    made["webhook"]["id"].as_str().expect("an id").to_owned()
}

/// Redeems a code over HTTP, as its client.
pub async fn redeem(tenant: &PartnerTenant, partner: &Partner, code: &str, verifier: &str) -> Reply {
    let host = tenant.issuer.trim_start_matches("http://");
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", &partner.redirect_uri),
        ("code_verifier", verifier),
    ];
    let ask = Ask::new("POST", "/oauth/token").host(host).basic(&partner.client_id, &partner.secret).form(&fields);
    send(host.parse().expect("an address"), &ask).await.expect("an answer")
}

fn tag(side: &Side) -> String {
    let id = side.tenant.id.uuid().simple().to_string();
    id[id.len() - 12..].to_owned()
}

fn jar(browser: &Browser) -> Vec<(String, String)> {
    browser.cookies("127.0.0.1").into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn open(visit: &Visit, cookies: Vec<(String, String)>) -> Open {
    let id = visit.url.path_segments().and_then(|mut parts| parts.nth(1)).unwrap_or_default().to_owned();
    let csrf = hidden(&visit.body, "csrf").unwrap_or_else(|| panic!("no form at {}: {}", visit.url, visit.body));
    Open { id, csrf, cookies }
}

async fn at_login(url: &AuthorizeUrl) -> Open {
    let mut browser = Browser::new();
    let first = browser.get(&url.url()).await;
    let page = browser.follow(first).await;
    open(&page, jar(&browser))
}

async fn signing_up(url: &AuthorizeUrl, tenant: &PartnerTenant) -> Open {
    let mut browser = Browser::new();
    let first = browser.get(&url.url()).await;
    let page = browser.follow(first).await;
    let form = browser.get(&format!("{}/signup", page.url)).await;
    let typed = [("name", "New Comer"), ("email", &newcomer(tenant)), ("password", "correct horse battery staple")];
    let sent = browser.press(&form, "signup", &typed).await;
    let waiting = browser.follow(sent).await;
    assert!(waiting.url.path().ends_with("/verify"), "{}", waiting.body);
    open(&waiting, jar(&browser))
}

fn newcomer(tenant: &PartnerTenant) -> String {
    format!("newcomer@{}.example", tenant.slug)
}

/// The eight digits of a mail.
fn digits(text: &str) -> String {
    let grouped: Vec<char> = text.chars().filter(|c| *c != ' ' && *c != '-').collect();
    let runs = grouped.split(|c| !c.is_ascii_digit()).map(|run| run.iter().collect::<String>());
    runs.into_iter().find(|run| run.len() == 8).unwrap_or_else(|| panic!("no code in {text}"))
}

async fn own_client(browser: &mut Browser, tenant: &PartnerTenant, csrf: &str) -> String {
    let fields = [
        ("csrf", csrf),
        ("name", "Buddy"),
        ("website", "https://buddy.example"),
        ("kind", "confidential"),
        ("redirect_uris", "https://buddy.example/cb"),
        ("scopes", "openid"),
        ("accept_terms", "1"),
        ("create", "create"),
    ];
    let made = browser.post(&format!("{}/oauth/create_client", tenant.issuer), &fields).await;
    assert_eq!(made.status, 200, "{}", made.body);
    let from = made.body.find("id=\"client_id\"").expect("the client's id");
    let text = &made.body[from..];
    let (from, to) = (text.find('>').expect("a tag") + 1, text.find('<').expect("an end"));
    text[from..to].to_owned()
}
