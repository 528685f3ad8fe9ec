//! "Managed Accounts": which accounts are connected to a developer's client, and the button that
//! lets one go. Nothing about the people behind them is shown: a platform knows an account by its
//! id.

use std::collections::BTreeMap;

use grantor_ids::AccountId;
use grantor_pages::{ManagedAccount, ManagedAccounts, PageError, ScopeLine};
use grantor_ports::{GrantSelector, GrantSummary, RevokeReason};
use grantor_profile::TokenMember;
use grantor_web::{Answer, Call, error_page, page};

use super::{
    Outcome,
    client_details::{Own, own},
    client_path, framed, lang, locale,
    visitor::{self, Next, Visitor},
};
use crate::Registry;

/// `GET /clients/{client_id}/accounts`.
pub(super) async fn show(registry: &Registry, call: &Call) -> Outcome {
    let visitor = visitor::required(registry, call, Next::Home).await?;
    let own = own_with_accounts(registry, call, &visitor).await?;
    let mut accounts: BTreeMap<AccountId, ManagedAccount> = BTreeMap::new();
    for grant in connected(registry, call, &own).await? {
        let Some(id) = grant.account else { continue };
        let account = accounts.entry(id).or_insert_with(|| ManagedAccount {
            id: id.to_string(),
            scopes: Vec::new(),
            since: grant.created_at,
            used: grant.used_at,
        });
        account.since = account.since.min(grant.created_at);
        account.used = account.used.max(grant.used_at);
        for name in grant.scope {
            if !account.scopes.iter().any(|line| line.name == name) {
                account.scopes.push(line(call, name));
            }
        }
    }
    let mut accounts: Vec<ManagedAccount> = accounts.into_values().collect();
    accounts.sort_by(|a, b| b.since.cmp(&a.since).then_with(|| a.id.cmp(&b.id)));
    let model = ManagedAccounts {
        frame: visitor.frame(call, framed(call, lang(call))),
        csrf: visitor.session.csrf.clone(),
        action: accounts_path(&own.record.client_id),
        client_name: own.record.settings.name.clone(),
        client_path: client_path(&own.record.client_id),
        accounts,
    };
    Ok(page(200, &model))
}

/// `POST` of the same: `disconnect` with an account's id.
pub(super) async fn act(registry: &Registry, call: &Call) -> Outcome {
    let visitor = visitor::required(registry, call, Next::Home).await?;
    let own = own_with_accounts(registry, call, &visitor).await?;
    let form = call.form_params().map_err(|_| error_page(call, PageError::BadRequest))?;
    if !visitor.sent(form.get("csrf").unwrap_or_default()) {
        return Err(error_page(call, PageError::FormExpired));
    }
    let account: Option<AccountId> = form.get("disconnect").and_then(|id| id.parse().ok());
    let account = account.ok_or_else(|| error_page(call, PageError::BadRequest))?;
    let meta = visitor.meta(call);
    for grant in connected(registry, call, &own).await? {
        if grant.account == Some(account) {
            let which = GrantSelector::Grant(grant.id);
            let ended = registry.tokens.revoke(call.tenant.id, which, RevokeReason::Platform, &meta).await;
            ended.map_err(|_| error_page(call, PageError::Unavailable))?;
        }
    }
    Ok(Answer::see_other(&call.link(&accounts_path(&own.record.client_id))))
}

pub(super) fn accounts_path(client_id: &str) -> String {
    format!("{}/accounts", client_path(client_id))
}

/// Whether this tenant gives access to accounts at all (knob 23).
pub(super) fn has_accounts(call: &Call) -> bool {
    call.tenant.profile.shows(TokenMember::AccountId)
}

async fn own_with_accounts(registry: &Registry, call: &Call, visitor: &Visitor) -> Result<Own, Answer> {
    if !has_accounts(call) {
        return Err(error_page(call, PageError::NotFound));
    }
    own(registry, call, visitor).await
}

async fn connected(registry: &Registry, call: &Call, own: &Own) -> Result<Vec<GrantSummary>, Answer> {
    let grants = registry.tokens.grants_to(call.tenant.id, &own.record.client_id).await;
    grants.map_err(|_| error_page(call, PageError::Unavailable))
}

fn line(call: &Call, name: String) -> ScopeLine {
    let entry = call.tenant.profile.scopes.entry(&name);
    let description = entry.map(|entry| entry.description.get(locale(lang(call))).to_owned()).unwrap_or_default();
    ScopeLine { name, description }
}
