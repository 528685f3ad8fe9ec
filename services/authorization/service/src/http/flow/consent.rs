use std::sync::Arc;

use grantor_authorization_domain::{EndFlow, consent_id};
use grantor_eventsourcing::{Actor, Timestamp};
use grantor_ids::SessionId;
use grantor_pages::WidgetEndKind;
use grantor_ports::{IssueCode, PortError};
use grantor_profile::CallbackOutcome;
use grantor_web::Call;

use super::{end, pages, visit::FlowVisit};
use crate::{Authorization, commands::give_consent::Choice, flow::Due, http::Answered};

/// The person's answer. In a frame it is asked for twice (C16): `approve` leads to a second page,
/// and only its `confirm`, with a box ticked, counts.
pub(crate) async fn post(service: Arc<Authorization>, call: Arc<Call>) -> Answered {
    let mut visit = FlowVisit::open(&service, &call).await?;
    let form = visit.form(&call)?;
    if form.get("cancel").is_some() {
        return visit.cancel(&service, &call).await;
    }
    let Due::Consent(proved) = visit.stored.work.due() else { return Ok(visit.go_on(&call)) };
    let proved_at = proved.at;
    let confirmed = visit.stored.work.asked && form.get("confirm").is_some();
    if confirmed && form.get("agreed").is_none() {
        return Ok(pages::confirm(&call, &visit, true));
    }
    if confirmed || (form.get("approve").is_some() && !visit.framed) {
        return finish(&service, &call, &visit, proved_at).await;
    }
    if form.get("approve").is_some() && !visit.stored.work.asked {
        visit.stored.work.asked = true;
        visit.save(&service, &call).await?;
    }
    Ok(visit.go_on(&call))
}

/// The consent is durable before there is a code; the code is shown only to who ended the flow.
async fn finish(service: &Authorization, call: &Call, visit: &FlowVisit, proved_at: Timestamp) -> Answered {
    let (tenant, work) = (call.tenant.id, &visit.stored.work);
    let meta = call.meta(Actor::User(work.subject));
    let profile = &call.tenant.profile;
    service.give_consent(tenant, profile, work.subject, &visit.client, &Choice::all(work.scopes.clone()), meta).await?;
    let code = flow_code(service, call, visit, proved_at).await?;
    let complete = EndFlow::Complete {
        user: work.subject,
        consent: consent_id(work.subject, visit.client.key),
        accounts: u16::try_from(work.chosen.len()).unwrap_or(u16::MAX),
    };
    visit.end(service, call, complete).await?;
    Ok(end::leave(call, visit, WidgetEndKind::Success, CallbackOutcome::Code(&code)))
}

/// Asks the token service for a code. The flow stands where a login's session would.
async fn flow_code(
    service: &Authorization,
    call: &Call,
    visit: &FlowVisit,
    proved_at: Timestamp,
) -> Result<String, PortError> {
    let work = &visit.stored.work;
    let issue = IssueCode {
        client: visit.client.key,
        client_id: visit.client.client_id.clone(),
        user: work.subject,
        account: None,
        session: SessionId::from_uuid(visit.id.uuid()),
        consent: consent_id(work.subject, visit.client.key),
        scope: work.scopes.iter().map(|scope| scope.as_str().to_owned()).collect(),
        asked_scope: None,
        redirect_uri: Some(work.redirect_uri.as_str().to_owned()),
        code_challenge: None,
        dpop_jkt: None,
        nonce: None,
        auth_time: proved_at,
        auth_time_requested: false,
        acr: None,
        amr: vec!["pin".to_owned(), "otp".to_owned()],
        claims: None,
    };
    service.tokens.issue_code(call.tenant.id, issue, &call.meta(Actor::User(work.subject))).await
}
