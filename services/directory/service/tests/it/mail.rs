use grantor_ports::MailError;

use crate::world::{EMAIL, World, code};

#[tokio::test]
async fn a_mail_is_sent_again_until_the_server_takes_it() {
    let world = World::new().await;
    world.begin(EMAIL).await.unwrap();
    *world.post.failures.lock() = vec![MailError::Unavailable; 2];
    assert_eq!(world.directory.deliver_mail().await, Ok(1));
    assert_eq!(world.directory.deliver_mail().await, Ok(0), "not at once");
    world.clock.advance_seconds(5);
    assert_eq!(world.directory.deliver_mail().await, Ok(1));
    world.clock.advance_seconds(5);
    assert_eq!(world.directory.deliver_mail().await, Ok(0), "later and later");
    world.clock.advance_seconds(5);
    assert_eq!(world.mails().await.len(), 1);
    assert_eq!(world.directory.deliver_mail().await, Ok(0), "and then no more");
}

#[tokio::test]
async fn a_mail_survives_a_restart() {
    let world = World::new().await;
    world.begin(EMAIL).await.unwrap();
    let world = world.restart().await;
    assert_eq!(code(&world.mails().await[0]).len(), 8);
}

#[tokio::test]
async fn a_refused_mail_is_not_sent_again() {
    let world = World::new().await;
    world.begin(EMAIL).await.unwrap();
    *world.post.failures.lock() = vec![MailError::Refused];
    world.directory.deliver_mail().await.unwrap();
    world.clock.advance_seconds(3600);
    assert!(world.mails().await.is_empty());
}

#[tokio::test]
async fn a_notice_is_given_up_after_a_day_and_a_code_when_it_has_expired() {
    let world = World::new().await;
    world.begin(EMAIL).await.unwrap();
    world.clock.advance_seconds(15 * 60);
    assert!(world.mails().await.is_empty(), "nobody wants an expired code");

    world.user(EMAIL, None).await;
    world.begin(EMAIL).await.unwrap();
    world.clock.advance_seconds(86_399);
    assert_eq!(world.mails().await.len(), 1);
    world.begin(EMAIL).await.unwrap();
    world.clock.advance_seconds(86_400);
    assert!(world.mails().await.is_empty());
}
