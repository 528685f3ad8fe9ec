use std::time::{Duration, Instant};

use grantor_jose::{Alg, Jwk, PrivateKey, Typ};
use grantor_ports::{Clock, SystemClock};
use grantor_testkit::{AuthorizeUrl, Browser, Partner, PartnerTenant, Person, Pkce, Tokens, Visit};
use grantor_tests_prover::Prover;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::Deployment;

const CALLBACK: &str = "https://example.com/oauth/callback";
const BYE: &str = "https://example.com/bye";
const PASSWORD: &str = "correct horse battery staple 7";

/// What happens at a deployment, whatever its shape: it is known by its addresses alone.
pub struct Scenario<'a> {
    deployment: &'a Deployment,
    http: Client,
}

impl<'a> Scenario<'a> {
    /// At this deployment.
    pub fn at(deployment: &'a Deployment) -> Self {
        let http = Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build();
        Self { deployment, http: http.expect("an HTTP client") }
    }

    /// A tenant with two addresses of its own, of the guide that the golden files are from.
    pub async fn guide_tenant(&self) -> PartnerTenant {
        self.guided("guide", "financefeast").await
    }

    /// A tenant with two addresses of its own, of any preset.
    pub async fn guided(&self, slug: &str, preset: &str) -> PartnerTenant {
        let [identity, api, _] = self.deployment.tenants;
        let authorities = json!([
            { "role": "identity", "authority": identity.to_string() }, { "role": "api", "authority": api.to_string() }
        ]);
        let (issuer, api) = (format!("http://{identity}"), format!("http://{api}"));
        self.tenant(slug, preset, &issuer, Some(&api), authorities).await
    }

    /// A tenant that is reached below `/t/{slug}`.
    pub async fn path_tenant(&self, slug: &str) -> PartnerTenant {
        let issuer = format!("http://{}/t/{slug}", self.deployment.tenants[2]);
        self.tenant(slug, "openid", &issuer, None, json!([])).await
    }

    async fn tenant(
        &self,
        slug: &str,
        preset: &str,
        issuer: &str,
        api: Option<&str>,
        authorities: Value,
    ) -> PartnerTenant {
        let mut wanted = json!({
            "slug": slug, "name": format!("The {slug} tenant"), "kind": "development", "issuer": issuer,
            "preset": preset, "authorities": authorities, "contact": "partners@example.com",
            "terms": { "version": "1", "text": "Be kind." }
        });
        if let Some(api) = api {
            wanted["api"] = json!(api);
        }
        let made = self.operator("POST", "/admin/v1/tenants", Some(wanted)).await;
        let id = made["id"].as_str().expect("an id").parse().expect("a tenant's id");
        PartnerTenant {
            id,
            slug: slug.to_owned(),
            issuer: issuer.to_owned(),
            authorize: "/oauth/authorize".to_owned(),
            api: api.unwrap_or(issuer).to_owned(),
            widget: String::new(),
        }
    }

    /// A user, made by the operator.
    pub async fn person(&self, tenant: &PartnerTenant, email: &str) -> Person {
        let wanted = json!({
            "email": email, "email_verified": true, "password": PASSWORD, "claims": { "name": "Grace Hopper" },
            "attributes": { "plan": "pro" }
        });
        let made = self.operator("POST", &format!("/admin/v1/tenants/{}/users", tenant.slug), Some(wanted)).await;
        let id = made["id"].as_str().expect("an id").parse().expect("a user's id");
        Person { id, email: email.to_owned(), password: PASSWORD.to_owned() }
    }

    /// A client that a developer registers, and an operator approves.
    pub async fn registered(&self, tenant: &PartnerTenant, developer: &Person) -> Partner {
        let mut browser = Browser::new();
        let visit = browser.get(&format!("{}/oauth/create_client", tenant.issuer)).await;
        let login = browser.follow(visit).await;
        let filled = [("username", developer.email.as_str()), ("password", developer.password.as_str())];
        let visit = browser.press(&login, "login", &filled).await;
        let form = browser.follow(visit).await;
        let typed = [
            ("name", "Portfolio Planner"),
            ("website", "https://example.com"),
            ("logo_url", "https://example.com/logo.png"),
            ("redirect_uris", CALLBACK),
            ("kind", "confidential"),
            ("accept_terms", "1"),
        ];
        let made = browser.press(&form, "create", &typed).await;
        assert_eq!(made.status, 200, "{}", made.body);
        let partner = Partner {
            client_id: text_of(&made, "client_id"),
            secret: text_of(&made, "client_secret"),
            redirect_uri: CALLBACK.to_owned(),
        };
        let path = format!("/admin/v1/tenants/{}/clients/{}", tenant.slug, partner.client_id);
        assert_eq!(self.operator("GET", &path, None).await["state"], "pending");
        // Not approved yet: nobody is sent anywhere.
        let early = Browser::new().get(&AuthorizeUrl::new(tenant, &partner, "openid").url()).await;
        assert!(early.location().is_none_or(|to| to.host_str() != Some("example.com")), "{early:?}");
        self.operator("POST", &format!("{path}/approve"), None).await;
        partner
    }

