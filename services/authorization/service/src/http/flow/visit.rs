use std::sync::Arc;

use grantor_authorization_domain::{EndFlow, FlowFailure};
use grantor_eventsourcing::Actor;
use grantor_ids::FlowId;
use grantor_oauth::{ErrorCode, Params};
use grantor_pages::{Lang, PageError, WidgetEndKind};
use grantor_ports::ClientView;
use grantor_profile::CallbackOutcome;
use grantor_web::{Answer, Call};
use uuid::Uuid;

use super::{end, framed::origins};
use crate::{
    Authorization,
    commands::end_flow::Along,
    cookies,
    flow::{StoredFlow, csrf},
    http::{Answered, Fault, visit::form},
    interaction::fingerprint,
    secret::Secret,
};

/// The path of a flow's page or form.
pub(crate) fn address(id: FlowId, below: &str) -> String {
    format!("/flow/{}{below}", id.uuid())
}

/// A request within a flow, by the browser that used its link.
pub(crate) struct FlowVisit {
    pub id: FlowId,
    pub stored: StoredFlow,
    pub client: Arc<ClientView>,
    pub browser: Secret,
    pub lang: Lang,
    /// Where the page may be framed (C16).
    pub origins: Vec<String>,
    /// Whether the page may be in a frame: only a browser that says otherwise is believed.
    pub framed: bool,
}

impl FlowVisit {
    /// The flow that the path names. Another browser, an ended flow and one that is too old see the
    /// same page.
    pub async fn open(service: &Authorization, call: &Call) -> Result<Self, Fault> {
        let over = Fault(PageError::InteractionExpired);
        let id = Uuid::try_parse(call.param("id")).map(FlowId::from_uuid).map_err(|_| over)?;
        let stored = service.flow_work(call.tenant.id, id).await?.ok_or(over)?;
        let mine = |secret: &Secret| stored.work.browser.as_deref() == Some(fingerprint(secret).as_str());
        let browser = cookies::of_widget(call).find(mine).ok_or(over)?;
        let client = service.approved_client(call, &stored.work.client_id).await?;
        let origins = origins(call, &client);
        let alone = call.header("sec-fetch-dest") == Some("document");
        let (lang, framed) = (stored.work.lang(), !origins.is_empty() && !alone);
        Ok(Self { id, stored, client, browser, lang, origins, framed })
    }

    pub fn csrf(&self) -> String {
        csrf(&self.browser, self.id)
    }

    /// The posted form, if it is ours.
    pub fn form(&self, call: &Call) -> Result<Params, Fault> {
        form(call, &self.csrf())
    }

    /// Back to the step that is due (C15).
    pub fn go_on(&self, call: &Call) -> Answer {
        Answer::see_other(&call.link(&address(self.id, "")))
    }

    /// Writes the flow; lost when another tab was faster, and then nothing is to be done here.
    pub async fn save(&mut self, service: &Authorization, call: &Call) -> Result<(), Fault> {
        let saved = service.save_flow(call.tenant.id, self.id, &mut self.stored).await?;
        if saved { Ok(()) } else { Err(PageError::FormExpired.into()) }
    }

    /// The person gave up.
    pub async fn cancel(&self, service: &Authorization, call: &Call) -> Answered {
        self.end(service, call, EndFlow::Cancel).await?;
        let error = ErrorCode::AccessDenied.because("the user cancelled");
        let outcome = CallbackOutcome::Refused { error: &error, cancelled: true };
        Ok(end::leave(call, self, WidgetEndKind::Cancelled, outcome))
    }

    /// It cannot go on: the person reads why, and goes back.
    pub async fn fail(
        &self,
        service: &Authorization,
        call: &Call,
        reason: FlowFailure,
        kind: WidgetEndKind,
    ) -> Answered {
        self.end(service, call, EndFlow::Fail(reason)).await?;
        let error = ErrorCode::AccessDenied.because("the bank let nobody in");
        let outcome = CallbackOutcome::Refused { error: &error, cancelled: false };
        Ok(end::page_of(call, self, kind, outcome))
    }

    /// Ends the flow, if nobody did before.
    pub async fn end(&self, service: &Authorization, call: &Call, command: EndFlow) -> Result<(), Fault> {
        let meta = call.meta(Actor::User(self.stored.work.subject));
        let shared = match command {
            EndFlow::Complete { .. } => Some(service.sealed_choice(call.tenant.id, self.id, &self.stored.work).await?),
            EndFlow::Cancel | EndFlow::Fail(_) | EndFlow::Expire => None,
        };
        let along = Along { task: None, shared };
        let ended = service.end_flow(call.tenant.id, self.id, command, along, &meta).await?;
        ended.map_err(|_| Fault(PageError::InteractionExpired))
    }
}
