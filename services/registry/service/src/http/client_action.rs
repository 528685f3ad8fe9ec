use grantor_pages::{ClientNotice, ClientSecretPage, PageError, SecretReason};
use grantor_ports::{ClientState, NewClientSecret};
use grantor_web::{Answer, Call, error_page, page};
use secrecy::ExposeSecret;

use super::{
    Outcome,
    client_details::{Own, details, own},
    client_path, lang, once,
    visitor::{self, Next, Visitor},
};
use crate::{Registry, commands::Failure};

/// `POST /clients/{client_id}`: the buttons of the client's page, one of `submit`, `rotate`,
/// `retire` (a secret's id) and `delete`.
pub(super) async fn act(registry: &Registry, call: &Call) -> Outcome {
    let visitor = visitor::required(registry, call, Next::Home).await?;
    let own = own(registry, call, &visitor).await?;
    let bad = || error_page(call, PageError::BadRequest);
    let form = call.form_params().map_err(|_| bad())?;
    if !visitor.sent(form.get("csrf").unwrap_or_default()) {
        return Ok(details(registry, call, &visitor, &own, 403, Some(ClientNotice::FormExpired)).await);
    }
    let meta = visitor.meta(call);
    let tenant = &call.tenant;
    let back =
        |done: &str| Answer::see_other(&call.link(&format!("{}?done={done}", client_path(&own.record.client_id))));
    let outcome = if form.get("submit").is_some() {
        registry.submit(tenant, own.key, &meta).await.map(|_| back("submitted"))
    } else if form.get("rotate").is_some() {
        registry.rotate(tenant, own.key, &meta).await.map(|fresh| rotated(call, &visitor, &own, &fresh))
    } else if let Some(id) = form.get("retire") {
        registry.retire(tenant, own.key, id, &meta).await.map(|_| back("retired"))
    } else if form.get("delete").is_some() {
        registry.delete(tenant.id, own.key, &meta).await.map(|()| Answer::see_other(&call.link("/#clients")))
    } else {
        return Err(bad());
    };
    match outcome {
        Ok(answer) => Ok(answer),
        // Done meanwhile, in another tab or by the operator: the page shows how things are.
        Err(Failure::Refused(_) | Failure::TooMany) => Ok(details(registry, call, &visitor, &own, 409, None).await),
        Err(Failure::Store(_)) => Err(error_page(call, PageError::Unavailable)),
    }
}

fn rotated(call: &Call, visitor: &Visitor, own: &Own, fresh: &NewClientSecret) -> Answer {
    let model = ClientSecretPage {
        frame: visitor.frame(call, once(call, lang(call))),
        reason: SecretReason::Rotated,
        client_name: own.view.name.clone(),
        client_id: own.view.client_id.clone(),
        secret: Some(fresh.secret.expose_secret().to_owned()),
        own_keys: false,
        pending: own.view.state == ClientState::Pending,
        partner_contact: call.tenant.contact.clone(),
        client_path: client_path(&own.view.client_id),
    };
    page(200, &model)
}
