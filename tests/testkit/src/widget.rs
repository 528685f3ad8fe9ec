use crate::{Browser, Visit, World};

impl Browser {
    /// Follows a link to the widget through the first sandbox bank, shares the customer's first
    /// account, and approves. Answers the visit that leads back to the client.
    pub async fn through_the_widget(&mut self, world: &World, link: &str) -> Visit {
        let visit = self.get(link).await;
        let mut page = self.follow(visit).await;
        for _ in 0..8 {
            page = if page.has_button("choose") {
                self.press(&page, "choose", &[("bank", "sandbox-nord")]).await
            } else if page.has_button("login") {
                self.press(&page, "login", &[("username", "mara.brandt"), ("pin", "13579")]).await
            } else if page.has_button("verify") {
                let mail = world.mail_to("mara.brandt@sandbox-bank.example").await;
                let code: String = mail["subject"].as_str().expect("a subject").chars().take(6).collect();
                self.press(&page, "verify", &[("code", &code)]).await
            } else if page.has_button("share") {
                self.press(&page, "share", &[("account_1", "1")]).await
            } else if page.has_button("approve") {
                self.press(&page, "approve", &[]).await
            } else {
                return page;
            };
            page = self.follow(page).await;
        }
        page
    }
}
