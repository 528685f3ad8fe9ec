use grantor_oauth::GrantType;
use grantor_pages::{GettingStarted, GuideStep, StepKind};
use grantor_ports::Page;
use grantor_profile::{Endpoint, Onboarding, TaskId};
use grantor_web::{Call, page};

use super::{examples::Examples, open_frame};
use crate::{
    Registry,
    http::{Outcome, create_client, create_client_path, unavailable},
    lists,
};

/// `GET /developers`: the way from nothing to the first call, with this tenant's addresses, and
/// with the reader's own newest client where they have one.
pub(in crate::http) async fn show(registry: &Registry, call: &Call) -> Outcome {
    let (frame, visitor) = open_frame(registry, call).await?;
    let newest = match visitor {
        Some(visitor) => {
            let one = Page { after: None, limit: 1 };
            let own = lists::clients_of(&registry.store, call.tenant.id, visitor.session.user, one).await;
            own.map_err(unavailable(call))?.items.into_iter().next()
        }
        None => None,
    };
    let examples = Examples::of(
        call,
        newest.as_ref().map(|client| client.client_id.clone()),
        newest.as_ref().and_then(|client| client.redirect_uris.first().cloned()),
    );
    let client_name = newest.map(|client| client.name);
    Ok(page(200, &GettingStarted { frame, steps: steps(call, &examples), client_name }))
}

fn steps(call: &Call, examples: &Examples<'_>) -> Vec<GuideStep> {
    let profile = &call.tenant.profile;
    let step = |kind, code: Option<String>| GuideStep { kind, code, path: None };
    let mut steps = Vec::new();
    if create_client::is_open(&call.tenant) {
        let path = Some(create_client_path(call).to_owned());
        steps.push(GuideStep { kind: StepKind::Register, code: None, path });
        if profile.clients.onboarding == Onboarding::SelfServiceWithApproval {
            steps.push(step(StepKind::Approval, None));
        }
    } else {
        steps.push(step(StepKind::AskForClient, None));
    }
    let has = |grant| profile.token_request.grants.contains(&grant);
    if has(GrantType::AuthorizationCode) {
        let start = examples.address(Endpoint::FlowStart).map(|url| format!("POST {url}"));
        match examples.authorize_link() {
            Some(link) => steps.push(step(StepKind::SendPeople, Some(link))),
            None => steps.push(step(StepKind::StartFlow, start)),
        }
        steps.push(step(StepKind::Exchange, examples.curl(TaskId::ExchangeCode)));
    }
    if has(GrantType::ClientCredentials) {
        steps.push(step(StepKind::ClientToken, examples.curl(TaskId::ClientToken)));
    }
    steps.push(step(StepKind::CallApi, Some(examples.api_call())));
    if has(GrantType::RefreshToken) {
        steps.push(step(StepKind::Refresh, examples.curl(TaskId::RefreshToken)));
    }
    steps
}
