use std::sync::Arc;

use grantor_crypto::PasswordHasher;
use grantor_ports::{
    CreateUser, Directory as _, DirectoryAdmin, FinishReset, FinishResetRefusal, LoginRefusal, PortError, Reset,
    ResetRefusal, ResetTicket, UserChange, UserCommand, VerifyRefusal,
};

use crate::world::{EMAIL, META, OTHER, PASSWORD, TENANT, World, code, new_user};

const NEW: &str = "quite another sentence";
const HOME: &str = "198.51.100.7";

fn reset(email: &str, from: &str) -> Reset {
    Reset { email: email.into(), locale: Some("en-GB".into()), address: from.parse().ok() }
}

async fn begin(world: &World, email: &str) -> Result<ResetTicket, ResetRefusal> {
    world.directory.begin_reset(TENANT, reset(email, HOME), &META).await
}

fn answer(ticket: &ResetTicket, code: &str, password: &str) -> FinishReset {
    FinishReset { ticket: ticket.clone(), code: code.into(), password: password.into(), address: HOME.parse().ok() }
}

async fn finish(world: &World, ticket: &ResetTicket, code: &str, password: &str) -> Result<(), FinishResetRefusal> {
    world.directory.finish_reset(TENANT, answer(ticket, code, password), &META).await
}

/// A code that is not this one.
fn other_than(code: &str) -> String {
    if code == "00000000" { "00000001".into() } else { "00000000".into() }
}

#[tokio::test]
async fn the_code_from_the_mail_changes_the_password_and_ends_what_was_granted_before() {
    let world = World::new().await;
    let user = world.user(EMAIL, Some(PASSWORD)).await;
    world.clock.advance_seconds(60);
    let ticket = begin(&world, " ada.MARKER@Example.org ").await.unwrap();
    let mails = world.mails().await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].to, EMAIL, "to the address as it is stored, not as a stranger typed it");
    let code = code(&mails[0]);
    assert!(world.login(EMAIL, PASSWORD, HOME).await.is_ok(), "asking changes nothing");
    finish(&world, &ticket, &format!(" {} {}", &code[..4], &code[4..]), NEW).await.unwrap();
    assert_eq!(world.login(EMAIL, PASSWORD, HOME).await, Err(LoginRefusal::Wrong));
    assert_eq!(world.login(EMAIL, NEW, HOME).await.unwrap().user, user);
    let status = world.directory.status(TENANT, user).await.unwrap().unwrap();
    assert_eq!((status.not_before.unwrap().timestamp(), status.version), (1_800_000_060, 2));
    assert_eq!(finish(&world, &ticket, &code, PASSWORD).await, Err(FinishResetRefusal::Expired), "used once");
}

#[tokio::test]
async fn other_addresses_read_the_same_and_get_a_notice_without_a_code() {
    let world = World::new().await;
    let locked = world.user("locked@example.org", Some(PASSWORD)).await;
    world.directory.command_user(TENANT, locked, UserCommand::Lock, &META).await.unwrap();
    let gone = world.user("gone@example.org", Some(PASSWORD)).await;
    world.directory.command_user(TENANT, gone, UserCommand::Deactivate, &META).await.unwrap();
    let erased = world.user("erased@example.org", Some(PASSWORD)).await;
    world.directory.command_user(TENANT, erased, UserCommand::Erase, &META).await.unwrap();
    let unverified = CreateUser { email_verified: false, ..new_user("unverified@example.org", Some(PASSWORD)) };
    world.directory.create_user(TENANT, unverified, &META).await.unwrap();
    world.user_of(OTHER, "elsewhere@example.org", Some(PASSWORD)).await;
    for name in ["unknown", "locked", "gone", "erased", "unverified", "elsewhere"] {
        let ticket = begin(&world, &format!("{name}@example.org")).await.unwrap();
        let mails = world.mails().await;
        assert_eq!(mails.len(), 1, "{name}");
        assert!(!mails[0].body.bytes().any(|byte| byte.is_ascii_digit()), "{name}: no code");
        assert_eq!(finish(&world, &ticket, "12345678", "password").await, Err(FinishResetRefusal::Password));
        for _ in 0..4 {
            assert_eq!(finish(&world, &ticket, "12345678", NEW).await, Err(FinishResetRefusal::Wrong), "{name}");
        }
        assert_eq!(finish(&world, &ticket, "12345678", NEW).await, Err(FinishResetRefusal::Expired), "{name}");
        world.directory.resend_reset(TENANT, &ticket).await.unwrap();
        assert_eq!(world.mails().await.len(), 1, "{name}");
    }
}

