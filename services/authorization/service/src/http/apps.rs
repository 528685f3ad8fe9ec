use std::{collections::BTreeMap, sync::Arc};

use grantor_authorization_domain::{Consent, Terms};
use grantor_eventsourcing::{Actor, Timestamp};
use grantor_ids::UserId;
use grantor_pages::{AppCard, Apps, Lang, PageError, ScopeLine, SignedIn as Shown};
use grantor_ports::{GrantSelector, GrantSummary, Registry, RevokeReason};
use grantor_profile::{Locale, TokenMember};
use grantor_web::{Answer, Call, frame, page};

use super::{Answered, Fault, pages, visit::form};
use crate::{Authorization, commands::give_consent::KIND, session::SignedIn};

/// One client that a person gave something to: what they agreed to, and what hangs from it.
#[derive(Default)]
struct App {
    terms: Option<Terms>,
    grants: Vec<GrantSummary>,
}

/// What a person gave, and to whom.
pub(crate) async fn get(service: Arc<Authorization>, call: Arc<Call>) -> Answered {
    let Some(session) = service.session_of(&call).await? else {
        return Ok(Answer::see_other(&call.link("/login?next=apps")));
    };
    let params = call.query_params().map_err(|_| PageError::BadRequest)?;
    let lang = call.lang(params.get("ui_locales"));
    let mut cards = Vec::new();
    for (client_id, app) in service.apps(&call, session.user).await? {
        cards.push(service.card(&call, lang, client_id, &app).await?);
    }
    cards.sort_by(|a, b| b.since.cmp(&a.since).then_with(|| a.client_id.cmp(&b.client_id)));
    show(&service, &call, lang, &session, cards).await
}

/// Takes something back: `revoke` with the client's id.
pub(crate) async fn post(service: Arc<Authorization>, call: Arc<Call>) -> Answered {
    let Some(session) = service.session_of(&call).await? else {
        return Ok(Answer::see_other(&call.link("/login?next=apps")));
    };
    let form = form(&call, &session.csrf())?;
    if let Some(client_id) = form.get("revoke") {
        let client = service.copies.client(call.tenant.id, client_id).await?.ok_or(PageError::NotFound)?;
        let meta = call.meta(Actor::User(session.user));
        service.withdraw_consent(call.tenant.id, session.user, client.key, &meta).await?;
        // What colleagues gave in the name of the same account ends too.
        for grant in service.account_grants(&call, session.user).await? {
            if grant.client_id == client_id {
                let which = GrantSelector::Grant(grant.id);
                service.tokens.revoke(call.tenant.id, which, RevokeReason::AccountHolder, &meta).await?;
            }
        }
    }
    Ok(Answer::see_other(&call.link("/apps")))
}

async fn show(service: &Authorization, call: &Call, lang: Lang, session: &SignedIn, apps: Vec<AppCard>) -> Answered {
    let name = pages::person(service, call, session).await?.display_name;
    let mut frame = frame(call, lang);
    let other = Lang::ALL.into_iter().find(|other| *other != lang);
    frame.other_language_path = other.map(|other| format!("/apps?ui_locales={}", other.tag()));
    frame.signed_in = Some(Shown { name, sign_out_path: "/logout".to_owned() });
    Ok(page(200, &Apps { frame, csrf: session.csrf(), action: "/apps".to_owned(), apps }))
}

impl Authorization {
    /// By client id: consents that hold, and grants that live.
    async fn apps(&self, call: &Call, user: UserId) -> Result<BTreeMap<String, App>, Fault> {
        let (tenant, now) = (call.tenant.id, self.clock.now(call.tenant.id));
        let mut apps: BTreeMap<String, App> = BTreeMap::new();
        for row in self.store.rows_of(tenant, KIND, user.uuid()).await? {
            let Ok(id) = uuid::Uuid::from_slice(&row.key) else { continue };
            let consent = self.store.load::<Consent>(tenant, id).await?.state;
            if let Some(terms) = consent.live(now) {
                apps.entry(terms.client_id.clone()).or_default().terms = Some(terms.clone());
            }
        }
        let accounts = self.account_grants(call, user).await?;
        for grant in self.tokens.grants_of(tenant, user).await?.into_iter().chain(accounts) {
            let grants = &mut apps.entry(grant.client_id.clone()).or_default().grants;
            if !grants.iter().any(|known| known.id == grant.id) {
                grants.push(grant);
            }
        }
        Ok(apps)
    }

    /// What was given in the name of the accounts that a person may act for.
    async fn account_grants(&self, call: &Call, user: UserId) -> Result<Vec<GrantSummary>, Fault> {
        let mut grants = Vec::new();
        if call.tenant.profile.shows(TokenMember::AccountId) {
            let meta = call.meta(Actor::User(user));
            for account in self.directory.accounts_of(call.tenant.id, user, &meta).await? {
                grants.extend(self.tokens.grants_of_account(call.tenant.id, account.id).await?);
            }
        }
        Ok(grants)
    }

    async fn card(&self, call: &Call, lang: Lang, client_id: String, app: &App) -> Result<AppCard, Fault> {
        let client = self.copies.client(call.tenant.id, &client_id).await?;
        let locale = if lang == Lang::De { Locale::De } else { Locale::En };
        let describe = |name: &str| {
            let entry = call.tenant.profile.scopes.entry(name);
            let description = entry.map(|entry| entry.description.get(locale).to_owned()).unwrap_or_default();
            ScopeLine { name: name.to_owned(), description }
        };
        let mut names: Vec<&str> = Vec::new();
        let granted = app.grants.iter().flat_map(|grant| grant.scope.iter().map(String::as_str));
        let agreed = app.terms.iter().flat_map(|terms| terms.scopes.iter().map(|scope| scope.as_str()));
        for name in agreed.chain(granted) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let since: Option<Timestamp> = app.grants.iter().map(|grant| grant.created_at).max();
        Ok(AppCard {
            name: client.map_or_else(|| client_id.clone(), |client| client.name.clone()),
            client_id,
            scopes: names.into_iter().map(describe).collect(),
            since,
            used: app.grants.iter().map(|grant| grant.used_at).max(),
        })
    }
}
