use std::sync::Arc;

use grantor_authorization_domain::{
    AcrDemand, Consent, ConsentRule, Demands, Policy, Progress, Step, Visit as Rule, consent_id, next_step,
};
use grantor_eventsourcing::Actor;
use grantor_ids::{AccountId, SessionId};
use grantor_oauth::{Params, ScopeSet};
use grantor_pages::{Lang, PageError};
use grantor_ports::{AccountView, ClientView};
use grantor_profile::{CallbackOutcome, ConsentUi, Detail, Endpoint, Profile, TokenMember};
use grantor_web::{Answer, Call};

use super::{Answered, Fault, callback};
use crate::{
    Authorization,
    cookies::{self, Jar},
    interaction::{ClientRequest, Interaction, Next, Purpose, Stored, fingerprint},
    secret::Secret,
    session::SignedIn,
};

/// A request within a visit, by the browser it belongs to.
pub(crate) struct Visit {
    pub id: Secret,
    pub stored: Stored,
    pub browser: Secret,
    pub lang: Lang,
}

impl Visit {
    /// The visit that the path names. Another browser, an answered visit and one that is too old
    /// see the same page.
    pub async fn open(service: &Authorization, call: &Call) -> Result<Self, Fault> {
        let over = Fault(PageError::InteractionExpired);
        let id = Secret::parse(call.param("id")).ok_or(over)?;
        let stored = service.interaction(call.tenant.id, &id).await?.ok_or(over)?;
        let browser = cookies::read(call, Jar::Browser).ok_or(over)?;
        if stored.interaction.browser.as_deref() != Some(fingerprint(&browser).as_str()) {
            return Err(over);
        }
        let lang = call.lang(stored.interaction.ui_locales().as_deref());
        Ok(Self { id, stored, browser, lang })
    }

    /// The page's path, for links and redirects.
    pub fn path(&self, below: &str) -> String {
        format!("/interaction/{}{below}", self.id.as_str())
    }

    /// Back to the step that is due (C15).
    pub fn go_on(&self, call: &Call) -> Answer {
        Answer::see_other(&call.link(&self.path("")))
    }

    /// The token of this visit's forms; that of the account and consent pages also depends on
    /// who is signed in, so that nobody answers for somebody else (C25).
    pub fn csrf(&self, session: Option<SessionId>) -> String {
        let about = session.map(|session| session.to_string()).unwrap_or_default();
        self.browser.derive("grantor visit form", &format!("{}\n{about}", self.id.as_str()))
    }

    /// The posted form, if it is ours.
    pub fn form(&self, call: &Call, session: Option<SessionId>) -> Result<Params, Fault> {
        form(call, &self.csrf(session))
    }

    /// Writes the visit; lost when another tab was faster, and then nothing is to be done here.
    pub async fn save(&mut self, service: &Authorization, call: &Call) -> Result<(), Fault> {
        let saved = service.save_interaction(call.tenant.id, &self.id, &mut self.stored).await?;
        if saved { Ok(()) } else { Err(PageError::FormExpired.into()) }
    }

    /// The client that waits, if it is one; it must still be approved.
    pub async fn client(&self, service: &Authorization, call: &Call) -> Result<Option<Arc<ClientView>>, Fault> {
        match self.stored.interaction.client() {
            None => Ok(None),
            Some(asked) => service.approved_client(call, &asked.request.client_id).await.map(Some),
        }
    }

    /// The person gave up: the client is told, or they are at home.
    pub async fn cancel(&self, service: &Authorization, call: &Call) -> Answered {
        self.end(service, call, true).await
    }

    /// The person said no.
    pub async fn deny(&self, service: &Authorization, call: &Call) -> Answered {
        self.end(service, call, false).await
    }

    async fn end(&self, service: &Authorization, call: &Call, cancelled: bool) -> Answered {
        let client = self.client(service, call).await?;
        service.drop_interaction(call.tenant.id, &self.id).await;
        Ok(match (self.stored.interaction.client(), client) {
            (Some(asked), Some(client)) => {
                callback::denied(call, self.lang, &client.name, &asked.request.back, cancelled)
            }
            _ => Answer::see_other(&call.link("/")),
        })
    }
}

/// The posted form, if it carries this token.
pub(crate) fn form(call: &Call, csrf: &str) -> Result<Params, Fault> {
    let form = call.form_params().map_err(|_| PageError::BadRequest)?;
    let sent = form.get("csrf").unwrap_or_default();
    if grantor_crypto::constant_time_eq(sent, csrf) { Ok(form) } else { Err(PageError::FormExpired.into()) }
}

/// Who is there, and what is due.
pub(crate) struct Situation {
    pub session: Option<SignedIn>,
    pub step: Step,
    /// What a consent must cover.
    pub reach: ScopeSet,
    /// What the tenant demands of the person and does not know.
    pub missing: Vec<Detail>,
    /// The accounts that access can be given to, where the profile has accounts.
    pub accounts: Vec<AccountView>,
}

