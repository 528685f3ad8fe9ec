//! What one tenant issued is worth nothing at another, on every route and by every way there.

use grantor_ports::AuthorityRole;
use grantor_tests_isolation::{Ask, Reply, Side, Twins, Way, is_served, redeem, send, tenant_path};
use grantor_web::{Method, Route};

use crate::list::{Case, TENANTS};

#[tokio::test]
async fn twins_of_the_strict_preset_are_strangers() {
    strangers("strict").await;
}

#[tokio::test]
async fn twins_of_the_openid_preset_are_strangers() {
    strangers("openid").await;
}

// Twins of every guide, with what each has of its own: `guides.rs`.
#[tokio::test]
async fn twins_of_the_first_guide_are_strangers() {
    strangers("financefeast").await;
}

async fn strangers(preset: &str) {
    let twins = Twins::of(preset).await;
    let [a, b] = &twins.sides;
    for (from, to) in [(a, b), (b, a)] {
        let routes = twins.world.platform.tenants.routes();
        for route in routes.iter().filter(|route| is_served(route, &to.profile)) {
            let (_, cases) = TENANTS.iter().find(|(name, _)| *name == route.name).expect("listed");
            for way in twins.ways(to, route.role == AuthorityRole::Api) {
                for case in *cases {
                    let attempt = Attempt { from, to, route, way: &way };
                    println!("{preset}: {:?} of {} at {} by {}", case, from.tenant.slug, route.name, way.name);
                    attempt.make(*case).await;
                }
            }
        }
    }
    for side in [a, b] {
        still_alive(side).await;
    }
}

/// Something of `from`, tried at a route of `to`.
struct Attempt<'t> {
    from: &'t Side,
    to: &'t Side,
    route: &'t Route,
    way: &'t Way,
}

type Fields<'f> = Vec<(&'f str, &'f str)>;

