//! Webhooks from end to end: somebody's access ends at a tenant, and the partner that had it is told,
//! whatever brings events and wherever the databases are.

use std::time::Duration;

use grantor_eventsourcing::{Actor, Meta};
use grantor_ids::WebhookId;
use grantor_ports::{DeliveryState, NewWebhook, Page, WebhookFormat, WebhookSigning};
use grantor_testkit::World;
use grantor_tests_guides::Scene;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::mpsc,
};

use crate::fx;

/// Takes every call; says what it was.
pub async fn receiver() -> (String, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
    let (told, calls) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let told = told.clone();
            tokio::spawn(async move {
                let mut call = Vec::new();
                let mut more = [0; 4096];
                // A body of these events ends with the two braces of `data` and of the whole.
                while !call.ends_with(b"}}") {
                    match stream.read(&mut more).await {
                        Ok(bytes @ 1..) => call.extend_from_slice(&more[..bytes]),
                        _ => return,
                    }
                }
                let _ = told.send(String::from_utf8_lossy(&call).into_owned());
                let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").await;
            });
        }
    });
    (url, calls)
}

async fn endpoint(scene: &Scene, client_id: Option<&str>, url: &str) -> WebhookId {
    let wanted = NewWebhook {
        client_id: client_id.map(str::to_owned),
        url: url.to_owned(),
        description: String::new(),
        events: vec!["oauth.authorization.revoked".to_owned()],
        format: WebhookFormat::Tenant,
        signing: WebhookSigning::Both,
    };
    let ports = &scene.world.platform.ports;
    let made = ports.webhooks.create_webhook(scene.tenant.id, wanted, &Meta::by(Actor::System)).await;
    made.expect("an endpoint").0.id
}

async fn a_partner_is_told(scene: Scene) {
    let other = scene.world.partner(&scene.tenant).await;
    let ((own, mut calls), (others, mut strangers)) = (receiver().await, receiver().await);
    let ((whole, mut all), ports) = (receiver().await, &scene.world.platform.ports);
    let id = endpoint(&scene, Some(&scene.partner.client_id), &own).await;
    endpoint(&scene, Some(&other.client_id), &others).await;
    endpoint(&scene, None, &whole).await;
    let token = fx::connected(&scene).await;
    assert_eq!(fx::disconnect(&scene, fx::text(&token, "refresh_token")).await.0, 204);
    for calls in [&mut calls, &mut all] {
        let call = tokio::time::timeout(Duration::from_secs(30), calls.recv()).await.expect("in time").expect("a call");
        let (head, body) = call.split_once("\r\n\r\n").expect("a head and a body");
        let body: Value = serde_json::from_str(body).expect("JSON");
        assert_eq!(body["type"], "oauth.authorization.revoked", "{body}");
        assert_eq!(body["data"]["client_id"], scene.partner.client_id.as_str());
        assert_eq!(body["data"]["revoked_by"], "api");
        let head = head.to_lowercase();
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
    assert!(strangers.try_recv().is_err(), "another client's grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_is_told_that_its_access_has_ended() {
    a_partner_is_told(fx::at(World::start().await).await).await;
}