impl Situation {
    /// Looks at the session, the consent and the rules. `approved`: the consent page was just
    /// answered with yes.
    pub async fn of(
        service: &Authorization,
        call: &Call,
        interaction: &Interaction,
        client: Option<&ClientView>,
        approved: bool,
    ) -> Result<Self, Fault> {
        let (tenant, profile) = (call.tenant.id, &call.tenant.profile);
        let session = service.session_of(call).await?;
        let mine = |id: Option<SessionId>| id.is_some() && id == session.as_ref().map(|session| session.id);
        let progress = Progress {
            proved: mine(interaction.proved),
            chosen: mine(interaction.chosen),
            other: interaction.other,
            approved,
        };
        let demands = interaction.client().map_or_else(anything, |asked| demands(profile, asked));
        let consent = match (&session, client) {
            (Some(session), Some(client)) => {
                let id = consent_id(session.user, client.key).uuid();
                service.store.load::<Consent>(tenant, id).await?.state
            }
            _ => Consent::None,
        };
        let accounts = match (&session, client) {
            (Some(session), Some(_)) if profile.shows(TokenMember::AccountId) => {
                let meta = call.meta(Actor::User(session.user));
                service.directory.accounts_of(tenant, session.user, &meta).await?
            }
            _ => Vec::new(),
        };
        let missing = match (&session, client) {
            (Some(session), Some(_)) => service.missing_details(call, session.user).await?,
            _ => Vec::new(),
        };
        let present = session.as_ref().map(|session| session.present(profile));
        let step = next_step(&Rule {
            demands: &demands,
            progress,
            present: present.as_ref(),
            details_missing: !missing.is_empty(),
            consent: &consent,
            policy: &policy(profile, client.is_some(), accounts.len()),
            now: service.clock.now(tenant),
        });
        Ok(Self { session, step, reach: demands.reach, missing, accounts })
    }

    /// The account that access is given to: the one that was chosen among those offered, else
    /// the person's first, their own.
    fn account(&self, chosen: Option<AccountId>) -> Option<AccountId> {
        let offered = self.accounts.iter().map(|account| account.id);
        offered.clone().find(|id| Some(*id) == chosen).or_else(|| offered.clone().next())
    }

    /// The answer to the client: a code, or an error that needs nobody.
    pub async fn finish(
        &self,
        service: &Authorization,
        call: &Call,
        interaction: &Interaction,
        client: &ClientView,
        account: Option<AccountId>,
    ) -> Answered {
        let asked = interaction.client().ok_or(PageError::InteractionExpired)?;
        let lang = call.lang(interaction.ui_locales().as_deref());
        let answer = |outcome| callback::callback(call, lang, &client.name, &asked.request.back, outcome);
        match (self.step, &self.session) {
            (Step::Issue, Some(session)) => {
                let code = service.issue_code(call, client, asked, session, self.account(account)).await?;
                Ok(answer(CallbackOutcome::Code(&code)))
            }
            (Step::Refuse(refusal), _) => {
                Ok(answer(CallbackOutcome::Refused { error: &refusal.error(), cancelled: false }))
            }
            // Whoever calls this has seen that nothing else is due.
            _ => Err(PageError::InteractionExpired.into()),
        }
    }
}

impl Authorization {
    /// Who is signed in in this browser.
    pub(crate) async fn session_of(&self, call: &Call) -> Result<Option<SignedIn>, Fault> {
        match cookies::read(call, Jar::Session) {
            None => Ok(None),
            Some(cookie) => Ok(self.signed_in(call.tenant.id, &call.tenant.profile, cookie).await?),
        }
    }
}

fn demands(profile: &Profile, asked: &ClientRequest) -> Demands {
    let request = &asked.request;
    let brought = |claim: &str| {
        profile.scopes.entries(&request.scopes).any(|entry| entry.claims.iter().any(|known| known == claim))
    };
    let beyond = request.claims.clone().filter(|claim| !brought(claim));
    let acr = request.claims.id_token.get("acr").filter(|demand| demand.essential).map(|demand| {
        demand.value.iter().chain(&demand.values).filter_map(|value| value.as_str().map(str::to_owned)).collect()
    });
    Demands {
        prompts: request.prompts.clone(),
        max_age: request.max_age,
        subject: asked.subject,
        acr: acr.filter(|classes: &Vec<String>| !classes.is_empty()).map_or(AcrDemand::Any, AcrDemand::OneOf),
        reach: request.scopes.union(&profile.scopes_behind(&beyond)),
    }
}

/// Our own pages demand somebody, no more.
fn anything() -> Demands {
    Demands {
        prompts: grantor_oauth::Prompts::default(),
        max_age: None,
        subject: grantor_authorization_domain::Subject::Anyone,
        acr: AcrDemand::Any,
        reach: ScopeSet::empty(),
    }
}

fn policy(profile: &Profile, for_client: bool, accounts: usize) -> Policy {
    let knob = &profile.interaction.consent;
    let consent = match knob.ui {
        ConsentUi::None => ConsentRule::Never,
        _ if !for_client => ConsentRule::Never,
        // Which one is meant is asked every time.
        _ if accounts > 1 => ConsentRule::EveryTime,
        _ if knob.remembered => ConsentRule::Remembered,
        _ => ConsentRule::EveryTime,
    };
    // A password is the one factor there is; it reaches the first class.
    Policy { consent, reachable: profile.oidc.acr_values.iter().take(1).cloned().collect() }
}

/// Where a login on our own pages leads.
pub(crate) fn next_path(call: &Call, next: Next) -> String {
    call.link(match next {
        Next::Home => "/",
        Next::Apps => "/apps",
        Next::Dashboard => "/developers/dashboard",
        Next::Templates => "/developers/templates",
        Next::Team => "/team",
        Next::CreateClient => call.tenant.profile.path_of(Endpoint::CreateClient).unwrap_or("/"),
    })
}

/// Where a visit for our own pages leads, if it is one.
pub(crate) fn own(interaction: &Interaction) -> Option<Next> {
    match interaction.purpose {
        Purpose::Own(next) => Some(next),
        Purpose::Client(_) => None,
    }
}
