use chrono::TimeDelta;
use grantor_oauth::Params;
use grantor_pages::{PageError, WebhookNotice, WebhookSecretPage, WebhookSecretReason};
use grantor_ports::{AdminError, WebhookChange, WebhookCommand, WebhookSecret, WebhookSigning, WebhookView};
use grantor_web::{Answer, Call, error_page, page, webhook_form};
use secrecy::ExposeSecret;

use super::{
    super::{Outcome, lang, once},
    form,
    place::{Place, refused},
    show::{listed, offered, shown},
};
use crate::Registry;

/// `POST` of the list: one more endpoint. Its secret is the answer, and nowhere else.
pub(in crate::http) async fn create(registry: &Registry, call: &Call) -> Outcome {
    let place = Place::of(registry, call).await?;
    let wanted = form::read(&place.form(call)?, place.client_id.clone());
    let meta = place.visitor.meta(call);
    match registry.webhooks.create_webhook(call.tenant.id, wanted.clone(), &meta).await {
        Ok((made, secret)) => Ok(secret_page(call, &place, &made, &secret, WebhookSecretReason::Created)),
        Err(error) => {
            let empty = form::empty(&offered(registry, call).await?);
            let again = form::again(&wanted, empty, &error).ok_or_else(|| refused(call, &error))?;
            listed(registry, call, &place, 400, Some(again)).await
        }
    }
}

/// `POST` of one endpoint: the buttons of its page.
pub(in crate::http) async fn act(registry: &Registry, call: &Call) -> Outcome {
    let place = Place::of(registry, call).await?;
    let endpoint = place.endpoint(registry, call).await?;
    let form = place.form(call)?;
    let pressed = ["save", "rotate", "reveal", "pause", "resume", "delete", "test", "recover"];
    let pressed = pressed.into_iter().find(|button| form.get(button).is_some());
    let (tenant, id, meta) = (call.tenant.id, endpoint.id, place.visitor.meta(call));
    let webhooks = &registry.webhooks;
    let page_of = |secret: &WebhookSecret, reason| secret_page(call, &place, &endpoint, secret, reason);
    let back = |done: &str| Answer::see_other(&call.link(&format!("{}?done={done}", place.path(id))));
    let command = |command| webhooks.command_webhook(tenant, id, command, &meta);
    let done = match pressed {
        Some("save") => return save(registry, call, &place, &endpoint, &form).await,
        Some("rotate") => {
            let overlap = form.get("overlap").and_then(|seconds| seconds.parse().ok());
            let fresh = webhooks.rotate_webhook_secret(tenant, id, overlap, &meta).await;
            fresh.map(|secret| page_of(&secret, WebhookSecretReason::Rotated))
        }
        Some("reveal") => {
            let secret = webhooks.reveal_webhook_secret(tenant, id, &meta).await;
            secret.map(|secret| page_of(&secret, WebhookSecretReason::Revealed))
        }
        Some("pause") => command(WebhookCommand::Pause).await.map(|_| back("paused")),
        Some("resume") => command(WebhookCommand::Resume).await.map(|_| back("resumed")),
        Some("delete") if form.get("sure").is_some() => {
            command(WebhookCommand::Delete).await.map(|_| Answer::see_other(&call.link(&place.shown.list)))
        }
        Some("test") => registry.webhook_deliveries.test_webhook(tenant, id, &meta).await.map(|_| back("tested")),
        Some("recover") => recover(registry, call, &place, &endpoint, &form).await.map(|_| back("recovered")),
        _ => return Err(error_page(call, PageError::BadRequest)),
    };
    match done {
        Ok(answer) => Ok(answer),
        Err(AdminError::Conflict(_) | AdminError::Invalid { .. }) => {
            shown(registry, call, &place, &endpoint, 409, None, Some(WebhookNotice::NotPossible)).await
        }
        Err(error) => Err(refused(call, &error)),
    }
}

async fn save(registry: &Registry, call: &Call, place: &Place, endpoint: &WebhookView, form: &Params) -> Outcome {
    let wanted = form::read(form, place.client_id.clone());
    let change = WebhookChange {
        url: Some(wanted.url.clone()),
        description: Some(wanted.description.clone()),
        events: Some(wanted.events.clone()),
        format: Some(wanted.format),
        signing: Some(wanted.signing),
        max_per_second: Some(wanted.max_per_second),
    };
    let meta = place.visitor.meta(call);
    match registry.webhooks.change_webhook(call.tenant.id, endpoint.id, change, &meta).await {
        Ok(_) => Ok(Answer::see_other(&call.link(&format!("{}?done=saved", place.path(endpoint.id))))),
        Err(error) => {
            let as_it_is = webhook_form(endpoint, &offered(registry, call).await?);
            let again = form::again(&wanted, as_it_is, &error).ok_or_else(|| refused(call, &error))?;
            shown(registry, call, place, endpoint, 400, Some(again), None).await
        }
    }
}

/// What happened in the last so many seconds, at most a month.
async fn recover(
    registry: &Registry,
    call: &Call,
    place: &Place,
    endpoint: &WebhookView,
    form: &Params,
) -> Result<u64, AdminError> {
    let seconds: u32 = form.get("since").and_then(|seconds| seconds.parse().ok()).unwrap_or(86_400);
    let until = registry.clock.real();
    let since = until - TimeDelta::seconds(i64::from(seconds.min(31 * 86_400)));
    let meta = place.visitor.meta(call);
    registry.webhook_deliveries.recover_webhook(call.tenant.id, endpoint.id, since, until, &meta).await
}

/// What the receiver needs, and no more: who checks signatures of `v1a` needs no secret.
fn secret_page(
    call: &Call,
    place: &Place,
    endpoint: &WebhookView,
    secret: &WebhookSecret,
    reason: WebhookSecretReason,
) -> Answer {
    let shared = endpoint.signing != WebhookSigning::V1a;
    let model = WebhookSecretPage {
        frame: place.visitor.frame(call, once(call, lang(call))),
        place: place.shown.clone(),
        reason,
        url: endpoint.url.clone(),
        secret: shared.then(|| secret.secret.expose_secret().to_owned()),
        public_key: (endpoint.signing != WebhookSigning::V1).then(|| secret.public_key.clone()),
        endpoint_path: place.path(endpoint.id),
    };
    page(200, &model).no_store()
}
