//! Mails that are kept.

use grantor_console::MOST_MAILS;
use grantor_ids::TenantId;
use grantor_ports::{Mail, Mailer};
use uuid::Uuid;

use crate::{
    ports::{EMAIL, TENANT, USER},
    support::{House, document},
};

fn mail(tenant: TenantId, to: &str, subject: &str) -> Mail {
    Mail {
        tenant,
        from_name: "Bank".into(),
        to: to.into(),
        subject: subject.into(),
        body: "Your code: 482913".into(),
        at: "2026-03-04T10:00:00Z".parse().unwrap(),
    }
}

async fn subjects(house: &House, to: Option<&str>) -> Vec<String> {
    house.mailbox.mails(to).await.unwrap().into_iter().map(|mail| mail.subject).collect()
}

#[tokio::test]
async fn mails_are_found_by_address_newest_first() {
    let house = House::new().await;
    let other = TenantId::from_uuid(Uuid::from_u128(77));
    for (tenant, to, subject) in [(TENANT, EMAIL, "one"), (other, EMAIL, "two"), (TENANT, "joe@example.com", "three")] {
        house.mailbox.send(&mail(tenant, to, subject)).await.unwrap();
    }
    assert_eq!(subjects(&house, Some("Jane@Example.com ")).await, ["two", "one"]);
    assert_eq!(subjects(&house, None).await, ["three", "two", "one"]);
    assert!(subjects(&house, Some("nobody@example.com")).await.is_empty());
    let answer = document(&house.ask("GET", "/admin/v1/mails?to=jane%40example.com").await);
    assert_eq!(answer["items"][0]["subject"].as_str(), Some("two"));
    assert_eq!(answer["items"][0]["body"].as_str(), Some("Your code: 482913"));
    assert_eq!(answer["items"][0]["at"].as_str(), Some("2026-03-04T10:00:00Z"));
}

#[tokio::test]
async fn neither_address_nor_code_is_in_the_file() {
    let house = House::new().await;
    house.mailbox.send(&mail(TENANT, EMAIL, "Welcome")).await.unwrap();
    for name in ["console.db", "console.db-wal"] {
        let bytes = std::fs::read(house.folder.path().join(name)).unwrap_or_default();
        for secret in [EMAIL, "482913", "Welcome"] {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{secret} in {name}");
        }
    }
}

#[tokio::test]
async fn mails_end_after_a_day() {
    let house = House::new().await;
    house.mailbox.send(&mail(TENANT, EMAIL, "old")).await.unwrap();
    house.clock.advance_seconds(86_399);
    assert_eq!(subjects(&house, None).await, ["old"]);
    house.clock.advance_seconds(2);
    assert!(subjects(&house, None).await.is_empty());
}

#[tokio::test]
async fn the_newest_of_each_tenant_are_kept() {
    let house = House::new().await;
    let other = TenantId::from_uuid(Uuid::from_u128(77));
    house.mailbox.send(&mail(other, EMAIL, "elsewhere")).await.unwrap();
    for at in 0..MOST_MAILS + 2 {
        house.mailbox.send(&mail(TENANT, EMAIL, &at.to_string())).await.unwrap();
    }
    let kept = subjects(&house, None).await;
    assert_eq!((kept.len(), kept.first().unwrap().as_str()), (MOST_MAILS + 1, "201"));
    assert_eq!(kept[MOST_MAILS - 1..], ["2", "elsewhere"]);
}

#[tokio::test]
async fn erasing_a_user_takes_their_mails() {
    let house = House::new().await;
    house.mailbox.send(&mail(TENANT, EMAIL, "hers")).await.unwrap();
    house.mailbox.send(&mail(TENANT, "joe@example.com", "his")).await.unwrap();
    let path = format!("/admin/v1/tenants/bank/users/{USER}");
    house.ask("POST", &format!("{path}/lock")).await;
    assert_eq!(subjects(&house, None).await, ["his", "hers"]);
    assert_eq!(house.ask("POST", &format!("{path}/erase")).await.status(), 200);
    assert_eq!(subjects(&house, None).await, ["his"]);
}
