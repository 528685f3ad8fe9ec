//! The widget's pages, filled.

use chrono::TimeDelta;
use grantor_authorization_domain::FlowKind;
use grantor_pages::{
    Frame, Lang, Page, ScopeLine, WidgetAccount, WidgetAccounts, WidgetBank, WidgetBankChoice, WidgetConfirm,
    WidgetConsent, WidgetFactor, WidgetFactorError, WidgetLogin, WidgetLoginError, WidgetStep,
};
use grantor_ports::{Bank, BankAccount, BankChallenge};
use grantor_profile::{Locale, account_shown};
use grantor_web::{Answer, Call, frame, page};
use url::Url;

use super::visit::{FlowVisit, address};
use crate::{Authorization, flow::Proved};

/// A page that may be framed by the client, and whose form may end there (C16, C18).
fn shown(visit: &FlowVisit, content: &impl Page) -> Answer {
    page(200, content)
        .form_action(visit.stored.work.redirect_uri.origin())
        .frame_ancestors(visit.origins.iter().cloned())
}

fn framed(call: &Call, visit: &FlowVisit) -> Frame {
    let other = if visit.lang == Lang::De { Lang::En } else { Lang::De };
    let other_language_path = Some(format!("{}?ui_locales={}", address(visit.id, ""), other.tag()));
    Frame { other_language_path, ..frame(call, visit.lang) }
}

fn step(visit: &FlowVisit, below: &str) -> WidgetStep {
    WidgetStep { csrf: visit.csrf(), action: address(visit.id, below), client_name: visit.client.name.clone() }
}

pub(super) fn banks(call: &Call, visit: &FlowVisit, banks: Vec<Bank>, missing: bool) -> Answer {
    let choice = |bank: Bank| WidgetBankChoice { id: bank.id, name: bank.name, detail: bank.detail };
    let banks = banks.into_iter().map(choice).collect();
    shown(visit, &WidgetBank { frame: framed(call, visit), step: step(visit, "/bank"), banks, missing })
}

pub(super) fn login(
    call: &Call,
    visit: &FlowVisit,
    bank: &Bank,
    username: &str,
    error: Option<WidgetLoginError>,
) -> Answer {
    let model = WidgetLogin {
        frame: framed(call, visit),
        step: step(visit, "/login"),
        bank_name: bank.name.clone(),
        username: username.to_owned(),
        sandbox_hint: bank.sandbox_hint.clone(),
        error,
    };
    shown(visit, &model)
}

pub(super) fn factor(
    call: &Call,
    visit: &FlowVisit,
    challenge: &BankChallenge,
    error: Option<WidgetFactorError>,
) -> Answer {
    let model = WidgetFactor {
        frame: framed(call, visit),
        step: step(visit, "/factor"),
        sent_to: challenge.sent_to.clone(),
        error,
    };
    shown(visit, &model)
}

pub(super) fn accounts(call: &Call, visit: &FlowVisit, bank: &Bank, proved: &Proved, missing: bool) -> Answer {
    let known: Vec<String> = visit.stored.work.named.iter().map(|number| account_shown(number)).collect();
    let named = |account: &BankAccount| known.contains(&account.number);
    let model = WidgetAccounts {
        frame: framed(call, visit),
        step: step(visit, "/accounts"),
        bank_name: bank.name.clone(),
        accounts: proved.accounts.iter().map(|account| line(account, !missing && named(account))).collect(),
        missing,
    };
    shown(visit, &model)
}

fn line(account: &BankAccount, chosen: bool) -> WidgetAccount {
    WidgetAccount { name: account.name.clone(), number: account.number.clone(), holder: account.holder.clone(), chosen }
}

pub(super) fn consent(service: &Authorization, call: &Call, visit: &FlowVisit) -> Answer {
    let (profile, work) = (&call.tenant.profile, &visit.stored.work);
    let locale = if visit.lang == Lang::De { Locale::De } else { Locale::En };
    let scope = |entry: &grantor_profile::ScopeEntry| ScopeLine {
        name: entry.name.clone(),
        description: entry.description.get(locale).to_owned(),
    };
    let days = profile.interaction.consent.expires_days;
    let until = days.map(|days| service.clock.now(call.tenant.id) + TimeDelta::days(days.into()));
    let model = WidgetConsent {
        frame: framed(call, visit),
        step: step(visit, "/consent"),
        website_host: visit.client.website.as_deref().and_then(host),
        accounts: work.shared().into_iter().map(|account| line(account, true)).collect(),
        scopes: profile.scopes.entries(&work.scopes).map(scope).collect(),
        history_days: work.sync_period,
        until: until.filter(|_| work.kind == FlowKind::Ongoing),
    };
    shown(visit, &model)
}

pub(super) fn confirm(call: &Call, visit: &FlowVisit, missing: bool) -> Answer {
    let accounts = visit.stored.work.chosen.len();
    shown(visit, &WidgetConfirm { frame: framed(call, visit), step: step(visit, "/consent"), accounts, missing })
}

fn host(website: &str) -> Option<String> {
    Url::parse(website).ok()?.host_str().map(str::to_owned)
}
