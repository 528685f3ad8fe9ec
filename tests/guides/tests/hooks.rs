//! Webhooks from end to end: somebody's access ends at a tenant, and the partner that had it is told,
//! whatever brings events and wherever the databases are.

use std::time::Duration;

use grantor_eventsourcing::{Actor, Meta};
use grantor_ids::WebhookId;
use grantor_ports::{DeliveryState, NewWebhook, Page, WebhookFormat, WebhookSigning};
use grantor_testkit::{Receiver, World};
use grantor_tests_guides::Scene;

use crate::fx;

async fn endpoint(scene: &Scene, client_id: Option<&str>, url: &str) -> WebhookId {
    let wanted = NewWebhook {
        client_id: client_id.map(str::to_owned),
        url: url.to_owned(),
        description: String::new(),
        events: vec!["oauth.authorization.revoked".to_owned()],
        format: WebhookFormat::Tenant,
        signing: WebhookSigning::Both,
        max_per_second: 0,
    };
    let ports = &scene.world.platform.ports;
    let made = ports.webhooks.create_webhook(scene.tenant.id, wanted, &Meta::by(Actor::System)).await;
    made.expect("an endpoint").0.id
}

async fn a_partner_is_told(scene: Scene) {
    let other = scene.world.partner(&scene.tenant).await;
    let (mut own, mut strangers, mut all) = (Receiver::start().await, Receiver::start().await, Receiver::start().await);
    let ports = &scene.world.platform.ports;
    let id = endpoint(&scene, Some(&scene.partner.client_id), &own.url).await;
    endpoint(&scene, Some(&other.client_id), &strangers.url).await;
    endpoint(&scene, None, &all.url).await;
    let token = fx::connected(&scene).await;
    assert_eq!(fx::disconnect(&scene, fx::text(&token, "refresh_token")).await.0, 204);
    for receiver in [&mut own, &mut all] {
        let call = receiver.call().await;
        let body = call.json();
        assert_eq!(body["type"], "oauth.authorization.revoked", "{body}");
        assert_eq!(body["data"]["client_id"], scene.partner.client_id.as_str());
        assert_eq!(body["data"]["revoked_by"], "api");
        let head = call.head.to_lowercase();
        assert!(head.contains(&format!("webhook-id: {}", body["id"].as_str().expect("an id"))), "{head}");
        assert!(head.contains("webhook-signature: v1,") && head.contains(" v1a,"), "{head}");
    }
    let deliveries = async || {
        let page = Page { after: None, limit: 9 };
        ports.webhook_deliveries.webhook_deliveries(scene.tenant.id, id, None, page).await.expect("rows").items
    };
    while deliveries().await.iter().any(|delivery| delivery.state != DeliveryState::Delivered) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(scene.world.platform.settle(Duration::from_secs(30)).await);
    assert_eq!(deliveries().await.len(), 1);
    assert!(!strangers.has_more(), "another client's grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_is_told_that_its_access_has_ended() {
    a_partner_is_told(fx::at(World::start().await).await).await;
}