#[tokio::test]
async fn known_and_unknown_addresses_leave_the_same_rows() {
    let world = World::new().await;
    world.user(EMAIL, Some(PASSWORD)).await;
    let mut left = Vec::new();
    for email in [EMAIL, "nobody@example.org"] {
        begin(&world, email).await.unwrap();
        let mut counts = Vec::new();
        for kind in ["reset", "sign_up_count", "sign_up_trace"] {
            counts.push(world.store.rows(TENANT, kind).await.unwrap().len());
        }
        left.push(counts);
    }
    // The network address' counter is one for both.
    assert_eq!(left, [[1, 2, 2], [2, 3, 4]]);
}

#[tokio::test]
async fn an_attacker_who_guesses_codes_has_five_tries() {
    let world = World::new().await;
    world.user(EMAIL, Some(PASSWORD)).await;
    let ticket = begin(&world, EMAIL).await.unwrap();
    let code = code(&world.mails().await[0]);
    for _ in 0..4 {
        assert_eq!(finish(&world, &ticket, &other_than(&code), NEW).await, Err(FinishResetRefusal::Wrong));
    }
    assert_eq!(finish(&world, &ticket, &other_than(&code), NEW).await, Err(FinishResetRefusal::Expired));
    assert_eq!(finish(&world, &ticket, &code, NEW).await, Err(FinishResetRefusal::Expired), "the right one is late");
    assert!(world.login(EMAIL, PASSWORD, HOME).await.is_ok());
}

#[tokio::test]
async fn a_code_is_worth_nothing_after_a_quarter_of_an_hour_or_elsewhere() {
    let world = World::new().await;
    world.user(EMAIL, Some(PASSWORD)).await;
    let ticket = begin(&world, EMAIL).await.unwrap();
    let code = code(&world.mails().await[0]);
    let elsewhere = world.directory.finish_reset(OTHER, answer(&ticket, &code, NEW), &META).await;
    assert_eq!(elsewhere, Err(FinishResetRefusal::Expired));
    let made_up = ResetTicket("made up".into());
    assert_eq!(finish(&world, &made_up, &code, NEW).await, Err(FinishResetRefusal::Expired));
    let sign_up = grantor_ports::SignUpTicket(ticket.0.clone());
    let confused = world.directory.finish_sign_up(TENANT, &sign_up, &code, &META).await;
    assert_eq!(confused, Err(VerifyRefusal::Expired), "a reset is no sign-up");
    world.clock.advance_seconds(15 * 60);
    assert_eq!(finish(&world, &ticket, &code, NEW).await, Err(FinishResetRefusal::Expired));
    assert_eq!(world.directory.resend_reset(TENANT, &ticket).await, Err(VerifyRefusal::Expired));
}

#[tokio::test]
async fn what_happens_to_the_user_meanwhile_ends_the_code() {
    let world = World::new().await;
    let password = UserChange { password: Some("by an operator".into()), ..UserChange::default() };
    let moved = UserChange { email: Some("moved@example.org".into()), ..UserChange::default() };
    for (n, change) in [Some(password), Some(moved), None].into_iter().enumerate() {
        let email = format!("user{n}@example.org");
        let user = world.user(&email, Some(PASSWORD)).await;
        let ticket = begin(&world, &email).await.unwrap();
        let code = code(&world.mails().await[0]);
        match change {
            Some(change) => drop(world.directory.change_user(TENANT, user, change, &META).await.unwrap()),
            None => drop(world.directory.command_user(TENANT, user, UserCommand::Lock, &META).await.unwrap()),
        }
        assert_eq!(finish(&world, &ticket, &code, NEW).await, Err(FinishResetRefusal::Expired));
    }
}

#[tokio::test]
async fn of_two_codes_for_one_user_the_second_is_dead_when_the_first_is_used() {
    let world = World::new().await;
    world.user(EMAIL, Some(PASSWORD)).await;
    let (first, second) = (begin(&world, EMAIL).await.unwrap(), begin(&world, EMAIL).await.unwrap());
    let mails = world.mails().await;
    let mut codes = [code(&mails[0]), code(&mails[1])];
    if finish(&world, &first, &codes[0], NEW).await == Err(FinishResetRefusal::Wrong) {
        codes.reverse();
        finish(&world, &first, &codes[0], NEW).await.unwrap();
    }
    assert_eq!(finish(&world, &second, &codes[1], PASSWORD).await, Err(FinishResetRefusal::Expired));
    assert!(world.login(EMAIL, NEW, HOME).await.is_ok());
}