impl Attempt<'_> {
    async fn make(&self, case: Case) {
        match case {
            Case::Browser => self.browser().await,
            Case::Csrf => self.csrf().await,
            Case::Hint => self.hint().await,
            Case::Code => self.token(&self.from.code, "authorization_code").await,
            Case::Refresh => {
                if let Some(refresh) = &self.from.refresh {
                    self.token(refresh, "refresh_token").await;
                }
            }
            Case::Access => self.token(&self.from.access, "").await,
            Case::Secret => self.secret().await,
            Case::Keys => self.keys().await,
            Case::Named => self.named().await,
            Case::Look => self.look().await,
            Case::Public => self.public().await,
            // Only a tenant with a widget has these routes: `flows.rs`.
            Case::Flow => {}
        }
    }

    fn method(&self) -> &'static Method {
        &self.route.methods[0]
    }

    fn path(&self, part: &str) -> String {
        format!("{}{}", self.way.prefix, tenant_path(self.route, &self.to.profile, part))
    }

    async fn ask(&self, ask: Ask) -> Reply {
        send(self.way.at, &ask.host(&self.way.host)).await.expect("an answer")
    }

    /// A request of a browser: a form where the route takes one.
    fn request(&self, path: &str, fields: &Fields<'_>, cookies: &[(String, String)]) -> Ask {
        if *self.method() == Method::POST {
            Ask::new("POST", path).page().cookies(cookies).form(fields)
        } else {
            let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
            Ask::new("GET", format!("{path}?{query}")).page().cookies(cookies)
        }
    }

    /// What this route takes, all of it from `side`, but for the csrf token.
    fn fields<'f>(&self, side: &'f Side, csrf: &'f str) -> Fields<'f> {
        let mut fields: Fields<'f> = match self.route.name {
            "authorize" | "authorize_post" => vec![
                ("response_type", "code"),
                ("client_id", &side.partner.client_id),
                ("redirect_uri", &side.partner.redirect_uri),
                ("scope", "openid profile"),
                ("state", "the state of the client"),
                ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
                ("code_challenge_method", "S256"),
            ],
            "interaction_login" => {
                vec![("username", &side.person.email), ("password", &side.person.password), ("login", "login")]
            }
            "interaction_signup_post" => vec![
                ("name", "Thief"),
                ("email", "thief@example.com"),
                ("password", "a long enough password"),
                ("signup", "signup"),
            ],
            "interaction_verify_post" => vec![("code", &side.mail_code), ("verify", "verify")],
            "interaction_reset_post" => vec![("email", &side.person.email), ("reset", "reset")],
            "interaction_password_post" => {
                vec![("code", &side.mail_code), ("password", "a long enough password"), ("change", "change")]
            }
            "interaction_select" => vec![("other", "other")],
            "interaction_consent" => vec![("approve", "approve")],
            "interaction_details" => vec![("detail_name", "Thief"), ("continue", "continue")],
            "logout_confirm" => vec![("logout", "logout")],
            "apps_post" => vec![("revoke", &side.partner.client_id)],
            "team_post" => vec![("code", "0123456789abcdef0123456789abcdef"), ("join", "join")],
            "client_action" => vec![("rotate", "rotate")],
            "client_accounts_post" => vec![("disconnect", &side.account)],
            "client_webhooks_post" | "webhooks_post" => {
                vec![("url", "http://127.0.0.1:1/"), ("event.oauth.authorization.revoked", "on"), ("create", "create")]
            }
            "client_webhook_post" | "webhook_post" => vec![("reveal", "reveal")],
            "client_webhook_delivery_post" | "webhook_delivery_post" => vec![("resend", "resend")],
            "create_client" | "edit_client" => vec![
                ("name", "Thief"),
                ("website", "https://thief.example"),
                ("kind", "confidential"),
                ("redirect_uris", "https://thief.example/cb"),
                ("scopes", "openid"),
                ("accept_terms", "1"),
                ("create", "create"),
            ],
            _ => return Vec::new(),
        };
        if *self.method() == Method::POST && self.route.name != "authorize_post" {
            fields.push(("csrf", csrf));
        }
        fields
    }

    /// The part of the path that names something of `side`, the csrf token, and the cookies.
    fn holdings<'f>(&self, side: &'f Side) -> (&'f str, &'f str, &'f [(String, String)]) {
        match self.route.name {
            "interaction_login"
            | "interaction_reset"
            | "interaction_reset_post"
            | "interaction_password"
            | "interaction_password_post" => (&side.login.id, &side.login.csrf, &side.login.cookies),
            name if name.contains("signup") || name.contains("verify") => {
                (&side.sign_up.id, &side.sign_up.csrf, &side.sign_up.cookies)
            }
            name if name.starts_with("interaction") => (&side.consent.id, &side.consent.csrf, &side.cookies),
            _ => (&side.own_client, &side.session_csrf, &side.cookies),
        }
    }

    /// With all that a browser of the one holds, it is answered as one that holds nothing.
    async fn browser(&self) {
        let (part, csrf, cookies) = self.holdings(self.from);
        let (path, fields) = (self.path(part), self.fields(self.from, csrf));
        let cookies = self.from.cookies_at(self.to, cookies);
        let stolen = self.ask(self.request(&path, &fields, &cookies)).await;
        let nobody = self.ask(self.request(&path, &fields, &[])).await;
        assert_eq!(outline(&stolen), outline(&nobody), "{} {}", self.route.name, stolen.body);
        assert!(!stolen.body.contains(&self.from.name), "{}", self.route.name);
        assert!(!stolen.body.contains(&self.to.name), "{}", self.route.name);
    }

    /// Signed in here, with a form token from there: nothing happens.
    async fn csrf(&self) {
        let (part, _, cookies) = self.holdings(self.to);
        let (_, foreign, _) = self.holdings(self.from);
        let refused = self.ask(self.request(&self.path(part), &self.fields(self.to, foreign), cookies)).await;
        assert!((400..500).contains(&refused.status), "{}: {} {}", self.route.name, refused.status, refused.body);
        assert!(!refused.header("location").contains("code="), "{}", self.route.name);
    }

    async fn hint(&self) {
        let mut fields = self.fields(self.to, "");
        fields.push(("id_token_hint", &self.from.id_token));
        fields.push(("prompt", "none"));
        let answer = self.ask(self.request(&self.path(""), &fields, &self.to.cookies)).await;
        match self.route.name {
            "authorize" => {
                let back = answer.header("location");
                assert!(back.contains("error=") && !back.contains("code="), "{} {back} {}", answer.status, answer.body);
            }
            // A question instead of an end: the hint says nothing here.
            _ => assert_eq!((answer.status, answer.cookies()), (200, Vec::new()), "{}", answer.body),
        }
    }

    async fn token(&self, token: &str, grant: &str) {
        let path = self.path(if self.route.with_users { "x" } else { "" });
        if matches!(self.route.name, "userinfo" | "demo_eod" | "demo_customers" | "demo_accounts")
            || self.route.with_users
        {
            let method = if self.route.with_users { self.method().as_str() } else { "GET" };
            let answer = self.ask(Ask::new(method, path).header("authorization", format!("Bearer {token}"))).await;
            assert_eq!(answer.status, 401, "{}", answer.body);
            assert!(answer.header("www-authenticate").contains("invalid_token"), "{answer:?}");
            return;
        }
        let verifier = self.from.verifier();
        let client = &self.to.partner;
        let mut fields: Fields<'_> = Vec::new();
        match (self.route.name, grant) {
            ("token", "refresh_token") => fields.extend([("grant_type", grant), ("refresh_token", token)]),
            ("token", _) => fields.extend([
                ("grant_type", grant),
                ("code", token),
                ("redirect_uri", &self.from.partner.redirect_uri),
                ("code_verifier", &verifier),
            ]),
            _ => fields.push(("token", token)),
        }
        let ask = Ask::new("POST", path).basic(&client.client_id, &client.secret).form(&fields);
        let answer = self.ask(ask).await;
        match self.route.name {
            "token" => {
                assert_eq!(
                    (answer.status, answer.json()["error"].as_str()),
                    (400, Some("invalid_grant")),
                    "{answer:?}"
                );
            }
            "introspect" => assert_eq!(answer.body, r#"{"active":false}"#),
            // As for any string that is no token; whether it lives on at home is looked at later.
            _ => assert_eq!(answer.status, 200, "{answer:?}"),
        }
    }

    /// The other's secret of the same `client_id`, with things that are good here.
    async fn secret(&self) {
        let (verifier, client) = (self.to.verifier(), &self.to.partner);
        if self.route.name.starts_with("platform_") {
            let ask = Ask::new(self.method().as_str(), self.path(&client.client_id));
            let answer = self.ask(ask.basic(&client.client_id, &self.from.partner.secret)).await;
            // A tenant whose secrets are no API keys has nothing there.
            assert!(matches!(answer.status, 401 | 404), "{answer:?}");
            return;
        }
        let mut fields: Fields<'_> = Vec::new();
        match self.route.name {
            "token" => fields.extend([
                ("grant_type", "authorization_code"),
                ("code", &self.to.code),
                ("redirect_uri", &client.redirect_uri),
                ("code_verifier", &verifier),
            ]),
            _ => fields.push(("token", &self.to.access)),
        }
        let ask = Ask::new("POST", self.path("")).basic(&client.client_id, &self.from.partner.secret);
        let answer = self.ask(ask.form(&fields)).await;
        assert_eq!((answer.status, answer.json()["error"].as_str()), (401, Some("invalid_client")), "{answer:?}");
    }

    async fn keys(&self) {
        let answer = self.ask(Ask::new("GET", self.path(""))).await;
        let header = self.from.id_token.split('.').next().expect("a header");
        let own = self.to.id_token.split('.').next().expect("a header");
        let kid = |header: &str| kid_of(header);
        assert!(answer.body.contains(&kid(own)), "its own key is there: {}", answer.body);
        assert!(!answer.body.contains(&kid(header)), "{}", answer.body);
    }

    async fn named(&self) {
        let answer = self.ask(Ask::new("GET", self.path(""))).await;
        assert_eq!(answer.json()["issuer"].as_str(), Some(self.to.tenant.issuer.as_str()), "{answer:?}");
        assert!(!answer.body.contains(&self.from.tenant.issuer));
    }

    async fn look(&self) {
        let answer = self.ask(Ask::new("GET", self.path("")).cookies(&self.from.cookies)).await;
        let colour = |side: &Side| if side.tenant.slug == "castor" { "123456" } else { "654321" };
        assert!(answer.body.contains(colour(self.to)) && !answer.body.contains(colour(self.from)), "{}", answer.body);
    }

    async fn public(&self) {
        let home = self.ask(Ask::new("GET", format!("{}/", self.way.prefix)).page()).await;
        let from = home.body.find("/assets/app.").expect("a style sheet") + "/assets/".len();
        let file = home.body[from..].split('"').next().expect("a quote");
        let answer = self.ask(Ask::new("GET", self.path(file)).cookies(&self.from.cookies)).await;
        let nobody = self.ask(Ask::new("GET", self.path(file))).await;
        assert!(matches!(answer.status, 200 | 303), "{answer:?}");
        assert_eq!((answer.status, &answer.body, answer.cookies()), (nobody.status, &nobody.body, Vec::new()));
    }
}

