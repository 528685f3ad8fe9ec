//! FX-06: a mail server of the tenant's own, and what its mails say.

use base64::{Engine, prelude::BASE64_STANDARD};
use grantor_testkit::Browser;
use grantor_tests_guides::SmtpServer;
use serde_json::json;

use super::{connected, consent, exchange, link, scene, text};

#[tokio::test(flavor = "multi_thread")]
async fn fx_06_a_tenant_has_a_mail_server_of_its_own_with_a_test_mail() {
    let scene = scene().await;
    let server = SmtpServer::start().await;
    let settings = json!({
        "host": "127.0.0.1", "port": server.port, "security": "plain", "username": "tenant",
        "password": "s3cret of the mail server", "from": "login@finexer.example",
    });
    let shown = scene.operator("PUT", "/mail-server", Some(settings.clone())).await;
    assert_eq!(shown["server"]["username"], "tenant");
    assert!(!shown.to_string().contains("s3cret"), "never echoed: {shown}");
    assert!(!scene.operator("GET", "/mail-server", None).await.to_string().contains("password"));
    scene.operator("POST", "/mail-server/test", Some(json!({ "to": "staff@finexer.example" }))).await;
    let mail = server.mail_with("Subject: Test mail of").await;
    let login = BASE64_STANDARD.decode(&mail.login).expect("base64");
    assert_eq!(String::from_utf8_lossy(&login), "\0tenant\0s3cret of the mail server");
    assert!(mail.message.contains("<login@finexer.example>") && mail.message.contains("To: staff@finexer.example"));
    // Without a password the one that is there goes on.
    let mut same = settings.clone();
    same.as_object_mut().expect("an object").remove("password");
    same["from"] = json!("hello@finexer.example");
    scene.operator("PUT", "/mail-server", Some(same)).await;
    scene.operator("POST", "/mail-server/test", Some(json!({ "to": "other@finexer.example" }))).await;
    let mail = server.mail_with("To: other@finexer.example").await;
    assert!(mail.message.contains("<hello@finexer.example>") && !mail.login.is_empty());
    // What would begin a header of its own is no address, and no mail.
    for (member, value) in
        [("from", "a@b.example>\r\nBcc: eve@example.org"), ("host", "127.0.0.1\r\n"), ("security", "none")]
    {
        let mut odd = settings.clone();
        odd[member] = json!(value);
        let (status, refused) = scene.try_operator("PUT", "/mail-server", Some(odd)).await;
        assert_eq!(status, 422, "{member}: {refused}");
        assert!(refused.to_string().contains(&format!("/{member}")), "{refused}");
    }
    let injected = json!({ "to": "staff@finexer.example\r\nBcc: eve@example.org" });
    assert_eq!(scene.try_operator("POST", "/mail-server/test", Some(injected)).await.0, 409);
    // A server that does not answer is said to be so.
    let mut gone = settings.clone();
    gone["port"] = json!(1);
    scene.operator("PUT", "/mail-server", Some(gone)).await;
    let (status, said) = scene.try_operator("POST", "/mail-server/test", Some(json!({ "to": "a@b.example" }))).await;
    assert_eq!(status, 409, "{said}");
    // Nobody else's mails go there, and without it they go out as everybody's.
    scene.operator("DELETE", "/mail-server", None).await;
    scene.operator("POST", "/mail-server/test", Some(json!({ "to": "kept@finexer.example" }))).await;
    assert_eq!(scene.world.mail_to("kept@finexer.example").await["to"], "kept@finexer.example");
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_06_verification_reset_and_revocation_have_texts_of_the_tenants() {
    let scene = scene().await;
    let mut profile = scene.operator("GET", "/profile", None).await;
    let both = |text: &str| json!({ "en": text, "de": text });
    profile["mails"] = json!({
        "verification": { "subject": both("Welcome to {tenant}"), "text": both("Your number is {code}, dear friend of {tenant}.") },
        "reset": { "subject": both("A new start"), "text": both("Reset with {code}.") },
        "revocation": { "subject": both("{app} is gone"), "text": both("{app} cannot reach you at {tenant} any more.") },
    });
    scene.operator("PUT", "/profile", Some(profile.clone())).await;
    scene.world.settle().await;
    let mut browser = Browser::new();
    let visit = browser.get(&link(&scene).url()).await;
    let login = browser.follow(visit).await;
    let page = browser.get(&format!("{}/signup", login.url)).await;
    let fields = [("name", "New"), ("email", "texts@example.com"), ("password", "a passphrase of some length")];
    browser.press(&page, "signup", &fields).await;
    let mail = scene.world.mail_to("texts@example.com").await;
    let body = mail["text"].as_str().or(mail["body"].as_str()).unwrap_or_default();
    assert!(mail["subject"].as_str().is_some_and(|subject| subject.starts_with("Welcome to ")), "{mail}");
    assert!(body.starts_with("Your number is ") && body.contains("dear friend of ") && !body.contains('{'), "{body}");
    // The platform ends what somebody gave: they are told, by the app's name.
    let token = connected(&scene).await;
    let (status, _) = super::disconnect(&scene, text(&token, "refresh_token")).await;
    assert_eq!(status, 204);
    let mail = scene.world.mail_to(&scene.person.email).await;
    assert_eq!(mail["subject"], "Portfolio Planner is gone", "{mail}");
    // Whoever ends it themselves knows.
    let holder = scene.world.person(&scene.tenant, "quiet@example.com").await;
    let mut own = Browser::new();
    let page = consent(&scene, &mut own, &link(&scene), &holder).await;
    let back = own.press(&page, "approve", &[]).await;
    exchange(&scene, &back.returned("code").expect("a code")).await;
    let apps = own.get(&format!("{}/apps", scene.tenant.issuer)).await;
    own.press(&apps, "revoke", &[]).await;
    scene.world.settle().await;
    let (_, mails) = scene.world.admin("GET", "/admin/v1/mails?to=quiet@example.com", None).await;
    assert_eq!(mails["items"], json!([]));
    // A code's mail must carry the code.
    profile["mails"]["reset"]["text"]["en"] = json!("Reset it.");
    let (status, said) = scene.try_operator("PUT", "/profile", Some(profile)).await;
    assert!(status == 422 && said.to_string().contains("/mails/reset/text"), "{said}");
}
