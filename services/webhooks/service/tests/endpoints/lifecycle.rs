//! Made, found, changed, paused, deleted.

use grantor_ports::{
    AdminError, NewWebhook, WebhookChange, WebhookCommand, WebhookFormat, WebhookState, Webhooks as _,
};

use crate::world::{BANK, CLIENT, REVOKED, SANDBOX, World, operator, wanted};

#[tokio::test]
async fn an_endpoint_is_found_by_its_client_and_by_its_tenant() {
    let world = World::new().await;
    let (endpoint, _) = world.endpoint().await;
    assert_eq!(endpoint.state, WebhookState::Active);
    let mut own = wanted("https://bank.example/hooks");
    own.client_id = None;
    world.clock.advance_seconds(1);
    let (tenants, _) = world.endpoints.create_webhook(BANK, own, &operator()).await.unwrap();
    let ids = |views: Vec<grantor_ports::WebhookView>| views.into_iter().map(|view| view.id).collect::<Vec<_>>();
    assert_eq!(ids(world.endpoints.webhooks(BANK, Some("app_1")).await.unwrap()), [endpoint.id]);
    assert_eq!(ids(world.endpoints.webhooks(BANK, None).await.unwrap()), [tenants.id, endpoint.id]);
    assert!(world.endpoints.webhooks(SANDBOX, None).await.unwrap().is_empty());
    assert_eq!(world.endpoints.webhook(SANDBOX, endpoint.id).await.unwrap(), None, "not at another tenant");
    let hearers = |client: Option<_>, event| {
        let endpoints = world.endpoints.clone();
        async move {
            let found = endpoints.hearers(BANK, client.as_slice(), event).await.unwrap();
            found.into_iter().map(|hearer| hearer.id).collect::<Vec<_>>()
        }
    };
    assert_eq!(hearers(Some(CLIENT), REVOKED).await, [tenants.id, endpoint.id]);
    assert_eq!(hearers(None, REVOKED).await, [tenants.id]);
    assert!(hearers(Some(CLIENT), "oauth.authorization.created").await.is_empty());
}

#[tokio::test]
async fn what_the_tenant_does_not_offer_cannot_be_chosen() {
    let world = World::new().await;
    assert_eq!(world.endpoints.webhook_events(SANDBOX).await.unwrap(), [REVOKED]);
    let mut other = wanted("http://127.0.0.1:9000/hook");
    other.events = vec!["oauth.client.approved".into()];
    let refused = world.endpoints.create_webhook(SANDBOX, other.clone(), &operator()).await.unwrap_err();
    assert!(matches!(refused, AdminError::Invalid { ref pointer, .. } if pointer == "/events/0"), "{refused}");
    other.events = vec![REVOKED.into()];
    world.endpoints.create_webhook(SANDBOX, other.clone(), &operator()).await.expect("loopback, at a tenant for tests");
    let refused = world.endpoints.create_webhook(BANK, other.clone(), &operator()).await.unwrap_err();
    assert!(matches!(refused, AdminError::Invalid { ref pointer, .. } if pointer == "/url"), "{refused}");
    other.client_id = Some("app_2".into());
    let refused = world.endpoints.create_webhook(SANDBOX, other, &operator()).await.unwrap_err();
    assert!(matches!(refused, AdminError::Invalid { ref pointer, .. } if pointer == "/client_id"), "{refused}");
}

#[tokio::test]
async fn it_is_changed_paused_disabled_resumed_and_deleted() {
    let world = World::new().await;
    let (endpoint, _) = world.endpoint().await;
    let (id, meta) = (endpoint.id, operator());
    let change = WebhookChange { format: Some(WebhookFormat::CloudEvents), ..WebhookChange::default() };
    let changed = world.endpoints.change_webhook(BANK, id, change.clone(), &meta).await.unwrap();
    assert_eq!((changed.format, changed.url.as_str()), (WebhookFormat::CloudEvents, endpoint.url.as_str()));
    world.endpoints.change_webhook(BANK, id, change, &meta).await.expect("the same again");
    let command = |command| world.endpoints.command_webhook(BANK, id, command, &meta);
    assert_eq!(command(WebhookCommand::Pause).await.unwrap().state, WebhookState::Paused);
    assert_eq!(command(WebhookCommand::Resume).await.unwrap().state, WebhookState::Active);
    world.endpoints.disable(BANK, id, "gone", &meta).await.unwrap();
    let disabled = world.endpoints.webhook(BANK, id).await.unwrap().unwrap();
    assert_eq!((disabled.state, disabled.reason.as_deref()), (WebhookState::Disabled, Some("gone")));
    assert!(matches!(command(WebhookCommand::Pause).await, Err(AdminError::Conflict(_))));
    assert_eq!(command(WebhookCommand::Resume).await.unwrap().state, WebhookState::Active);
    command(WebhookCommand::Delete).await.unwrap();
    assert_eq!(world.endpoints.webhook(BANK, id).await.unwrap(), None);
    assert!(world.endpoints.webhooks(BANK, Some("app_1")).await.unwrap().is_empty());
    assert!(matches!(command(WebhookCommand::Resume).await, Err(AdminError::NotFound("webhook"))));
    let names = ["created", "updated", "paused", "resumed", "disabled", "resumed", "deleted"];
    assert_eq!(world.events(id).await, names.map(|name| format!("webhook.endpoint.{name}")));
}

#[tokio::test]
async fn how_fast_it_is_called_is_chosen_within_what_there_is_for_all() {
    let world = World::new().await;
    let (endpoint, _) = world.endpoint().await;
    assert_eq!(endpoint.max_per_second, 0, "no limit of its own");
    let limit = |calls| WebhookChange { max_per_second: Some(calls), ..WebhookChange::default() };
    let meta = operator();
    let change = |calls| world.endpoints.change_webhook(BANK, endpoint.id, limit(calls), &meta);
    assert_eq!(change(50).await.unwrap().max_per_second, 50);
    let refused = change(51).await.unwrap_err();
    assert!(matches!(refused, AdminError::Invalid { ref pointer, .. } if pointer == "/max_per_second"), "{refused}");
    let more = NewWebhook { max_per_second: 51, ..wanted("https://partner.example/other") };
    assert!(world.endpoints.create_webhook(BANK, more.clone(), &operator()).await.is_err());
    let less = NewWebhook { max_per_second: 5, ..more };
    assert_eq!(world.endpoints.create_webhook(BANK, less, &operator()).await.unwrap().0.max_per_second, 5);
    assert_eq!(change(0).await.unwrap().max_per_second, 0);
    let (row, folded) = world.row_and_fold(BANK, endpoint.id).await;
    assert_eq!(row, folded);
}

#[tokio::test]
async fn there_are_twenty_endpoints_at_most() {
    let world = World::new().await;
    for n in 0..20 {
        let url = format!("https://partner.example/{n}");
        world.endpoints.create_webhook(BANK, wanted(&url), &operator()).await.expect("room");
    }
    let refused = world.endpoints.create_webhook(BANK, wanted("https://partner.example/x"), &operator()).await;
    assert!(matches!(refused, Err(AdminError::Conflict(_))));
}
