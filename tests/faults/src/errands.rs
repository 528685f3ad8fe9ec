use serde_json::json;

use crate::{Fleet, Lost, Partner, Visitor};

/// What partners and people under load do not do: with it, every service has something to write, to
/// tell and to hear.
pub struct Errands {
    partner: Partner,
    forgetful: Visitor,
    name: &'static str,
    number: usize,
}

impl Errands {
    /// At the strict tenant of a fleet's demo; errands of others have another name.
    pub fn at(fleet: &Fleet, name: &'static str) -> Self {
        let gateway = fleet.gateway();
        let partner = Partner::at(fleet.demo(), "openid", gateway.another());
        Self { partner, forgetful: Visitor::at(gateway, name, ""), name, number: 0 }
    }

    /// A client is made, an operator, and a user who has forgotten their password.
    ///
    /// # Errors
    /// When something of it was not answered; the rest is tried the next time.
    pub async fn round(&mut self) -> Result<(), Lost> {
        self.number += 1;
        let name = format!("{}-{}", self.name, self.number);
        self.partner.make_client(&name).await?;
        self.partner.admin("POST", "/admin/v1/operators", Some(&json!({ "name": name }))).await?;
        let email = format!("{name}@example.com");
        let user = json!({ "email": email, "email_verified": true, "password": "correct horse battery staple 7" });
        self.partner.admin("POST", &format!("/admin/v1/tenants/{}/users", self.partner.slug), Some(&user)).await?;
        let page = self.forgetful.open(&format!("{}/reset", self.partner.issuer)).await?;
        if page.status != 200 {
            return Err(Lost::busy(&page));
        }
        self.forgetful.press(&page, "reset", &[("email", &email)]).await.map(drop)
    }
}
