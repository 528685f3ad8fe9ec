use grantor_ports::{EntropyExt, OsEntropy};
use serde_json::{Value, json};

use crate::{Fleet, Gateway, Lost, Partner, Visitor};

/// What partners and people under load do not do: with it, every service has something to write, to
/// tell and to hear.
pub struct Errands {
    gateway: Gateway,
    partner: Partner,
    forgetful: Visitor,
    endpoints: Vec<String>,
    recovery: Option<Value>,
    name: String,
    number: usize,
}

impl Errands {
    /// At the strict tenant of a fleet's demo. Those of others have other names: who was locked cannot
    /// log in again.
    pub fn at(fleet: &Fleet) -> Self {
        let name = format!("errand-{}", OsEntropy.uuid4().simple());
        let gateway = fleet.gateway();
        let partner = Partner::at(fleet.demo(), "openid", gateway.another());
        let forgetful = Visitor::at(gateway.another(), &name, "");
        let (endpoints, recovery) = (fleet.hooks().paths(), fleet.hooks().recovery().cloned());
        Self { gateway, partner, forgetful, endpoints, recovery, name, number: 0 }
    }

    /// A client is made, an operator, and a user who logs in, forgets their password and is locked;
    /// webhook endpoints are changed, and what did not arrive is recovered.
    ///
    /// # Errors
    /// When something of it was not answered; the rest is tried the next time.
    pub async fn round(&mut self) -> Result<(), Lost> {
        self.number += 1;
        let name = format!("{}-{}", self.name, self.number);
        self.partner.make_client(&name).await?;
        self.partner.admin("POST", "/admin/v1/operators", Some(&json!({ "name": name }))).await?;
        let email = format!("{name}@example.com");
        let password = "correct horse battery staple 7";
        let user = json!({ "email": email, "email_verified": true, "password": password });
        let users = format!("/admin/v1/tenants/{}/users", self.partner.slug);
        let (_, made) = self.partner.admin("POST", &users, Some(&user)).await?;
        Visitor::at(self.gateway.another(), &email, password).code(&self.partner.authorize_url("openid")).await?;
        let page = self.forgetful.open(&format!("{}/reset", self.partner.issuer)).await?;
        if page.status != 200 {
            return Err(Lost::busy(&page));
        }
        self.forgetful.press(&page, "reset", &[("email", &email)]).await?;
        if let Some(id) = made["id"].as_str() {
            self.partner.admin("POST", &format!("{users}/{id}/lock"), None).await?;
        }
        for endpoint in &self.endpoints {
            self.partner.admin("PATCH", endpoint, Some(&json!({ "description": name }))).await?;
        }
        if let Some(time) = &self.recovery {
            self.partner.admin("POST", &format!("{}/recover", self.endpoints[0]), Some(time)).await?;
        }
        Ok(())
    }
}
