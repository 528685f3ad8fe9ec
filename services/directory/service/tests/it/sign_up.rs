use std::sync::Arc;

use grantor_ports::{
    Directory as _, DirectoryAdmin, Login, SignUp, SignUpRefusal, SignUpTicket, UserState, VerifyRefusal,
};

use crate::world::{EMAIL, META, OTHER, PASSWORD, TENANT, World, code, sign_up};

async fn finish(world: &World, ticket: &SignUpTicket, code: &str) -> Result<Login, VerifyRefusal> {
    world.directory.finish_sign_up(TENANT, ticket, code, &META).await
}

/// A code that is not this one.
fn other_than(code: &str) -> String {
    if code == "00000000" { "00000001".into() } else { "00000000".into() }
}

#[tokio::test]
async fn a_new_user_signs_up_with_the_code_from_the_mail() {
    let world = World::new().await;
    let ticket = world.begin(EMAIL).await.unwrap();
    let mails = world.mails().await;
    assert_eq!(mails.len(), 1);
    assert_eq!((mails[0].to.as_str(), mails[0].from_name.as_str()), (EMAIL, "Example Bank"));
    let code = code(&mails[0]);
    // People copy spaces along.
    let spaced = format!(" {} {}", &code[..4], &code[4..]);
    let login = finish(&world, &ticket, &spaced).await.unwrap();
    assert_eq!(login.amr, ["pwd"]);
    let claims = world.directory.claims(TENANT, login.user).await.unwrap().unwrap();
    assert_eq!(claims["sub"], login.user.to_string());
    assert_eq!(claims["email"], EMAIL);
    assert_eq!(claims["email_verified"], true);
    assert_eq!(claims["name"], "Ada Markername");
    assert_eq!(claims["locale"], "en-GB");
    assert_eq!(claims["updated_at"], 1_800_000_000);
    let status = world.directory.status(TENANT, login.user).await.unwrap().unwrap();
    assert_eq!((status.state, status.version), (UserState::Active, 1));
    assert_eq!(world.login(EMAIL, PASSWORD, "192.0.2.1").await.unwrap().user, login.user);
    assert_eq!(finish(&world, &ticket, &code).await, Err(VerifyRefusal::Expired), "a ticket is used once");
}

#[tokio::test]
async fn mails_are_written_in_german_too() {
    let world = World::new().await;
    let german = SignUp { locale: Some("de-AT".into()), ..sign_up(EMAIL) };
    world.directory.begin_sign_up(TENANT, german, &META).await.unwrap();
    let mails = world.mails().await;
    assert!(mails[0].subject.starts_with("Ihr Code für Example Bank"), "{}", mails[0].subject);
}

#[tokio::test]
async fn a_code_is_worth_nothing_after_a_quarter_of_an_hour() {
    let world = World::new().await;
    let ticket = world.begin(EMAIL).await.unwrap();
    let code = code(&world.mails().await[0]);
    world.clock.advance_seconds(15 * 60);
    assert_eq!(finish(&world, &ticket, &code).await, Err(VerifyRefusal::Expired));
    assert_eq!(world.directory.resend_code(TENANT, &ticket).await, Err(VerifyRefusal::Expired));
}

#[tokio::test]
async fn an_attacker_who_guesses_codes_has_five_tries() {
    let world = World::new().await;
    let ticket = world.begin(EMAIL).await.unwrap();
    let code = code(&world.mails().await[0]);
    for _ in 0..4 {
        assert_eq!(finish(&world, &ticket, &other_than(&code)).await, Err(VerifyRefusal::Wrong));
    }
    assert_eq!(finish(&world, &ticket, &other_than(&code)).await, Err(VerifyRefusal::Expired));
    assert_eq!(finish(&world, &ticket, &code).await, Err(VerifyRefusal::Expired), "the right one comes too late");
    assert!(world.directory.user_by_email(TENANT, EMAIL).await.unwrap().is_none());
}

#[tokio::test]
async fn a_ticket_of_another_tenant_or_of_nobody_is_expired() {
    let world = World::new().await;
    let ticket = world.begin(EMAIL).await.unwrap();
    let code = code(&world.mails().await[0]);
    let elsewhere = world.directory.finish_sign_up(OTHER, &ticket, &code, &META).await;
    assert_eq!(elsewhere, Err(VerifyRefusal::Expired));
    assert_eq!(finish(&world, &SignUpTicket("made up".into()), &code).await, Err(VerifyRefusal::Expired));
    assert!(finish(&world, &ticket, &code).await.is_ok());
}

#[tokio::test]
async fn a_known_address_gets_a_notice_and_no_code_is_right() {
    let world = World::new().await;
    let user = world.user(EMAIL, Some("the first password")).await;
    let ticket = world.begin("ADA.marker@example.org").await.unwrap();
    let mails = world.mails().await;
    assert_eq!(mails.len(), 1);
    assert!(mails[0].subject.contains("You have an account"), "{}", mails[0].subject);
    assert!(!mails[0].body.bytes().any(|byte| byte.is_ascii_digit()), "no code");
    for _ in 0..4 {
        assert_eq!(finish(&world, &ticket, "12345678").await, Err(VerifyRefusal::Wrong), "as for a new address");
    }
    assert_eq!(finish(&world, &ticket, "12345678").await, Err(VerifyRefusal::Expired));
    assert_eq!(world.login(EMAIL, PASSWORD, "192.0.2.9").await.unwrap_err(), grantor_ports::LoginRefusal::Wrong);
    assert_eq!(world.login(EMAIL, "the first password", "192.0.2.9").await.unwrap().user, user);
}

