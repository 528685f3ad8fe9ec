use std::sync::Arc;

use grantor_ports::{ClientCommand, ClientState, ClientView, Page, RegistryAdmin, TenantChange, TenantView, Terms};
use grantor_web::{Answer, CallBuilder};

use crate::world::{ALICE, World, operator};

/// A client form as a browser sends it, without its csrf token.
pub fn filled(name: &str) -> String {
    format!(
        "name={}&website=https%3A%2F%2Fbuddy.example&logo_url=&kind=confidential&scopes=openid&scopes=profile\
         &redirect_uris=https%3A%2F%2Fbuddy.example%2Fcb%0D%0Ahttp%3A%2F%2F127.0.0.1%3A5000%2Fcb\
         &accept_terms=2026-01&create=create",
        name.replace(' ', "+")
    )
}

fn call(tenant: &Arc<TenantView>, who: &str, path: &str) -> CallBuilder {
    CallBuilder::new(Arc::clone(tenant), path).header("cookie", &format!("session={who}"))
}

pub async fn post_create(world: &World, tenant: &Arc<TenantView>, who: &str, form: &str) -> Answer {
    let form = format!("csrf=csrf-of-{who}&{form}");
    world.call("create_client", call(tenant, who, "/oauth/create_client").form(form)).await
}

pub async fn act(world: &World, tenant: &Arc<TenantView>, who: &str, id: &str, button: &str) -> Answer {
    let form = format!("csrf=csrf-of-{who}&{button}");
    let call = call(tenant, who, &format!("/clients/{id}")).param("client_id", id);
    world.call("client_action", call.form(form)).await
}

async fn show(world: &World, tenant: &Arc<TenantView>, who: &str, id: &str, query: &str) -> Answer {
    let path = format!("/clients/{id}{query}");
    world.call("client", call(tenant, who, &path).param("client_id", id)).await
}

async fn edit(world: &World, tenant: &Arc<TenantView>, who: &str, id: &str, form: &str) -> Answer {
    let form = format!("csrf=csrf-of-{who}&{form}");
    let call = call(tenant, who, &format!("/clients/{id}/edit")).param("client_id", id);
    world.call("edit_client", call.form(form)).await
}

fn html(answer: &Answer) -> String {
    String::from_utf8(answer.body().to_vec()).expect("a page")
}

/// The text of an `<output>` or `<code>` with this id.
pub fn output(answer: &Answer, id: &str) -> String {
    let page = html(answer);
    let at = page.find(&format!("id=\"{id}\"")).unwrap_or_else(|| panic!("no {id} in {page}"));
    let text = &page[at..];
    let from = text.find('>').expect("a tag") + 1;
    let to = text.find('<').expect("an end");
    text[from..to].to_owned()
}

fn location(answer: &Answer) -> &str {
    answer.header_values("location").first().copied().unwrap_or_default()
}

async fn newest(world: &World, tenant: &TenantView) -> ClientView {
    let page = Page { after: None, limit: 1 };
    world.registry.clients(tenant.id, None, page).await.unwrap().items.remove(0)
}

#[tokio::test]
async fn a_developer_creates_a_client_and_sees_its_secret_once() {
    let world = World::new().await;
    let tenant = world.tenant("bank", "financefeast").await;
    let form = world.call("create_client_form", call(&tenant, "alice", "/oauth/create_client")).await;
    assert_eq!(form.status(), 200);
    assert!(html(&form).contains("Be kind.") && html(&form).contains("Alice Dev (alice@dev.example)"));
    let answer = post_create(&world, &tenant, "alice", &filled("Budget Buddy")).await;
    assert_eq!(answer.status(), 200);
    assert!(answer.header_values("cache-control").contains(&"no-store"));
    let (id, secret) = (output(&answer, "client_id"), output(&answer, "client_secret"));
    assert_eq!((id.len(), secret.len()), (32, 40));
    let client = newest(&world, &tenant).await;
    assert_eq!(client.state, ClientState::Pending);
    assert_eq!(client.contact, Some(ALICE));
    assert_eq!(client.redirect_uris, ["https://buddy.example/cb", "http://127.0.0.1:5000/cb"]);
    assert_eq!(client.scopes, ["openid", "profile"]);
    let details = show(&world, &tenant, "alice", &id, "").await;
    assert_eq!(details.status(), 200);
    assert!(!html(&details).contains(&secret), "only once");
    assert!(html(&details).contains("2026-01"), "the accepted version of the terms");
}

