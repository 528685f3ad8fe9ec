//! The dashboard: who gets in, what a form needs, and what its buttons command.

use grantor_web::Answer;

use crate::support::{House, bare};

fn body(answer: &Answer) -> String {
    String::from_utf8(answer.body().to_vec()).unwrap()
}

/// The value of a cookie that an answer sets.
fn cookie(answer: &Answer, name: &str) -> Option<String> {
    let pairs = answer.header_values("set-cookie").into_iter().filter_map(|cookie| cookie.split(';').next());
    pairs.filter_map(|pair| pair.split_once('=')).find(|(known, _)| *known == name).map(|(_, value)| value.to_owned())
}

async fn sign_in(house: &House, at: &str, token: &str) -> Answer {
    let request = bare("POST", at).header("cookie", "grantor_form=bound");
    house.send(request.form(format!("csrf=bound&token={token}&login=login")).build().request).await
}

/// Somebody who is signed in.
struct Session<'h> {
    house: &'h House,
    cookie: String,
}

impl<'h> Session<'h> {
    async fn of(house: &'h House) -> Self {
        let entered = sign_in(house, "/", &house.token()).await;
        assert_eq!((entered.status(), entered.header_values("location")), (303, vec!["/"]));
        Self { house, cookie: cookie(&entered, "grantor_operator").unwrap() }
    }

    async fn get(&self, path: &str) -> Answer {
        self.house.send(bare("GET", path).header("cookie", &self.sent()).build().request).await
    }

    fn sent(&self) -> String {
        format!("grantor_operator={}", self.cookie)
    }

    /// The token of a page's forms.
    async fn csrf(&self) -> String {
        let page = body(&self.get("/sign-out").await);
        let (_, rest) = page.split_once("name=\"csrf\" value=\"").unwrap();
        rest.split('"').next().unwrap().to_owned()
    }

    async fn post(&self, path: &str, fields: &str) -> Answer {
        self.post_with(path, &format!("csrf={}&{fields}", self.csrf().await)).await
    }

    async fn post_with(&self, path: &str, body: &str) -> Answer {
        self.house.send(bare("POST", path).header("cookie", &self.sent()).form(body.to_owned()).build().request).await
    }
}

#[tokio::test]
async fn a_token_opens_a_session_that_no_other_site_can_use() {
    let house = House::new().await;
    let form = house.send(bare("GET", "/waiting").build().request).await;
    assert_eq!(form.status(), 401);
    assert!(body(&form).contains("action=\"/?next=%2Fwaiting\""), "{}", body(&form));
    let entered = sign_in(&house, "/?next=%2Fwaiting", &house.token()).await;
    assert_eq!((entered.status(), entered.header_values("location")), (303, vec!["/waiting"]));
    let set = entered.header_values("set-cookie")[0].to_owned();
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Strict"), "{set}");
    let session = Session { house: &house, cookie: cookie(&entered, "grantor_operator").unwrap() };
    assert_eq!(session.get("/").await.status(), 200);
    let kept = std::fs::read(house.folder.path().join("console.db-wal")).unwrap_or_default();
    assert!(!kept.windows(session.cookie.len()).any(|window| window == session.cookie.as_bytes()));
    house.clock.advance_seconds(8 * 3600 + 1);
    assert_eq!(session.get("/").await.status(), 401);
}

#[tokio::test]
async fn signing_in_leads_nowhere_else() {
    let house = House::new().await;
    for next in ["https:%2F%2Fevil.example", "%2F%2Fevil.example", "%2F%5Cevil.example", "javascript:x", ""] {
        let entered = sign_in(&house, &format!("/?next={next}"), &house.token()).await;
        assert_eq!((entered.status(), entered.header_values("location")), (303, vec!["/"]), "{next}");
    }
}

#[tokio::test]
async fn wrong_tokens_and_foreign_forms_open_nothing() {
    let house = House::new().await;
    for (bound, sent) in [("", ""), ("a", "b"), ("a", "")] {
        let request = bare("POST", "/").header("cookie", &format!("grantor_form={bound}"));
        let answer = house.send(request.form(format!("csrf={sent}&token={}", house.token())).build().request).await;
        assert_eq!((answer.status(), cookie(&answer, "grantor_operator")), (400, None));
    }
    for _ in 0..20 {
        assert_eq!(sign_in(&house, "/", "wrong").await.status(), 401);
    }
    let slowed = sign_in(&house, "/", "wrong").await;
    assert_eq!((slowed.status(), slowed.header_values("retry-after")), (429, vec!["61"]));
    // They are counted with those of the admin API.
    let api = house.send(house.request("GET", "/admin/v1/operators", "wrong").build().request).await;
    assert_eq!(api.status(), 429);
    // Nobody can keep an operator out.
    assert_eq!(sign_in(&house, "/", &house.token()).await.status(), 303);
}

