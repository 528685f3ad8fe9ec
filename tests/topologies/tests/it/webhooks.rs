//! Where partners are told what happens: one contract for both forms of the port.

use grantor_eventsourcing::{Actor, Meta};
use grantor_host::Ports;
use grantor_ids::TenantId;
use grantor_ports::{
    AdminError, NewWebhook, WebhookChange, WebhookCommand, WebhookFormat, WebhookSigning, WebhookState,
};
use secrecy::ExposeSecret;

/// The contract of endpoints.
pub async fn keep_their_contract(ports: &Ports, tenant: TenantId) {
    let meta = Meta::by(Actor::System);
    let events = ports.webhooks.webhook_events(tenant).await.expect("events");
    assert!(events.iter().any(|event| event == "oauth.authorization.revoked"), "{events:?}");
    let wanted = |url: &str| NewWebhook {
        client_id: None,
        url: url.into(),
        description: String::new(),
        events: events.clone(),
        format: WebhookFormat::Standard,
        signing: WebhookSigning::Both,
        max_per_second: 0,
    };
    let refused = ports.webhooks.create_webhook(tenant, wanted("ftp://a.example"), &meta).await;
    assert!(matches!(&refused, Err(AdminError::Invalid { pointer, .. }) if pointer == "/url"), "{refused:?}");
    let (made, given) = ports.webhooks.create_webhook(tenant, wanted("https://a.example"), &meta).await.expect("one");
    assert!(given.secret.expose_secret().starts_with("whsec_"), "the secret arrives");
    assert_eq!(ports.webhooks.webhook(tenant, made.id).await, Ok(Some(made.clone())));
    assert_eq!(ports.webhooks.webhooks(tenant, None).await, Ok(vec![made.clone()]));
    assert_eq!(ports.webhooks.webhooks(tenant, Some("nobody")).await, Ok(Vec::new()));
    let change = WebhookChange { description: Some("Ours".into()), ..WebhookChange::default() };
    let changed = ports.webhooks.change_webhook(tenant, made.id, change, &meta).await.expect("changed");
    assert_eq!(changed.description, "Ours");
    let again = ports.webhooks.reveal_webhook_secret(tenant, made.id, &meta).await.expect("the secret");
    assert_eq!(again.secret.expose_secret(), given.secret.expose_secret());
    let other = ports.webhooks.rotate_webhook_secret(tenant, made.id, Some(60), &meta).await.expect("another");
    assert_ne!(other.public_key, given.public_key);
    let paused = ports.webhooks.command_webhook(tenant, made.id, WebhookCommand::Pause, &meta).await.expect("paused");
    assert_eq!(paused.state, WebhookState::Paused);
    let history = ports.webhooks.webhook_history(tenant, made.id).await.expect("what happened");
    let told: Vec<_> = history.iter().map(|entry| entry.event.as_str()).collect();
    assert_eq!((told[0], told[told.len() - 1]), ("webhook.endpoint.paused", "webhook.endpoint.created"));
    ports.webhooks.command_webhook(tenant, made.id, WebhookCommand::Delete, &meta).await.expect("deleted");
    let gone = ports.webhooks.command_webhook(tenant, made.id, WebhookCommand::Delete, &meta).await;
    assert_eq!(gone, Err(AdminError::NotFound("webhook")));
}