/// The `kid` of a JWS header, without trusting anything else in it.
fn kid_of(header: &str) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let bytes = URL_SAFE_NO_PAD.decode(header).expect("base64url");
    let header: serde_json::Value = serde_json::from_slice(&bytes).expect("a header");
    header["kid"].as_str().expect("a kid").to_owned()
}

/// All of an answer that does not differ from one visit to the next.
fn outline(answer: &Reply) -> (u16, String, Option<String>) {
    let location = answer.header("location");
    let location = match location.find("/interaction/") {
        Some(at) => {
            let rest = &location[at + "/interaction/".len()..];
            let below = rest.find('/').map_or("", |below| &rest[below..]);
            format!("{}/interaction/…{below}", &location[..at])
        }
        None => location.to_owned(),
    };
    (answer.status, location, answer.page_error().map(str::to_owned))
}

/// At home everything that was tried elsewhere still works: nothing above was refused because
/// it was dead.
async fn still_alive(side: &Side) {
    let at: std::net::SocketAddr = side.tenant.issuer.trim_start_matches("http://").parse().expect("an address");
    let host = at.to_string();
    let home = async |ask: Ask| send(at, &ask.host(&host).page()).await.expect("an answer");
    let client = |path: &str| Ask::new("POST", path).basic(&side.partner.client_id, &side.partner.secret);
    let userinfo = Ask::new("GET", "/oauth/userinfo").header("authorization", format!("Bearer {}", side.access));
    assert_eq!(home(userinfo).await.status, 200);
    let introspected = home(client("/oauth/introspect").form(&[("token", &side.access)])).await;
    assert_eq!(introspected.json()["active"], true);
    if let Some(refresh) = &side.refresh {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
        assert_eq!(home(client("/oauth/token").form(&fields)).await.status, 200);
    }
    let redeemed = redeem(&side.tenant, &side.partner, &side.code, &side.verifier()).await;
    assert_eq!(redeemed.status, 200, "{}", redeemed.body);
    assert!(home(Ask::new("GET", "/").cookies(&side.cookies)).await.body.contains(&side.name));
    let approve = Ask::new("POST", format!("/interaction/{}/consent", side.consent.id)).cookies(&side.cookies);
    let approved = home(approve.form(&[("csrf", &side.consent.csrf), ("approve", "approve")])).await;
    assert!(approved.header("location").contains("code="), "{approved:?}");
    let verify = Ask::new("POST", format!("/interaction/{}/verify", side.sign_up.id)).cookies(&side.sign_up.cookies);
    let fields = [("csrf", side.sign_up.csrf.as_str()), ("code", side.mail_code.as_str()), ("verify", "verify")];
    let verified = home(verify.form(&fields)).await;
    assert_eq!(verified.status, 303, "{}", verified.body);
    let leave = Ask::new("GET", format!("/logout?id_token_hint={}", side.id_token)).cookies(&side.cookies);
    assert_eq!(home(leave).await.status, 303);
    assert!(!home(Ask::new("GET", "/").cookies(&side.cookies)).await.body.contains(&side.name));
}