#[tokio::test]
async fn a_bearer_token_opens_no_page() {
    let house = House::new().await;
    for path in ["/", "/waiting", "/tenants/bank/clients"] {
        assert_eq!(house.ask("GET", path).await.status(), 401, "{path}");
    }
}

#[tokio::test]
async fn sessions_end_with_the_token_with_the_operator_and_by_hand() {
    let house = House::new().await;
    let session = Session::of(&house).await;
    assert_eq!(session.post("/sign-out", "cancel=cancel").await.status(), 303);
    assert_eq!(session.get("/").await.status(), 200);
    let left = session.post("/sign-out", "logout=logout").await;
    assert_eq!((left.status(), cookie(&left, "grantor_operator")), (303, Some(String::new())));
    assert_eq!(session.get("/").await.status(), 401, "the cookie is worth nothing, whoever kept it");
    let session = Session::of(&house).await;
    house.ask("POST", &format!("/admin/v1/operators/{}/rotate-token", house.first.id)).await;
    assert_eq!(session.get("/").await.status(), 401);
}

#[tokio::test]
async fn a_disabled_operator_is_out_at_once() {
    let house = House::new().await;
    let made = house.ask_with("POST", "/admin/v1/operators", r#"{"name":"guest"}"#).await;
    let made = crate::support::document(&made);
    let entered = sign_in(&house, "/", made["token"].as_str().unwrap()).await;
    let session = Session { house: &house, cookie: cookie(&entered, "grantor_operator").unwrap() };
    assert!(body(&session.get("/").await).contains("guest"));
    house.ask("POST", &format!("/admin/v1/operators/{}/disable", made["id"].as_str().unwrap())).await;
    assert_eq!(session.get("/").await.status(), 401);
}

#[tokio::test]
async fn a_form_needs_the_token_of_its_own_session() {
    let house = House::new().await;
    let (mine, other) = (Session::of(&house).await, Session::of(&house).await);
    let others = other.csrf().await;
    assert_ne!(mine.csrf().await, others);
    for csrf in ["", "x", others.as_str()] {
        let answer = mine.post_with("/tenants/bank/clients/partner", &format!("csrf={csrf}&restore=restore")).await;
        assert_eq!(answer.status(), 403, "{csrf}");
        assert!(body(&answer).contains("data-error=\"form_expired\""));
    }
    assert!(house.others.commands().is_empty());
}

#[tokio::test]
async fn buttons_command_what_the_admin_api_does() {
    let house = House::new().await;
    let session = Session::of(&house).await;
    let one = "/tenants/bank/clients/partner";
    let page = session.get(one).await;
    assert_eq!(page.status(), 200);
    assert!(body(&page).contains("data-state=\"suspended\"") && !body(&page).contains("d1ge57"));
    let done = session.post(one, "restore=restore").await;
    assert_eq!(done.header_values("location"), ["/tenants/bank/clients/partner?done=restore"]);
    assert_eq!(house.others.commands(), ["revoke grants", "Restore"]);
    session.post(one, "suspend=suspend&reason=late").await;
    assert_eq!(house.others.commands(), ["Suspend { reason: \"late\" }", "revoke grants"]);
    session.post(one, "reject=reject&reason=no").await;
    assert_eq!(house.others.actors(), [grantor_eventsourcing::Actor::Operator(house.first.id)]);
    for (fields, status) in [("reject=reject&reason=+", 409), ("approve=approve", 409), ("dance=dance", 400)] {
        assert_eq!(session.post(one, fields).await.status(), status, "{fields}");
    }
    assert!(house.others.commands().is_empty());
    for path in ["/tenants/bank/clients/nobody", "/tenants/other/clients", "/tenants/bank/clients/%ff"] {
        assert_eq!(session.get(path).await.status(), 404, "{path}");
    }
    let away = session.get("/tenants/away/clients").await;
    assert_eq!((away.status(), away.header_values("retry-after")), (503, vec!["1"]));
}

#[tokio::test]
async fn pages_speak_german_and_link_to_the_other_language() {
    let house = House::new().await;
    let session = Session::of(&house).await;
    let page = body(&session.get("/waiting?ui_locales=de").await);
    assert!(page.contains("lang=\"de\"") && page.contains("/waiting?ui_locales=en"), "{page}");
    assert!(page.contains("Partner") && page.contains("Bank"), "{page}");
}

#[tokio::test]
async fn every_page_is_shown() {
    let house = House::new().await;
    let session = Session::of(&house).await;
    let user = format!("/tenants/bank/users/{}", crate::ports::USER);
    for (path, shown) in [
        ("/", "Partner"),
        ("/tenants", "bank"),
        ("/tenants?q=ba", "bank"),
        ("/new-tenant", "name=\"issuer\""),
        ("/tenants/bank", "k1"),
        ("/tenants/bank", "id=\"count_clients\">3<"),
        ("/tenants/bank", "id=\"count_users\">2<"),
        ("/tenants/bank/profile", "ttl_seconds"),
        ("/tenants/bank/profile?preset=openid", "ttl_seconds"),
        ("/tenants/bank/clients", "partner"),
        ("/tenants/bank/users", "jane@example.com"),
        ("/tenants/bank/users?q=jane%40example.com", "jane@example.com"),
        (user.as_str(), "jane@example.com"),
        ("/tenants/bank/timeline?type=oauth.client.approved", "/status"),
        ("/operators", "desk"),
    ] {
        for lang in ["en", "de"] {
            let asked = format!("{path}{}ui_locales={lang}", if path.contains('?') { '&' } else { '?' });
            let page = session.get(&asked).await;
            assert_eq!(page.status(), 200, "{asked}");
            assert!(body(&page).contains(shown), "{asked}: {}", body(&page));
            assert!(page.header_values("cache-control").contains(&"no-store"), "{asked}");
        }
    }
    assert!(body(&session.get("/tenants/bank/users?q=nobody%40example.com").await).contains("Nothing was found"));
}

#[tokio::test]
async fn every_process_is_shown_also_one_that_does_not_answer() {
    let house = House::with(true, vec![("registry.store", true)]).await;
    let page = body(&Session::of(&house).await.get("/").await);
    let (_, here) = page.split_once("data-process=\"registry, console\">").expect("this one is well, and closed");
    let (here, away) = here.split_once("data-process=\"token\" open>").expect("the other is not, and open");
    assert!(here.contains("data-check=\"registry.store\" data-ready=\"true\""), "{here}");
    assert!(away.contains("It does not answer."), "{away}");
    assert!(page.contains("Something is not well."), "{page}");
}

#[tokio::test]
async fn an_issuer_that_has_a_host_for_itself_brings_that_host_along() {
    let house = House::new().await;
    let session = Session::of(&house).await;
    for (issuer, host) in [
        ("https:%2F%2Fid.bank.example", "id.bank.example"),
        ("https:%2F%2Fid.bank.example:8443%2F", "id.bank.example:8443"),
        ("https:%2F%2Fid.example%2Ft%2Facme", ""),
    ] {
        session.post("/new-tenant", &format!("slug=acme&name=Acme&kind=sandbox&issuer={issuer}&preset=openid")).await;
        let said = house.others.commands().remove(0);
        let wanted = format!("[Authority {{ role: Identity, authority: \"{host}\" }}]");
        assert!(said.contains(if host.is_empty() { "[]" } else { &wanted }), "{said}");
    }
}

#[tokio::test]
async fn a_tenant_is_made_and_changed_and_what_is_wrong_is_said_at_its_field() {
    let house = House::new().await;
    let session = Session::of(&house).await;
    let made =
        session.post("/new-tenant", "slug=acme&name=Acme&kind=sandbox&issuer=x&preset=openid&create=create").await;
    assert_eq!((made.status(), made.header_values("location")), (303, vec!["/tenants/bank?done=create"]));
    assert!(house.others.commands()[0].starts_with("create_tenant acme Sandbox"));
    let wrong = session.post("/new-tenant", "slug=acme&name=Acme&kind=dream&issuer=x&preset=openid").await;
    assert_eq!(wrong.status(), 422);
    assert!(body(&wrong).contains("id=\"kind-error\"") && body(&wrong).contains("value=\"acme\""), "{}", body(&wrong));
    assert_eq!(session.post("/tenants/bank", "suspend=suspend").await.status(), 422, "not without the box");
    assert!(house.others.commands().is_empty());
    session.post("/tenants/bank", "suspend=suspend&sure=sure").await;
    session.post("/tenants/bank", "restore=restore").await;
    session.post("/tenants/bank", "rotate=rotate&alg=ES256").await;
    assert_eq!(house.others.commands(), ["suspend", "restore", "rotate_key ES256"]);
    assert_eq!(session.post("/tenants/bank", "rotate=rotate&alg=none").await.status(), 400);
}

#[tokio::test]
async fn a_profile_is_saved_at_the_version_it_was_read_or_its_mistakes_are_named() {
    let house = House::new().await;
    let session = Session::of(&house).await;
    let at = "/tenants/bank/profile";
    let profile = grantor_profile::Profile::strict();
    let sent = |document: &str| -> String { document.bytes().map(|byte| format!("%{byte:02x}")).collect() };
    let saved = session.post(at, &format!("save=save&version=1&profile={}", sent(&profile.to_json()))).await;
    assert_eq!((saved.status(), saved.header_values("location")), (303, vec!["/tenants/bank/profile?done=save"]));
    assert_eq!(house.others.commands(), ["profile at 1"]);
    let broken = profile.to_json().replacen("\"ttl_seconds\":60", "\"ttl_seconds\":\"soon\"", 1);
    let refused = session.post(at, &format!("save=save&version=1&profile={}", sent(&broken))).await;
    assert_eq!(refused.status(), 422);
    assert!(body(&refused).contains("ttl_seconds</code>") && body(&refused).contains("&#34;soon&#34;"));
    for fields in ["save=save&version=1&profile={", "save=save&profile=%7b%7d", ""] {
        assert_eq!(session.post(at, fields).await.status(), 422, "{fields}");
    }
    assert!(house.others.commands().is_empty());
}

#[tokio::test]
async fn users_are_locked_and_deactivated_only_when_one_is_sure() {
    let house = House::new().await;
    let session = Session::of(&house).await;
    let one = format!("/tenants/bank/users/{}", crate::ports::USER);
    session.post(&one, "lock=lock").await;
    session.post(&one, "unlock=unlock").await;
    assert_eq!(session.post(&one, "deactivate=deactivate").await.status(), 422);
    session.post(&one, "deactivate=deactivate&sure=sure").await;
    assert_eq!(house.others.commands(), ["Lock", "Unlock", "Deactivate"]);
    assert_eq!(session.post(&one, "revoke_all=revoke_all").await.status(), 303);
    assert_eq!(session.post(&one, "revoke=gra_00000000000000000000000000000001").await.status(), 404, "not theirs");
    assert_eq!(session.get("/tenants/bank/users/usr_00000000000000000000000000000009").await.status(), 404);
}

#[tokio::test]
async fn operators_are_made_and_a_token_is_shown_once() {
    let house = House::new().await;
    let session = Session::of(&house).await;
    let wrong = session.post("/operators", "create=create&name=").await;
    assert!(wrong.status() == 422 && body(&wrong).contains("name-error"));
    let made = body(&session.post("/operators", "create=create&name=night+shift").await);
    let (_, rest) = made.split_once("translate=\"no\">grantor_op_").unwrap();
    let token = format!("grantor_op_{}", rest.split('<').next().unwrap());
    assert_eq!(sign_in(&house, "/", &token).await.status(), 303);
    let list = body(&session.get("/operators").await);
    assert!(list.contains("night shift") && !list.contains(&token));
    let (_, rest) = list.split_once("name=\"disable\" value=\"").unwrap();
    let other = rest.split('"').next().unwrap().to_owned();
    assert_eq!(session.post("/operators", &format!("disable={other}")).await.status(), 303);
    assert_eq!(sign_in(&house, "/", &token).await.status(), 401);
    let oneself = session.post("/operators", &format!("disable={}", house.first.id)).await;
    assert_eq!(oneself.status(), 409);
    // Their own token: the answer is still theirs, and the session is over.
    let rotated = session.post("/operators", &format!("rotate={}", house.first.id)).await;
    assert!(body(&rotated).contains("grantor_op_"));
    assert_eq!(session.get("/operators").await.status(), 401);
}
