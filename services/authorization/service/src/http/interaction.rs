use std::sync::Arc;

use grantor_authorization_domain::Step;
use grantor_pages::{Lang, PageError};
use grantor_web::{Answer, Call};

use super::{
    Answered, Fault, details, pages,
    visit::{Situation, Visit, next_path, own},
};
use crate::{
    Authorization,
    cookies::{self, Jar},
    interaction::fingerprint,
    secret::Secret,
};

/// The step of a visit that is due: a page, or the end.
pub(crate) async fn get(service: Arc<Authorization>, call: Arc<Call>) -> Answered {
    let (visit, new_browser) = arrive(&service, &call).await?;
    let answer = match choose_language(&service, &call, visit, "").await? {
        Chosen::Answer(answer) => answer,
        Chosen::Nothing(visit) => show(&service, &call, &visit).await?,
    };
    Ok(match new_browser {
        Some(browser) => answer.cookie(cookies::set(&call, Jar::Browser, &browser)),
        None => answer,
    })
}

async fn show(service: &Authorization, call: &Call, visit: &Visit) -> Answered {
    let client = visit.client(service, call).await?;
    let interaction = &visit.stored.interaction;
    let situation = Situation::of(service, call, interaction, client.as_deref(), false).await?;
    match (situation.step, &client) {
        (Step::Login(cause), _) => pages::login(service, call, visit, client.as_deref(), &situation, cause).await,
        (Step::SelectAccount, Some(client)) => pages::select(service, call, visit, client, &situation).await,
        (Step::Consent, Some(client)) => pages::consent(service, call, visit, client, &situation, false).await,
        (Step::Details, Some(client)) => details::page(service, call, visit, client, &situation).await,
        (_, Some(client)) => {
            let answer = situation.finish(service, call, interaction, client, None).await?;
            service.drop_interaction(call.tenant.id, &visit.id).await;
            Ok(answer)
        }
        (_, None) => {
            service.drop_interaction(call.tenant.id, &visit.id).await;
            let next = own(interaction).ok_or(PageError::InteractionExpired)?;
            Ok(Answer::see_other(&next_path(call, next)))
        }
    }
}

/// Opens the visit; one that came by a POST belongs to the first browser that asks for it.
async fn arrive(service: &Authorization, call: &Call) -> Result<(Visit, Option<Secret>), Fault> {
    let over = Fault(PageError::InteractionExpired);
    let id = Secret::parse(call.param("id")).ok_or(over)?;
    let mut stored = service.interaction(call.tenant.id, &id).await?.ok_or(over)?;
    if stored.interaction.browser.is_some() {
        return Ok((Visit::open(service, call).await?, None));
    }
    let known = cookies::read(call, Jar::Browser);
    let browser = known.clone().unwrap_or_else(|| Secret::fresh(service.entropy.as_ref()));
    stored.interaction.browser = Some(fingerprint(&browser));
    if !service.save_interaction(call.tenant.id, &id, &mut stored).await? {
        return Err(over);
    }
    let lang = call.lang(stored.interaction.ui_locales().as_deref());
    let new = known.is_none().then(|| browser.clone());
    Ok((Visit { id, stored, browser, lang }, new))
}

/// What became of a click on the language switch.
pub(crate) enum Chosen {
    /// It was one.
    Answer(Answer),
    /// It was none.
    Nothing(Visit),
}

/// The language switch of a page: remembered for the visit, then the page without the parameter.
pub(crate) async fn choose_language(
    service: &Authorization,
    call: &Call,
    mut visit: Visit,
    below: &str,
) -> Result<Chosen, Fault> {
    let params = call.query_params().map_err(|_| PageError::BadRequest)?;
    let Some(lang) = params.get("ui_locales").and_then(Lang::from_tag) else { return Ok(Chosen::Nothing(visit)) };
    visit.stored.interaction.lang = Some(lang.tag().to_owned());
    visit.save(service, call).await?;
    Ok(Chosen::Answer(Answer::see_other(&call.link(&visit.path(below)))))
}
