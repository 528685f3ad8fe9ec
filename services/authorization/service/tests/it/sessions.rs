use grantor_ids::TenantId;
use grantor_ports::{Sessions, UserState};
use uuid::Uuid;

use crate::{
    browser::{Browser, authorize},
    world::{ADA, TENANT, World},
};

fn cookie(browser: &Browser<'_>) -> String {
    let name = browser.world.service.cookie_name(TENANT, true);
    browser.jar.lock().get(&name).cloned().unwrap_or_default()
}

#[tokio::test]
async fn others_may_ask_whose_session_it_is() {
    let world = World::new().await;
    let browser = world.browser();
    browser.settle().await;
    let view = world.service.session(TENANT, &cookie(&browser)).await.unwrap().unwrap();
    assert_eq!((view.user, view.auth_time.timestamp()), (ADA, 1_800_000_000));
    assert_eq!(view.csrf.len(), 43);
    assert_ne!(view.csrf, cookie(&browser));
    assert_eq!(world.service.session(TENANT, "nothing").await.unwrap(), None);
    let elsewhere = TenantId::from_uuid(Uuid::from_u128(9));
    assert_eq!(world.service.session(elsewhere, &cookie(&browser)).await.unwrap(), None, "C31");
    assert_eq!(world.service.cookie_name(TENANT, true), "__Host-grantor-000000007e1a");
    assert_eq!(world.service.cookie_name(TENANT, false), "grantor-000000007e1a");
}

#[tokio::test]
async fn the_cookie_changes_at_every_login_and_the_old_one_is_dead() {
    let world = World::new().await;
    let browser = world.browser();
    browser.settle().await;
    let old = cookie(&browser);
    let login = browser.open(&authorize(&[("prompt", "login")])).await;
    browser.log_in(&login, "ada@example.org").await;
    assert_ne!(cookie(&browser), old);
    assert_eq!(world.service.session(TENANT, &old).await.unwrap(), None);
    assert!(world.service.session(TENANT, &cookie(&browser)).await.unwrap().is_some());
}

#[tokio::test]
async fn a_session_that_is_used_goes_on_until_its_latest_end() {
    let world = World::new().await;
    let browser = world.browser();
    browser.settle().await;
    for _ in 0..12 {
        world.clock.advance_seconds(3599);
        assert!(world.service.session(TENANT, &cookie(&browser)).await.unwrap().is_some());
    }
    world.clock.advance_seconds(12);
    assert_eq!(world.service.session(TENANT, &cookie(&browser)).await.unwrap(), None);
}

#[tokio::test]
async fn an_idle_session_ends() {
    let world = World::new().await;
    let browser = world.browser();
    browser.settle().await;
    world.clock.advance_seconds(3600);
    assert_eq!(world.service.session(TENANT, &cookie(&browser)).await.unwrap(), None);
    assert_eq!(world.events().await.last().unwrap(), "identity.session.ended");
    assert_eq!(browser.open(&authorize(&[])).await.kind(), "login");
}

#[tokio::test]
async fn a_locked_user_and_a_changed_password_end_sessions() {
    for change in ["locked", "password"] {
        let world = World::new().await;
        let browser = world.browser();
        browser.settle().await;
        world.clock.advance_seconds(1);
        match change {
            "locked" => world.people.set_state(ADA, UserState::Locked),
            _ => world.people.change_password(ADA),
        }
        assert_eq!(browser.open(&authorize(&[])).await.kind(), "login", "{change}");
        world.people.set_state(ADA, UserState::Active);
        assert_eq!(browser.open(&authorize(&[])).await.kind(), "login", "{change}: it does not revive");
    }
}
