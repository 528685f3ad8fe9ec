use std::sync::Arc;

use grantor_authorization_domain::Step;
use grantor_eventsourcing::Actor;
use grantor_oauth::{Params, ScopeSet};
use grantor_pages::PageError;
use grantor_web::Call;

use super::{
    Answered, pages,
    visit::{Situation, Visit},
};
use crate::{Authorization, commands::give_consent::Choice};

/// The consent page's form: `approve`, `deny` or `switch`.
pub(crate) async fn post(service: Arc<Authorization>, call: Arc<Call>) -> Answered {
    let mut visit = Visit::open(&service, &call).await?;
    // Signed out meanwhile: the page that is due now says so.
    let Some(session) = service.session_of(&call).await? else { return Ok(visit.go_on(&call)) };
    let form = visit.form(&call, Some(session.id))?;
    if form.get("deny").is_some() || form.get("cancel").is_some() {
        return visit.deny(&service, &call).await;
    }
    if form.get("switch").is_some() {
        visit.stored.interaction.other = true;
        visit.save(&service, &call).await?;
        return Ok(visit.go_on(&call));
    }
    let client = visit.client(&service, &call).await?.ok_or(PageError::InteractionExpired)?;
    let situation = Situation::of(&service, &call, &visit.stored.interaction, Some(&client), true).await?;
    if form.get("approve").is_none() || situation.step != Step::Issue {
        return Ok(visit.go_on(&call));
    }
    let choice = choice(&call, &situation.reach, &form);
    if choice.given.is_empty() && !choice.left_out.is_empty() {
        return pages::consent(&service, &call, &visit, &client, &situation, true).await;
    }
    // The consent is durable before there is a code.
    let meta = call.meta(Actor::User(session.user));
    let profile = &call.tenant.profile;
    service.give_consent(call.tenant.id, profile, session.user, &client, &choice, meta).await?;
    let account = form.get("account").and_then(|id| id.parse().ok());
    if !choice.left_out.is_empty() {
        visit.stored.interaction.keep_only(profile, &choice.given);
    }
    let answer = situation.finish(&service, &call, &visit.stored.interaction, &client, account).await?;
    service.drop_interaction(call.tenant.id, &visit.id).await;
    Ok(answer)
}

/// What was left ticked, and what may be unticked and was.
fn choice(call: &Call, reach: &ScopeSet, form: &Params) -> Choice {
    let scopes = &call.tenant.profile.scopes;
    let left_out = reach.filter(|scope| {
        scopes.entry(scope.as_str()).is_some_and(|entry| entry.optional)
            && form.get(&format!("{}{scope}", grantor_pages::KEEP)) != Some("1")
    });
    Choice { given: reach.difference(&left_out), left_out }
}
