//! A partner at a tenant of the guide.

use grantor_profile::Profile;
use grantor_testkit::{Settings, World, acknowledged};
use grantor_tests_guides::{Answer, Scene};
use reqwest::Method;
use serde_json::{Value, json};

pub const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
pub const JSON: (&str, &str) = ("content-type", "application/json");

/// The tenant with an approved client that may use the password grant.
pub struct Access(pub Scene);

impl std::ops::Deref for Access {
    type Target = Scene;
    fn deref(&self) -> &Scene {
        &self.0
    }
}

impl Access {
    pub async fn start() -> Self {
        Self::changed(|_| {}).await
    }

    /// With another profile.
    pub async fn changed(change: impl FnOnce(&mut Profile)) -> Self {
        Self::in_world(Settings::default(), change).await
    }

    pub async fn in_world(settings: Settings, change: impl FnOnce(&mut Profile)) -> Self {
        let world = World::with(settings).await;
        let changed = |profile: &Profile| {
            let mut profile = profile.clone();
            change(&mut profile);
            acknowledged(profile)
        };
        let tenant = world.tenant_with("access", "finapi", |tenant| tenant.profile = changed(&tenant.profile)).await;
        let mut scene = Scene::at(world, tenant).await;
        scene.partner = scene.world.partner_with(&scene.tenant, |client| client.password_grant = true).await;
        Self(scene)
    }

    /// The client's fields of a token request, with some of one's own.
    pub fn fields<'f>(&'f self, own: &[(&'f str, &'f str)]) -> Vec<(&'f str, &'f str)> {
        let client = [("client_id", self.partner.client_id.as_str()), ("client_secret", self.partner.secret.as_str())];
        own.iter().copied().chain(client).collect()
    }

    /// A client's own token.
    pub async fn client_token(&self) -> String {
        let answer = self.post("/oauth/token", &self.fields(&[("grant_type", "client_credentials")])).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        text(&answer, "access_token")
    }

    /// The answer to the password grant.
    pub async fn password(&self, username: &str, password: &str) -> Answer {
        let own = [("grant_type", "password"), ("username", username), ("password", password)];
        self.post("/oauth/token", &self.fields(&own)).await
    }

    /// A user's token.
    pub async fn user_token(&self, username: &str, password: &str) -> String {
        let answer = self.password(username, password).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        text(&answer, "access_token")
    }

    /// A call with a token; with a body, in JSON.
    pub async fn call(&self, method: Method, path: &str, token: &str, body: Option<Value>) -> Answer {
        let bearer = format!("Bearer {token}");
        let mut headers = vec![("authorization", bearer.as_str())];
        if body.is_some() {
            headers.push(JSON);
        }
        self.send(method, path, &headers, body.map(|body| body.to_string())).await
    }

    /// `POST /users` with a client's token.
    pub async fn create(&self, body: Value) -> Answer {
        let token = self.client_token().await;
        self.call(Method::POST, "/users", &token, Some(body)).await
    }

    /// A user of this id with the password `correct horse`.
    pub async fn user(&self, id: &str) {
        let answer = self.create(json!({ "id": id, "password": PASSWORD })).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
    }
}

pub const PASSWORD: &str = "correct horse";

pub fn text(answer: &Answer, member: &str) -> String {
    answer.json()[member].as_str().unwrap_or_else(|| panic!("no {member} in {}", answer.body)).to_owned()
}

/// The one error of the envelope: its code.
pub fn code(answer: &Answer) -> String {
    let document = answer.json();
    assert_eq!(document["errors"].as_array().map(Vec::len), Some(1), "{}", answer.body);
    assert_eq!(document["errors"][0]["type"], "TECHNICAL");
    document["errors"][0]["code"].as_str().unwrap_or_default().to_owned()
}
