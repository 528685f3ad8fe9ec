use serde_json::Value;

use crate::{Answer, Gateway, Lost, Outcome, Partner, Visitor};

/// Somebody who tries everything once, to see whether all of it works.
pub struct Scout {
    partner: Partner,
    visitor: Visitor,
}

impl Scout {
    /// The demo's user, on connections of their own.
    pub fn new(demo: &Value, gateway: &Gateway) -> Self {
        let text = |name: &str| demo["user"][name].as_str().expect("a credential");
        let visitor = Visitor::at(gateway.another(), text("username"), text("password"));
        Self { partner: Partner::at(demo, "openid", gateway.another()), visitor }
    }

    /// A code, its tokens, their successors, whether they are active, and what the operator sees.
    pub async fn round(&mut self) -> Result<(), Lost> {
        let code = self.visitor.code(&self.partner.authorize_url("openid profile offline_access")).await?;
        let tokens = self.partner.exchange(&code).await?;
        let Outcome::Acknowledged(Answer::Tokens { access, refresh: Some(refresh) }) = tokens else {
            return Err(Lost::instead(&tokens));
        };
        let active = |outcome: &Outcome| matches!(outcome, Outcome::Acknowledged(Answer::Active(true)));
        for _ in 0..2 {
            let outcome = self.partner.introspect(&access).await?;
            if !active(&outcome) {
                return Err(Lost::instead(&outcome));
            }
        }
        let next = self.partner.refresh(&refresh).await?;
        let Outcome::Acknowledged(Answer::Tokens { refresh: Some(refresh), .. }) = next else {
            return Err(Lost::instead(&next));
        };
        let works = |outcome| match outcome {
            Outcome::Acknowledged(_) => Ok(()),
            other => Err(Lost::instead(&other)),
        };
        works(self.partner.revoke(&refresh).await?)?;
        works(self.partner.look(&self.partner.client_id).await?)?;
        let users = format!("/admin/v1/tenants/{}/users?limit=1", self.partner.slug);
        match self.partner.admin("GET", &users, None).await? {
            (200, _) => Ok(()),
            other => Err(Lost::instead(&other)),
        }
    }
}