#[tokio::test]
async fn terms_are_accepted_in_their_current_version_or_nothing_is_made() {
    let world = World::new().await;
    let tenant = world.tenant("bank", "financefeast").await;
    let without = filled("Buddy").replace("&accept_terms=2026-01", "");
    let answer = post_create(&world, &tenant, "alice", &without).await;
    assert_eq!(answer.status(), 400);
    assert!(html(&answer).contains("accept_terms-error") && html(&answer).contains("value=\"Buddy\""));
    let terms = Terms { version: "2026-02".into(), text: "Be kinder.".into() };
    let change = TenantChange::Presentation { name: None, branding: None, contact: None, terms: Some(terms) };
    world.registry.change_tenant(tenant.id, change, &operator()).await.unwrap();
    let answer = post_create(&world, &tenant, "alice", &filled("Buddy")).await;
    assert_eq!(answer.status(), 400);
    assert!(html(&answer).contains("Be kinder."), "the new text is shown although the page's copy was old");
    let page = Page { after: None, limit: 1 };
    assert!(world.registry.clients(tenant.id, None, page).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn the_acceptance_is_in_the_event() {
    use grantor_eventsourcing::Codec;
    use grantor_registry_domain::client::Event;
    let world = World::new().await;
    let tenant = world.tenant("bank", "financefeast").await;
    post_create(&world, &tenant, "alice", &filled("Buddy")).await;
    let client = newest(&world, &tenant).await;
    let stream = world.store.stream(tenant.id, client.key.uuid()).await.unwrap();
    let Event::Registered(registered) = grantor_registry::publish::ClientCodec::decode(&stream[0]).unwrap() else {
        panic!("registered first");
    };
    let terms = registered.terms.unwrap();
    assert_eq!((terms.version.as_str(), terms.accepted_by), ("2026-01", ALICE));
    let digest = grantor_crypto::sha256("2026-01\nBe kind.");
    assert_eq!(terms.sha256, digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
}

#[tokio::test]
async fn wrong_fields_come_back_with_what_was_typed() {
    let world = World::new().await;
    let tenant = world.tenant("bank", "financefeast").await;
    for (from, to, field) in [
        ("name=Buddy", "name=The+BANK+bank+app%3Cscript%3E", "name"),
        ("name=Buddy", "name=", "name"),
        ("https%3A%2F%2Fbuddy.example&", "http%3A%2F%2Fbuddy.example&", "website"),
        ("logo_url=", "logo_url=data%3Aimage", "logo_url"),
        ("http%3A%2F%2F127.0.0.1", "http%3A%2F%2Fevil.example", "redirect_uris"),
        ("scopes=profile", "scopes=admin", "scopes"),
        ("kind=confidential", "kind=robot", "kind"),
    ] {
        let form = filled("Buddy").replacen(from, to, 1);
        // "The bank bank" is the tenant's own name.
        let form = form.replace("The+BANK+bank+app", "My+the+BANK+bank+app");
        let answer = post_create(&world, &tenant, "alice", &form).await;
        assert_eq!(answer.status(), 400, "{field}");
        let page = html(&answer);
        assert!(page.contains(&format!("{field}-error")), "{field}: {page}");
        assert!(!page.contains("<script>"), "typed text is inert");
    }
}

#[tokio::test]
async fn a_form_of_another_session_changes_nothing() {
    let world = World::new().await;
    let tenant = world.tenant("bank", "financefeast").await;
    let form = format!("csrf=csrf-of-bob&{}", filled("Buddy"));
    let answer = world.call("create_client", call(&tenant, "alice", "/oauth/create_client").form(form)).await;
    assert_eq!(answer.status(), 403);
    post_create(&world, &tenant, "alice", &filled("Buddy")).await;
    let client = newest(&world, &tenant).await;
    let stolen =
        call(&tenant, "alice", "/clients/x").param("client_id", &client.client_id).form("delete=delete&csrf=x");
    assert_eq!(world.call("client_action", stolen).await.status(), 403);
    assert_eq!(newest(&world, &tenant).await.client_id, client.client_id);
}

#[tokio::test]
async fn unreadable_forms_are_bad_requests() {
    let world = World::new().await;
    let tenant = world.tenant("bank", "financefeast").await;
    for form in ["name=%ff", "name=a&name=b", &"scopes=a&".repeat(200)] {
        assert_eq!(post_create(&world, &tenant, "alice", form).await.status(), 400, "{form}");
    }
    let json = call(&tenant, "alice", "/oauth/create_client").post("application/json", "{}");
    assert_eq!(world.call("create_client", json).await.status(), 400);
}

#[tokio::test]
async fn who_is_signed_out_is_led_to_the_login_page() {
    let world = World::new().await;
    let tenant = world.tenant("bank", "financefeast").await;
    let anonymous = |path: &str| CallBuilder::new(Arc::clone(&tenant), path).param("client_id", "x");
    for (route, to) in [
        ("create_client_form", "/login?next=create_client"),
        ("create_client", "/login?next=create_client"),
        ("client", "/login?next=home"),
        ("client_action", "/login?next=home"),
        ("edit_client_form", "/login?next=home"),
        ("edit_client", "/login?next=home"),
    ] {
        let answer = world.call(route, anonymous("/x")).await;
        assert_eq!((answer.status(), location(&answer)), (303, to), "{route}");
    }
    let home = world.call("home", anonymous("/")).await;
    assert!(home.status() == 200 && html(&home).contains("id=\"sign_in\""));
    assert!(html(&home).contains("/signup?next=home"));
}

#[tokio::test]
async fn a_developer_sees_and_touches_only_their_own() {
    let world = World::new().await;
    let tenant = world.tenant("bank", "financefeast").await;
    post_create(&world, &tenant, "alice", &filled("Buddy")).await;
    let id = newest(&world, &tenant).await.client_id;
    let home = html(&world.call("home", call(&tenant, "alice", "/")).await);
    assert!(home.contains(&id) && home.contains("data-state=\"pending\""));
    let other = html(&world.call("home", call(&tenant, "bob", "/")).await);
    assert!(!other.contains(&id));
    for answer in [
        show(&world, &tenant, "bob", &id, "").await,
        act(&world, &tenant, "bob", &id, "rotate=rotate").await,
        edit(&world, &tenant, "bob", &id, &filled("Mine")).await,
        show(&world, &tenant, "alice", "nothing", "").await,
    ] {
        assert_eq!(answer.status(), 404);
    }
}

#[tokio::test]
async fn buttons_submit_rotate_retire_and_delete() {
    let world = World::new().await;
    let tenant = world.tenant("bank", "financefeast").await;
    let draft = filled("Buddy").replace("create=create", "save_draft=save_draft");
    post_create(&world, &tenant, "alice", &draft).await;
    let client = newest(&world, &tenant).await;
    assert_eq!(client.state, ClientState::Draft);
    let id = client.client_id.as_str();
    let submitted = act(&world, &tenant, "alice", id, "submit=submit").await;
    assert_eq!(location(&submitted), format!("/clients/{id}?done=submitted"));
    assert_eq!(newest(&world, &tenant).await.state, ClientState::Pending);
    let rotated = act(&world, &tenant, "alice", id, "rotate=rotate").await;
    assert_eq!(output(&rotated, "client_secret").len(), 40);
    assert_eq!(act(&world, &tenant, "alice", id, "rotate=rotate").await.status(), 409, "there is no third");
    let old = newest(&world, &tenant).await.secrets[1].id.clone();
    let retired = act(&world, &tenant, "alice", id, &format!("retire={old}")).await;
    assert_eq!(location(&retired), format!("/clients/{id}?done=retired"));
    assert_eq!(newest(&world, &tenant).await.secrets.len(), 1);
    let asked = html(&show(&world, &tenant, "alice", id, "?ask=delete").await);
    assert!(asked.contains("name=\"delete\"") && !asked.contains("name=\"rotate\""));
    let deleted = act(&world, &tenant, "alice", id, "delete=delete").await;
    assert_eq!(location(&deleted), "/#clients");
    assert_eq!(show(&world, &tenant, "alice", id, "").await.status(), 404);
    assert_eq!(act(&world, &tenant, "alice", id, "dance=dance").await.status(), 404);
}

#[tokio::test]
async fn what_the_operator_has_not_seen_waits_for_approval_again() {
    let world = World::new().await;
    let tenant = world.tenant("bank", "financefeast").await;
    post_create(&world, &tenant, "alice", &filled("Buddy")).await;
    let id = newest(&world, &tenant).await.client_id;
    let approve = async || world.registry.command_client(tenant.id, &id, ClientCommand::Approve, &operator()).await;
    approve().await.unwrap();
    let fewer = filled("Buddy").replace("&scopes=profile", "");
    assert_eq!(edit(&world, &tenant, "alice", &id, &fewer).await.status(), 303);
    assert_eq!(newest(&world, &tenant).await.state, ClientState::Approved, "giving up a scope needs nobody");
    assert_eq!(edit(&world, &tenant, "alice", &id, &filled("Pal")).await.status(), 303);
    let changed = newest(&world, &tenant).await;
    assert_eq!((changed.name.as_str(), changed.state), ("Pal", ClientState::Pending));
    approve().await.unwrap();
    let suspend = ClientCommand::Suspend { reason: "abuse".into() };
    world.registry.command_client(tenant.id, &id, suspend, &operator()).await.unwrap();
    assert_eq!(edit(&world, &tenant, "alice", &id, &filled("Again")).await.status(), 403);
    assert!(html(&show(&world, &tenant, "alice", &id, "").await).contains("abuse"));
}

#[tokio::test]
async fn a_tenant_without_self_service_has_no_form() {
    let world = World::new().await;
    let tenant = world.tenant("bank", "financefeast").await;
    let mut profile = (*tenant.profile).clone();
    profile.clients.onboarding = grantor_profile::Onboarding::Issued;
    let tenant = world.registry.change_tenant(tenant.id, TenantChange::Profile(Box::new(profile)), &operator()).await;
    let tenant = tenant.unwrap();
    let form = world.call("create_client_form", call(&tenant, "alice", "/oauth/create_client")).await;
    assert_eq!(form.status(), 403);
    assert_eq!(post_create(&world, &tenant, "alice", &filled("Buddy")).await.status(), 403);
    let home = html(&world.call("home", call(&tenant, "alice", "/")).await);
    assert!(!home.contains("/oauth/create_client"));
}

#[tokio::test]
async fn pages_speak_german() {
    let world = World::new().await;
    let tenant = world.tenant("bank", "financefeast").await;
    let german = call(&tenant, "alice", "/").header("accept-language", "de-AT, en;q=0.5");
    assert!(html(&world.call("home", german).await).contains("lang=\"de\""));
    let chosen = call(&tenant, "alice", "/?ui_locales=de").header("accept-language", "en");
    let page = html(&world.call("home", chosen).await);
    assert!(page.contains("lang=\"de\"") && page.contains("/?ui_locales=en"));
}
