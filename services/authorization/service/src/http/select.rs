use std::sync::Arc;

use grantor_web::Call;

use super::{Answered, visit::Visit};
use crate::Authorization;

/// The account page's form: `continue` with an account, `other` or `cancel`.
pub(crate) async fn post(service: Arc<Authorization>, call: Arc<Call>) -> Answered {
    let mut visit = Visit::open(&service, &call).await?;
    // Signed out meanwhile: the page that is due now says so.
    let Some(session) = service.session_of(&call).await? else { return Ok(visit.go_on(&call)) };
    let form = visit.form(&call, Some(session.id))?;
    if form.get("cancel").is_some() {
        return visit.cancel(&service, &call).await;
    }
    if form.get("other").is_some() {
        visit.stored.interaction.other = true;
    } else if form.get("continue") == Some(session.user.to_string().as_str()) {
        visit.stored.interaction.chosen = Some(session.id);
    }
    visit.save(&service, &call).await?;
    Ok(visit.go_on(&call))
}
