//! Who runs the deployment: listed, made, given another token, disabled.

use grantor_ids::OperatorId;
use grantor_pages::{
    Frame, MenuPage, Page as _, PageError, PanelOperatorRow, PanelOperators, PanelOperatorsNotice, PanelToken,
};
use grantor_ports::AdminError;
use grantor_web::Answer;
use secrecy::{ExposeSecret, SecretString};

use super::{Halt, NOT_FOUND, Outcome, Visit};
use crate::Console;

/// `GET /operators`.
pub(super) async fn list(console: &Console, visit: &Visit) -> Outcome {
    let notice = (visit.query.get("done") == Some("disable")).then_some(PanelOperatorsNotice::Disabled);
    shown(console, visit, 200, notice, String::new()).await
}

/// `POST` of it: `create` with `name`; `rotate` or `disable`, an operator's id.
pub(super) async fn act(console: &Console, visit: &Visit) -> Outcome {
    let (form, meta) = (&visit.form, visit.meta());
    if form.get("create").is_some() {
        let name = form.get("name").unwrap_or_default().trim().to_owned();
        return match console.create_operator(name.clone(), &meta).await {
            Ok((operator, token)) => Ok(token_page(visit, operator.name, &token, false)),
            Err(AdminError::Invalid { .. }) => {
                shown(console, visit, 422, Some(PanelOperatorsNotice::NameWrong), name).await
            }
            Err(other) => Err(other.into()),
        };
    }
    let named = form.get("rotate").or(form.get("disable")).ok_or(Halt(PageError::BadRequest))?;
    let operator: OperatorId = named.parse().map_err(|_| NOT_FOUND)?;
    let done = if form.get("rotate").is_some() {
        let name = console.operator_name(operator).await?.ok_or(NOT_FOUND)?;
        // Their own sessions end with the token, this one too: the answer is still theirs.
        let rotated = console.rotate_operator_token(operator, &meta).await;
        rotated.map(|token| token_page(visit, name, &token, operator == visit.operator))
    } else {
        console.disable_operator(operator, &meta).await.map(|_| Answer::see_other("/operators?done=disable"))
    };
    match done {
        Ok(answer) => Ok(answer),
        Err(AdminError::Conflict(_)) => {
            shown(console, visit, 409, Some(PanelOperatorsNotice::NotPossible), String::new()).await
        }
        Err(other) => Err(other.into()),
    }
}

async fn shown(
    console: &Console,
    visit: &Visit,
    status: u16,
    notice: Option<PanelOperatorsNotice>,
    name: String,
) -> Outcome {
    let found = console.operators(visit.page()).await?;
    let rows = found.items.into_iter().map(|operator| PanelOperatorRow {
        you: operator.id == visit.operator,
        id: operator.id.to_string(),
        name: operator.name,
        active: operator.state == "active",
        created_at: operator.created_at,
    });
    let page = PanelOperators {
        frame: visit.frame(Some(MenuPage::Operators)),
        csrf: visit.csrf(),
        rows: rows.collect(),
        next: visit.next(found.next),
        name,
        notice,
    };
    Ok(Answer::html(status, page.html()))
}

/// The only time that a token is shown.
fn token_page(visit: &Visit, name: String, token: &SecretString, own: bool) -> Answer {
    let frame = Frame { other_language_path: None, ..visit.frame(Some(MenuPage::Operators)) };
    let page = PanelToken { frame, name, token: token.expose_secret().to_owned(), own };
    Answer::html(200, page.html())
}
