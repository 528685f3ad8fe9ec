use std::sync::Arc;

use grantor_authorization_domain::FlowFailure;
use grantor_pages::{WidgetEndKind, WidgetFactorError, WidgetLoginError};
use grantor_ports::{BankAccount, BankRefusal};
use grantor_profile::account_shown;
use grantor_web::Call;
use secrecy::SecretString;

use super::{pages, visit::FlowVisit};
use crate::{
    Authorization,
    flow::{BANK_TRIES, Due, Proved},
    http::Answered,
};

/// The bank's second factor.
pub(crate) async fn post(service: Arc<Authorization>, call: Arc<Call>) -> Answered {
    let visit = FlowVisit::open(&service, &call).await?;
    let form = visit.form(&call)?;
    if form.get("cancel").is_some() {
        return visit.cancel(&service, &call).await;
    }
    let Due::Factor(challenge) = visit.stored.work.due() else { return Ok(visit.go_on(&call)) };
    let challenge = challenge.clone();
    let code = SecretString::from(form.get("code").unwrap_or_default());
    match service.banks.confirm(call.tenant.id, &challenge.session, &code).await {
        Ok(accounts) => let_in(&service, &call, visit, accounts).await,
        Err(BankRefusal::Wrong) => Ok(pages::factor(&call, &visit, &challenge, Some(WidgetFactorError::Wrong))),
        Err(BankRefusal::Over) => signed_out(&service, &call, visit).await,
        Err(BankRefusal::Port(_)) => {
            visit.fail(&service, &call, FlowFailure::BankUnavailable, WidgetEndKind::BankUnavailable).await
        }
    }
}

/// The bank has let its customer in.
async fn let_in(service: &Authorization, call: &Call, mut visit: FlowVisit, accounts: Vec<BankAccount>) -> Answered {
    if accounts.is_empty() {
        return visit.fail(service, call, FlowFailure::NoAccounts, WidgetEndKind::NoAccounts).await;
    }
    // Whatever a connector says, a card's number goes no further.
    let accounts =
        accounts.into_iter().map(|account| BankAccount { number: account_shown(&account.number), ..account });
    let accounts = accounts.collect();
    let work = &mut visit.stored.work;
    work.challenge = None;
    work.proved = Some(Proved { at: service.clock.now(call.tenant.id), accounts });
    visit.save(service, call).await?;
    Ok(visit.go_on(call))
}

/// The bank has ended the login: once more from its beginning, a few times.
async fn signed_out(service: &Authorization, call: &Call, mut visit: FlowVisit) -> Answered {
    visit.stored.work.sign_in_again();
    visit.stored.work.failures += 1;
    if visit.stored.work.failures >= BANK_TRIES {
        return visit.fail(service, call, FlowFailure::BankRefused, WidgetEndKind::BankRefused).await;
    }
    visit.save(service, call).await?;
    match visit.stored.work.due() {
        Due::Login(bank) => Ok(pages::login(call, &visit, bank, "", Some(WidgetLoginError::Over))),
        _ => Ok(visit.go_on(call)),
    }
}
