use grantor_pages::{PageError, WebhookDelivery, WebhookNotice};
use grantor_ports::WebhookView;
use grantor_web::{Answer, Call, delivery_state, error_page, page, webhook_attempt};

use super::{
    super::{Outcome, framed, lang},
    place::{Place, away, refused},
};
use crate::Registry;

/// `GET` of one delivery.
pub(in crate::http) async fn delivery(registry: &Registry, call: &Call) -> Outcome {
    let place = Place::of(registry, call).await?;
    let endpoint = place.endpoint(registry, call).await?;
    let found = registry.webhook_deliveries.webhook_delivery(call.tenant.id, endpoint.id, call.param("message")).await;
    let found = found.map_err(|_| away(call))?.ok_or_else(|| error_page(call, PageError::NotFound))?;
    let sent_again = call.query_params().unwrap_or_default().get("done") == Some("resent");
    let mut attempts: Vec<_> = found.attempts.into_iter().map(webhook_attempt).collect();
    attempts.reverse();
    let model = WebhookDelivery {
        frame: place.visitor.frame(call, framed(call, lang(call))),
        csrf: place.visitor.session.csrf.clone(),
        action: path(&place, &endpoint, &found.delivery.message_id),
        endpoint_path: place.path(endpoint.id),
        url: endpoint.url.clone(),
        message_id: found.delivery.message_id,
        event: found.delivery.event,
        at: found.delivery.occurred_at,
        state: delivery_state(found.delivery.state),
        next_at: found.delivery.next_at,
        body: found.body,
        attempts,
        may_manage: place.may_manage,
        notice: sent_again.then_some(WebhookNotice::Resent),
        place: place.shown.clone(),
    };
    Ok(page(200, &model))
}

/// `POST` of the same: `resend`.
pub(in crate::http) async fn resend(registry: &Registry, call: &Call) -> Outcome {
    let place = Place::of(registry, call).await?;
    let endpoint = place.endpoint(registry, call).await?;
    place.form(call)?.get("resend").ok_or_else(|| error_page(call, PageError::BadRequest))?;
    let (message, meta) = (call.param("message"), place.visitor.meta(call));
    let done = registry.webhook_deliveries.resend_webhook(call.tenant.id, endpoint.id, message, &meta).await;
    done.map_err(|error| refused(call, &error))?;
    Ok(Answer::see_other(&call.link(&format!("{}?done=resent", path(&place, &endpoint, message)))))
}

fn path(place: &Place, endpoint: &WebhookView, message: &str) -> String {
    format!("{}/deliveries/{message}", place.path(endpoint.id))
}