    /// A client of the operator's making.
    pub async fn partner(&self, tenant: &PartnerTenant) -> Partner {
        let scopes = json!(["openid", "profile", "email", "offline_access"]);
        let wanted = json!({ "redirect_uris": [CALLBACK], "post_logout_redirect_uris": [BYE], "scopes": scopes });
        self.partner_with(tenant, wanted).await
    }

    /// The same with these settings.
    pub async fn partner_with(&self, tenant: &PartnerTenant, mut wanted: Value) -> Partner {
        wanted["name"] = json!("Portfolio Planner");
        wanted["kind"] = json!("confidential");
        wanted["website"] = json!("https://example.com");
        let made = self.operator("POST", &format!("/admin/v1/tenants/{}/clients", tenant.slug), Some(wanted)).await;
        let text = |name: &str| made[name].as_str().unwrap_or_else(|| panic!("no {name}: {made}")).to_owned();
        Partner { client_id: text("client_id"), secret: text("client_secret"), redirect_uri: CALLBACK.to_owned() }
    }

    /// The guide's flow: registration, approval, code, token, the tenant's API, introspection, user
    /// info, revocation.
    pub async fn the_guides_flow(&self) {
        let tenant = self.guide_tenant().await;
        let developer = self.person(&tenant, "dev@example.com").await;
        let person = self.person(&tenant, "grace@example.com").await;
        let partner = self.registered(&tenant, &developer).await;
        let code = Browser::new().code(&AuthorizeUrl::new(&tenant, &partner, "openid profile plan"), &person).await;
        let tokens = Tokens::new(&tenant, &partner);
        let (status, answer) = tokens.exchange(&code, &[]).await;
        assert_eq!(status, 200, "{answer}");
        let token = answer["access_token"].as_str().expect("a token");
        assert_eq!(self.api(&tenant, token).await, 200);
        assert_eq!(tokens.introspect(token).await["active"], true);
        let (status, again) = tokens.exchange(&code, &[]).await;
        assert_eq!(status, 400, "{again}");
        assert_eq!(self.api(&tenant, token).await, 401, "a code that came twice has ended what it began");
    }

