use grantor_profile::Profile;

use crate::{
    browser::{Seen, authorize},
    world::World,
};

const NEW: [(&str, &str); 3] =
    [("name", "Aroha Ngata"), ("email", "aroha@example.org"), ("password", "a long and quiet sentence")];

fn sign_up_path(page: &Seen) -> String {
    page.action().replace("/login", "/signup")
}

#[tokio::test]
async fn signing_up_resumes_the_same_request() {
    let world = World::new().await;
    let browser = world.browser();
    let login = browser.open(&authorize(&[("state", "kept")])).await;
    assert!(login.has("id=\"sign_up_link\""));
    let form = browser.open(&sign_up_path(&login)).await;
    assert_eq!(form.kind(), "signup");
    let verify = browser.submit(&form, &NEW, "signup").await;
    assert_eq!(verify.kind(), "verify");
    assert!(verify.has("aroha@example.org"));
    let wrong = browser.submit(&verify, &[("code", "11111111")], "verify").await;
    assert!(wrong.kind() == "verify" && wrong.has("role=\"alert\""));
    let resent = browser.submit(&verify, &[], "resend").await;
    assert!(resent.kind() == "verify" && resent.has("role=\"status\""));
    let consent = browser.submit(&verify, &[("code", " 1234-5678 ")], "verify").await;
    assert!(consent.kind() == "approve" && consent.has("Aroha Ngata"));
    assert_eq!(browser.submit(&consent, &[], "approve").await.callback()["state"], "kept");
}

#[tokio::test]
async fn mistakes_are_shown_beside_the_fields() {
    let world = World::new().await;
    let browser = world.browser();
    let login = browser.open(&authorize(&[])).await;
    let form = browser.open(&sign_up_path(&login)).await;
    let empty = browser.submit(&form, &[], "signup").await;
    for field in ["name-error", "email-error", "password-error"] {
        assert!(empty.has(&format!("id=\"{field}\"")), "{field}");
    }
    let no_address = [("name", "A"), ("email", "nowhere"), ("password", "a long and quiet sentence")];
    let refused = browser.submit(&form, &no_address, "signup").await;
    assert!(refused.has("id=\"email-error\"") && refused.has("value=\"nowhere\""));
    assert!(!refused.has("a long and quiet sentence"));
}

#[tokio::test]
async fn a_spent_code_leads_back_to_the_form() {
    let world = World::new().await;
    let browser = world.browser();
    let login = browser.open(&authorize(&[])).await;
    let form = browser.open(&sign_up_path(&login)).await;
    let verify = browser.submit(&form, &NEW, "signup").await;
    let again = browser.submit(&verify, &[("code", "00000000")], "verify").await;
    assert!(again.kind() == "signup" && again.has("aroha@example.org"));
    assert_eq!(browser.open(&verify.action()).await.kind(), "signup");
}

#[tokio::test]
async fn cancelling_a_sign_up_is_told_to_the_client() {
    let world = World::new().await;
    let browser = world.browser();
    let login = browser.open(&authorize(&[])).await;
    let form = browser.open(&sign_up_path(&login)).await;
    assert_eq!(browser.submit(&form, &[], "cancel").await.callback()["error"], "access_denied");
}

#[tokio::test]
async fn where_sign_up_is_off_there_is_none() {
    let mut profile = Profile::preset("openid").unwrap();
    profile.interaction.sign_up = false;
    let world = World::with(profile).await;
    let browser = world.browser();
    let login = browser.open(&authorize(&[])).await;
    assert!(!login.has("id=\"sign_up_link\""));
    assert_eq!(browser.open(&sign_up_path(&login)).await.answer.status(), 404);
}

#[tokio::test]
async fn people_can_sign_up_without_a_client() {
    let world = World::new().await;
    let browser = world.browser();
    let form = browser.open("/signup?next=create_client").await;
    assert_eq!(form.kind(), "signup");
    let verify = browser.submit(&form, &NEW, "signup").await;
    let end = browser.submit(&verify, &[("code", "12345678")], "verify").await;
    assert_eq!(crate::browser::location(&end.answer).unwrap(), "/oauth/create_client");
}
