use std::sync::Arc;

use grantor_pages::PageError;
use grantor_web::{Answer, Call};

use super::visit::address;
use crate::{
    Authorization, cookies,
    http::{Answered, Fault},
    interaction::fingerprint,
    secret::Secret,
};

/// The link to the widget: its token is exchanged, once, for a cookie and a clean address. The same
/// browser may come again; nobody else may.
pub(crate) async fn get(service: Arc<Authorization>, call: Arc<Call>) -> Answered {
    let over = Fault(PageError::InteractionExpired);
    let params = call.query_params().map_err(|_| PageError::BadRequest)?;
    let token = params.get("token").ok_or(PageError::NotFound)?;
    let id = service.read_link(call.tenant.id, token).await?.ok_or(over)?;
    let mut stored = service.flow_work(call.tenant.id, id).await?.ok_or(over)?;
    let known: Vec<Secret> = cookies::of_widget(&call).collect();
    let there = Answer::see_other(&call.link(&address(id, "")));
    if let Some(browser) = &stored.work.browser {
        let same = known.iter().any(|secret| fingerprint(secret) == *browser);
        return if same { Ok(there) } else { Err(over) };
    }
    let browser = known.into_iter().next().unwrap_or_else(|| Secret::fresh(service.entropy.as_ref()));
    stored.work.browser = Some(fingerprint(&browser));
    if !service.save_flow(call.tenant.id, id, &mut stored).await? {
        return Err(over);
    }
    Ok(cookies::set_widget(&call, there, &browser))
}