    /// What a library of OpenID Connect does at a tenant below a path, to its end.
    pub async fn the_standard_flow(&self, slug: &str) {
        let tenant = self.path_tenant(slug).await;
        let person = self.person(&tenant, "grace@example.com").await;
        let partner = self.partner(&tenant).await;
        let inserted = format!("http://{}/.well-known/oauth-authorization-server/t/{slug}", self.deployment.tenants[2]);
        for document in [inserted, format!("{}/.well-known/openid-configuration", tenant.issuer)] {
            let answer = self.http.get(&document).send().await.expect("an answer");
            let document: Value = answer.json().await.unwrap_or_else(|cause| panic!("{document}: {cause}"));
            assert_eq!(document["issuer"], tenant.issuer);
        }
        let tokens = Tokens::new(&tenant, &partner);
        let mut browser = Browser::new();
        let pkce = Pkce::of(slug);
        let url = AuthorizeUrl::new(&tenant, &partner, "openid email offline_access").pkce(&pkce);
        let code = browser.code(&url, &person).await;
        let (status, first) = tokens.exchange(&code, &[("code_verifier", &pkce.verifier)]).await;
        assert_eq!(status, 200, "{first}");
        let text = |answer: &Value, name: &str| answer[name].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned();
        let (status, claims) = tokens.userinfo(&text(&first, "access_token")).await;
        assert_eq!((status, &claims["email"]), (200, &json!("grace@example.com")), "{claims}");
        let (status, second) = tokens.refresh(&text(&first, "refresh_token")).await;
        assert_eq!(status, 200, "{second}");
        let live = text(&second, "access_token");
        assert_eq!(tokens.introspect(&live).await["active"], true);
        assert_eq!(tokens.revoke(&text(&second, "refresh_token")).await, 200);
        assert_eq!(tokens.introspect(&live).await["active"], false, "what hangs from it has ended");
        self.the_keyed_flow(&tenant, &person).await;

        let code = browser.code(&url, &person).await;
        let (_, third) = tokens.exchange(&code, &[("code_verifier", &pkce.verifier)]).await;
        let (live, refresh) = (text(&third, "access_token"), text(&third, "refresh_token"));
        let hint = text(&third, "id_token");
        let bye = browser
            .get(&format!("{}/oauth/logout?id_token_hint={hint}&post_logout_redirect_uri={BYE}", tenant.issuer))
            .await;
        assert_eq!(bye.location().map(String::from).as_deref(), Some(BYE), "{}", bye.body);
        let asked = browser.get(&url.url()).await;
        assert!(browser.follow(asked).await.has_button("login"), "nobody is signed in any more");
        assert_eq!(tokens.introspect(&live).await["active"], true, "log-out ends the session, not the grant");

        let lock = format!("/admin/v1/tenants/{slug}/users/{}/lock", person.id);
        self.operator("POST", &lock, None).await;
        let locked = Instant::now();
        while tokens.introspect(&live).await["active"] == true {
            assert!(locked.elapsed() < Duration::from_secs(20), "a locked user's token is live");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let (status, refused) = tokens.refresh(&refresh).await;
        assert_eq!((status, &refused["error"]), (400, &json!("invalid_grant")), "{refused}");
    }

    /// The same by a client with keys instead of a secret: it signs who it is (RFC 7523), pushes its
    /// request (RFC 9126), and its token is bound to a key (RFC 9449).
    async fn the_keyed_flow(&self, tenant: &PartnerTenant, person: &Person) {
        let (key, prover, now) = (PrivateKey::generate(Alg::ES256), Prover::new(), SystemClock.real().timestamp());
        let key = key.expect("a key");
        let wanted = json!({
            "name": "Signs who it is", "kind": "confidential", "website": "https://example.com",
            "redirect_uris": [CALLBACK], "scopes": ["openid", "email"], "jwks": { "keys": [Jwk::from(key.public_key())] }
        });
        let made = self.operator("POST", &format!("/admin/v1/tenants/{}/clients", tenant.slug), Some(wanted)).await;
        let client_id = made["client_id"].as_str().expect("a client_id");
        let send = async |path: &str, fields: &[(&str, &str)]| {
            let url = format!("{}{path}", tenant.issuer);
            let claims = json!({
                "iss": client_id, "sub": client_id, "aud": tenant.issuer, "iat": now, "exp": now + 60, "jti": path
            });
            let assertion = key.sign(Typ::ClientAssertion, &claims).expect("a signature");
            let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
            let proof = [("client_assertion_type", kind), ("client_assertion", assertion.as_str())];
            let body = form_urlencoded::Serializer::new(String::new()).extend_pairs([fields, &proof].concat()).finish();
            let request = self.http.post(&url).header("dpop", prover.proof("POST", &url, now));
            let request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
            let answer = request.send().await.expect("an answer");
            let (status, told) = (answer.status().as_u16(), answer.json::<Value>().await.expect("JSON"));
            assert!(status < 300, "{path}: {status} {told}");
            told
        };
        let pkce = Pkce::of("keyed");
        let asked = AuthorizeUrl::bare("")
            .with("response_type", "code")
            .with("redirect_uri", CALLBACK)
            .with("scope", "openid email")
            .pkce(&pkce);
        let told = send("/oauth/par", &asked.pairs()).await;
        let reference = told["request_uri"].as_str().expect("a request_uri");
        let url = AuthorizeUrl::bare(&format!("{}{}", tenant.issuer, tenant.authorize))
            .with("client_id", client_id)
            .with("request_uri", reference);
        let code = Browser::new().code(&url, person).await;
        let code = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", CALLBACK),
            ("code_verifier", &pkce.verifier),
        ];
        let tokens = send("/oauth/token", &code).await;
        assert_eq!(tokens["token_type"], "DPoP", "{tokens}");
        let (userinfo, token) = (format!("{}/oauth/userinfo", tenant.issuer), tokens["access_token"].as_str());
        let token = token.expect("an access token");
        let proof = prover.proof_with("GET", &userinfo, now, token);
        let request = self.http.get(&userinfo).header("authorization", format!("DPoP {token}")).header("dpop", proof);
        let claims: Value = request.send().await.expect("an answer").json().await.expect("JSON");
        assert_eq!(claims["email"], person.email, "{claims}");
    }

    /// The status of the tenant's API for a token.
    pub async fn api(&self, tenant: &PartnerTenant, token: &str) -> u16 {
        let url = format!("{}/data/eod?ticker=air.nz", tenant.api);
        let answer = self.http.get(url).header("accept", "application/json").bearer_auth(token).send().await;
        answer.expect("an answer").status().as_u16()
    }

    /// A command of the operator.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn operator(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let request = self.http.request(method.clone(), format!("{}{path}", self.deployment.admin));
        let request = request.bearer_auth(&self.deployment.operator_token);
        let request = if let Some(body) = body { request.json(&body) } else { request };
        let answer = request.send().await.expect("an answer");
        let status = answer.status();
        let text = answer.text().await.expect("a body");
        assert!(status.is_success(), "{method} {path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }
}

/// The text of an element with this id.
fn text_of(page: &Visit, id: &str) -> String {
    let from = page.body.find(&format!("id=\"{id}\"")).unwrap_or_else(|| panic!("no {id} in:\n{}", page.body));
    let rest = &page.body[from..];
    rest.split_once('>').and_then(|(_, rest)| rest.split_once('<')).map_or("", |(text, _)| text).to_owned()
}