#[tokio::test]
async fn sending_again_sends_the_same_code_three_times_at_most() {
    let world = World::new().await;
    let ticket = world.begin(EMAIL).await.unwrap();
    for _ in 0..3 {
        world.directory.resend_code(TENANT, &ticket).await.unwrap();
    }
    assert_eq!(world.directory.resend_code(TENANT, &ticket).await, Err(VerifyRefusal::Expired));
    let mails = world.mails().await;
    assert_eq!(mails.len(), 4);
    assert!(mails.iter().all(|mail| code(mail) == code(&mails[0])));
    assert!(finish(&world, &ticket, &code(&mails[0])).await.is_ok());
}

#[tokio::test]
async fn what_cannot_be_a_user_is_refused_before_anything_is_sent() {
    let world = World::new().await;
    let begin = |sign_up| world.directory.begin_sign_up(TENANT, sign_up, &META);
    assert_eq!(begin(sign_up("no address")).await, Err(SignUpRefusal::Email));
    for password in ["short", "password123", EMAIL] {
        let weak = SignUp { password: password.into(), ..sign_up(EMAIL) };
        assert_eq!(begin(weak).await, Err(SignUpRefusal::Password), "{password}");
    }
    let named = SignUp { name: Some("a\nb".into()), ..sign_up(EMAIL) };
    assert_eq!(begin(named).await, Err(SignUpRefusal::Name));
    let strange = SignUp { locale: Some("<script>".into()), ..sign_up(EMAIL) };
    assert!(begin(strange).await.is_ok(), "a strange language is no reason");
    assert_eq!(world.mails().await.len(), 1);
}

#[tokio::test]
async fn nobodys_mailbox_is_filled_through_us() {
    let world = World::new().await;
    for _ in 0..5 {
        world.begin(EMAIL).await.unwrap();
    }
    assert_eq!(world.begin(EMAIL).await, Err(SignUpRefusal::Throttled { retry_after: 3600 }));
    assert!(world.begin("someone.else@example.org").await.is_ok());
    assert_eq!(world.mails().await.len(), 6);
    world.clock.advance_seconds(3601);
    assert!(world.begin(EMAIL).await.is_ok());
}

#[tokio::test]
async fn sixty_four_parallel_sign_ups_of_one_address_make_one_user() {
    let world = World::new().await;
    let begun: Vec<_> = (0..64)
        .map(|_| {
            let directory = Arc::clone(&world.directory);
            tokio::spawn(async move { directory.begin_sign_up(TENANT, sign_up(EMAIL), &META).await })
        })
        .collect();
    let mut tickets = Vec::new();
    for begun in begun {
        match begun.await.unwrap() {
            Ok(ticket) => tickets.push(ticket),
            Err(SignUpRefusal::Throttled { .. }) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    assert!(!tickets.is_empty());
    // Every ticket has a code of its own; a mail does not say whose it is, so each is sent again.
    world.mails().await;
    let mut codes = Vec::new();
    for ticket in &tickets {
        world.directory.resend_code(TENANT, ticket).await.unwrap();
        codes.push(code(&world.mails().await[0]));
    }
    let finished: Vec<_> = (0..64)
        .map(|n| {
            let directory = Arc::clone(&world.directory);
            let (ticket, code) = (tickets[n % tickets.len()].clone(), codes[n % codes.len()].clone());
            tokio::spawn(async move { directory.finish_sign_up(TENANT, &ticket, &code, &META).await })
        })
        .collect();
    let mut made = Vec::new();
    for finished in finished {
        match finished.await.unwrap() {
            Ok(login) => made.push(login.user),
            Err(VerifyRefusal::Expired) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!(made.len(), 1);
    assert_eq!(world.directory.user_by_email(TENANT, EMAIL).await.unwrap().unwrap().id, made[0]);
}

#[tokio::test]
async fn parallel_uses_of_one_ticket_make_one_user() {
    let world = World::new().await;
    let ticket = world.begin(EMAIL).await.unwrap();
    let code = code(&world.mails().await[0]);
    let finished: Vec<_> = (0..64)
        .map(|_| {
            let (directory, ticket, code) = (Arc::clone(&world.directory), ticket.clone(), code.clone());
            tokio::spawn(async move { directory.finish_sign_up(TENANT, &ticket, &code, &META).await })
        })
        .collect();
    let mut made = 0;
    for finished in finished {
        match finished.await.unwrap() {
            Ok(_) => made += 1,
            Err(refusal) => assert_eq!(refusal, VerifyRefusal::Expired),
        }
    }
    assert_eq!(made, 1);
}
