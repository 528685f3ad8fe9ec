use std::sync::Arc;

use grantor_authorization_domain::FlowFailure;
use grantor_pages::{WidgetEndKind, WidgetLoginError};
use grantor_ports::{BankLogin, BankRefusal};
use grantor_web::Call;
use secrecy::SecretString;

use super::{pages, visit::FlowVisit};
use crate::{
    Authorization,
    flow::{BANK_TRIES, Due},
    http::Answered,
};

/// The bank's login: name and PIN go to the bank and are kept nowhere.
pub(crate) async fn post(service: Arc<Authorization>, call: Arc<Call>) -> Answered {
    let mut visit = FlowVisit::open(&service, &call).await?;
    let form = visit.form(&call)?;
    if form.get("cancel").is_some() {
        return visit.cancel(&service, &call).await;
    }
    let Due::Login(bank) = visit.stored.work.due() else { return Ok(visit.go_on(&call)) };
    let bank = bank.clone();
    if form.get("other_bank").is_some() {
        visit.stored.work.bank = None;
        visit.save(&service, &call).await?;
        return Ok(visit.go_on(&call));
    }
    // Counted before it is tried, so that a burst of guesses is bounded too.
    visit.stored.work.failures += 1;
    visit.save(&service, &call).await?;
    let username = form.get("username").unwrap_or_default();
    let login = BankLogin {
        bank: bank.id.clone(),
        username: username.to_owned(),
        pin: SecretString::from(form.get("pin").unwrap_or_default()),
    };
    match service.banks.sign_in(call.tenant.id, login).await {
        Ok(challenge) => {
            visit.stored.work.failures -= 1;
            visit.stored.work.challenge = Some(challenge);
            visit.save(&service, &call).await?;
            Ok(visit.go_on(&call))
        }
        Err(BankRefusal::Wrong) if visit.stored.work.failures < BANK_TRIES => {
            Ok(pages::login(&call, &visit, &bank, username, Some(WidgetLoginError::Wrong)))
        }
        Err(BankRefusal::Wrong | BankRefusal::Over) => {
            visit.fail(&service, &call, FlowFailure::BankRefused, WidgetEndKind::BankRefused).await
        }
        Err(BankRefusal::Port(_)) => {
            visit.fail(&service, &call, FlowFailure::BankUnavailable, WidgetEndKind::BankUnavailable).await
        }
    }
}
