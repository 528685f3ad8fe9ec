use grantor_ids::WebhookId;
use grantor_oauth::Params;
use grantor_pages::{PageError, WebhookPlace};
use grantor_ports::{AdminError, StaffRole, WebhookView};
use grantor_web::{Answer, Call, error_page};

use super::{
    super::{
        client_details::own,
        client_path,
        team::TEAM,
        visitor::{self, Next, Visitor},
    },
    OWN,
};
use crate::Registry;

/// Whose webhooks a page is about, and who looks at it.
pub(super) struct Place {
    pub(super) visitor: Visitor,
    /// `None`: the tenant's own.
    pub(super) client_id: Option<String>,
    /// Whether the visitor may change anything.
    pub(super) may_manage: bool,
    pub(super) shown: WebhookPlace,
}

/// Whether partners of this tenant are told anything (knob 44).
pub(in crate::http) fn has_webhooks(call: &Call) -> bool {
    !call.tenant.profile.webhooks.events.is_empty()
}

impl Place {
    /// The place that the call's path names. Somebody else's client is not found, and neither are the
    /// tenant's own webhooks for who does not belong to its staff.
    pub(super) async fn of(registry: &Registry, call: &Call) -> Result<Self, Answer> {
        let not_found = || error_page(call, PageError::NotFound);
        if !has_webhooks(call) {
            return Err(not_found());
        }
        if call.param("client_id").is_empty() {
            let visitor = visitor::required(registry, call, Next::Team).await?;
            let role = visitor.role.ok_or_else(not_found)?;
            let shown = WebhookPlace {
                name: call.tenant.name.clone(),
                back: TEAM.to_owned(),
                list: OWN.to_owned(),
                panel: None,
            };
            return Ok(Self { visitor, client_id: None, may_manage: role == StaffRole::Owner, shown });
        }
        let visitor = visitor::required(registry, call, Next::Home).await?;
        let own = own(registry, call, &visitor).await?;
        let client_id = own.record.client_id;
        let back = client_path(&client_id);
        let list = format!("{back}/webhooks");
        let shown = WebhookPlace { name: own.record.settings.name, back, list, panel: None };
        Ok(Self { visitor, client_id: Some(client_id), may_manage: true, shown })
    }

    /// The endpoint that the call's path names, if it belongs here.
    pub(super) async fn endpoint(&self, registry: &Registry, call: &Call) -> Result<WebhookView, Answer> {
        let not_found = || error_page(call, PageError::NotFound);
        let id: WebhookId = call.param("webhook").parse().map_err(|_| not_found())?;
        let found = registry.webhooks.webhook(call.tenant.id, id).await.map_err(|_| away(call))?;
        found.filter(|endpoint| endpoint.client_id == self.client_id).ok_or_else(not_found)
    }

    /// An endpoint's own page.
    pub(super) fn path(&self, id: WebhookId) -> String {
        format!("{}/{id}", self.shown.list)
    }

    /// The posted form, from somebody who may change things.
    pub(super) fn form(&self, call: &Call) -> Result<Params, Answer> {
        let form = call.form_params().map_err(|_| error_page(call, PageError::BadRequest))?;
        if !self.visitor.sent(form.get("csrf").unwrap_or_default()) {
            return Err(error_page(call, PageError::FormExpired));
        }
        if self.may_manage { Ok(form) } else { Err(error_page(call, PageError::Forbidden)) }
    }
}

/// The page of a service that does not answer.
pub(super) fn away(call: &Call) -> Answer {
    error_page(call, PageError::Unavailable)
}

/// The page for a command that was not carried out, where the form has nothing to say of it.
pub(super) fn refused(call: &Call, error: &AdminError) -> Answer {
    error_page(
        call,
        match error {
            AdminError::NotFound(_) => PageError::NotFound,
            AdminError::Invalid { .. } | AdminError::Conflict(_) => PageError::BadRequest,
            AdminError::Port(_) => PageError::Unavailable,
        },
    )
}