#[tokio::test]
async fn parallel_uses_of_one_ticket_change_the_password_once() {
    let world = World::new().await;
    let user = world.user(EMAIL, Some(PASSWORD)).await;
    let ticket = begin(&world, EMAIL).await.unwrap();
    let code = code(&world.mails().await[0]);
    let finished: Vec<_> = (0..5)
        .map(|_| {
            let (directory, reset) = (Arc::clone(&world.directory), answer(&ticket, &code, NEW));
            tokio::spawn(async move { directory.finish_reset(TENANT, reset, &META).await })
        })
        .collect();
    let mut done = 0;
    for finished in finished {
        match finished.await.unwrap() {
            Ok(()) => done += 1,
            Err(refusal) => assert_eq!(refusal, FinishResetRefusal::Expired),
        }
    }
    assert_eq!(done, 1);
    assert_eq!(world.directory.status(TENANT, user).await.unwrap().unwrap().version, 2);
}

#[tokio::test]
async fn a_weak_password_and_a_full_queue_cost_no_try() {
    let world = World::new().await;
    world.user(EMAIL, Some(PASSWORD)).await;
    let ticket = begin(&world, EMAIL).await.unwrap();
    let code = code(&world.mails().await[0]);
    let full = world.with_hasher(PasswordHasher::with_limits(0, 0)).await;
    for _ in 0..6 {
        for weak in ["short", "password123", EMAIL] {
            assert_eq!(finish(&world, &ticket, &code, weak).await, Err(FinishResetRefusal::Password), "{weak}");
        }
        let busy = full.finish_reset(TENANT, answer(&ticket, &code, NEW), &META).await;
        assert_eq!(busy, Err(FinishResetRefusal::Port(PortError::Busy)));
    }
    finish(&world, &ticket, &code, NEW).await.unwrap();
}

#[tokio::test]
async fn nobodys_mailbox_is_filled_and_no_owner_kept_out_through_us() {
    let world = World::new().await;
    world.user(EMAIL, Some(PASSWORD)).await;
    world.login(EMAIL, PASSWORD, HOME).await.unwrap();
    let from = |email: &'static str, from: &'static str| world.directory.begin_reset(TENANT, reset(email, from), &META);
    for email in [EMAIL, "nobody@example.org"] {
        for _ in 0..5 {
            from(email, "203.0.113.5").await.unwrap();
        }
        assert_eq!(from(email, "203.0.113.6").await, Err(ResetRefusal::Throttled { retry_after: 3600 }));
    }
    let ticket = from(EMAIL, HOME).await.expect("from where they logged in before");
    for _ in 0..3 {
        world.directory.resend_reset(TENANT, &ticket).await.unwrap();
    }
    assert_eq!(world.directory.resend_reset(TENANT, &ticket).await, Err(VerifyRefusal::Expired));
    let world = world.restart().await;
    assert!(world.directory.begin_reset(TENANT, reset(EMAIL, "203.0.113.6"), &META).await.is_err());
    world.clock.advance_seconds(3601);
    assert!(world.directory.begin_reset(TENANT, reset(EMAIL, "203.0.113.6"), &META).await.is_ok());
}

#[tokio::test]
async fn who_failed_too_often_logs_in_after_a_reset() {
    let world = World::new().await;
    world.user(EMAIL, Some(PASSWORD)).await;
    world.login(EMAIL, PASSWORD, HOME).await.unwrap();
    for _ in 0..10 {
        world.login(EMAIL, "forgotten", HOME).await.unwrap_err();
        world.login(EMAIL, "guessed", "203.0.113.5").await.unwrap_err();
    }
    assert!(matches!(world.login(EMAIL, PASSWORD, HOME).await, Err(LoginRefusal::Throttled { .. })));
    let ticket = begin(&world, EMAIL).await.unwrap();
    let code = code(&world.mails().await[0]);
    finish(&world, &ticket, &code, NEW).await.unwrap();
    assert!(world.login(EMAIL, NEW, HOME).await.is_ok());
}

#[tokio::test]
async fn what_is_no_address_is_refused_and_a_user_without_password_gets_their_first() {
    let world = World::new().await;
    assert_eq!(begin(&world, "no address").await, Err(ResetRefusal::Email));
    let german = Reset { locale: Some("de-AT".into()), ..reset(EMAIL, HOME) };
    world.user(EMAIL, None).await;
    let ticket = world.directory.begin_reset(TENANT, german, &META).await.unwrap();
    let mails = world.mails().await;
    assert!(mails[0].subject.starts_with("Ihr Code für Example Bank"), "{}", mails[0].subject);
    finish(&world, &ticket, &code(&mails[0]), NEW).await.unwrap();
    assert!(world.login(EMAIL, NEW, HOME).await.is_ok());
}
