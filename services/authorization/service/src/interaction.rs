use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as B64};
use chrono::TimeDelta;
use grantor_authorization_domain::Subject;
use grantor_eventsourcing::{Revision, Timestamp};
use grantor_ids::{ClientKey, SessionId, TenantId};
use grantor_oauth::ScopeSet;
use grantor_ports::{PortError, ResetTicket, SignUpTicket};
use grantor_profile::{AuthorizeRequest, Profile};
use grantor_store::{CommitError, NewFact, OnTaken, RowChange, RowKey, Write, not_written};
use serde::{Deserialize, Serialize};

use crate::{Authorization, secret::Secret};

const KIND: &str = "interaction";

/// One visit: from the authorize endpoint, or our own login link, to its answer. A row with a
/// TTL, sealed, known by the hash of its id.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Interaction {
    pub purpose: Purpose,
    /// The SHA-256 of the browser's cookie, base64url. A POST from another site brings no
    /// cookie; then the first GET decides.
    pub browser: Option<String>,
    /// The session that a login within this visit started.
    pub proved: Option<SessionId>,
    /// The session that was chosen on the account page.
    pub chosen: Option<SessionId>,
    /// Another account was asked for, and nobody has logged in since.
    pub other: bool,
    /// The language chosen on a page.
    pub lang: Option<String>,
    /// A sign-up that waits for its code.
    pub sign_up: Option<PendingSignUp>,
    /// A reset of a password that waits for its code.
    pub reset: Option<PendingReset>,
    /// The address of who has just changed their password, and must log in with it.
    pub password_changed: Option<String>,
    /// By the tenant's clock.
    pub expires_at: Timestamp,
}

/// What a visit is for.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum Purpose {
    /// A client waits for an answer.
    Client(Box<ClientRequest>),
    /// Our own pages.
    Own(Next),
}

/// A client's request as far as the visit needs it.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ClientRequest {
    /// Without the `id_token_hint`, of which only `subject` is kept.
    pub request: AuthorizeRequest,
    pub client: ClientKey,
    pub subject: Subject,
}

/// Where a login on our own pages leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Next {
    Home,
    CreateClient,
    Apps,
    Dashboard,
    Templates,
    Team,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct PendingSignUp {
    pub ticket: SignUpTicket,
    /// As typed, to say where the code was sent.
    pub email: String,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct PendingReset {
    pub ticket: ResetTicket,
    /// As typed, to say where the mail was sent.
    pub email: String,
}

/// A visit as it was read.
pub(crate) struct Stored {
    pub interaction: Interaction,
    pub revision: Revision,
}

impl Interaction {
    pub fn new(purpose: Purpose, browser: Option<&Secret>, expires_at: Timestamp) -> Self {
        Self {
            purpose,
            browser: browser.map(fingerprint),
            proved: None,
            chosen: None,
            other: false,
            lang: None,
            sign_up: None,
            reset: None,
            password_changed: None,
            expires_at,
        }
    }

    pub fn client(&self) -> Option<&ClientRequest> {
        match &self.purpose {
            Purpose::Client(request) => Some(request),
            Purpose::Own(_) => None,
        }
    }

    /// Cuts the request to the scopes that were given: what is behind others is asked for no more.
    pub fn keep_only(&mut self, profile: &Profile, given: &ScopeSet) {
        let Purpose::Client(asked) = &mut self.purpose else { return };
        let request = &mut asked.request;
        request.scopes = request.scopes.intersection(given);
        let claims = std::mem::take(&mut request.claims);
        let brings = |claim: &str| profile.scopes.entries(given).any(|entry| entry.claims.iter().any(|it| it == claim));
        request.claims = claims.filter(|claim| profile.is_protocol_claim(claim) || brings(claim));
    }

    /// The languages to choose from, in order of preference.
    pub fn ui_locales(&self) -> Option<String> {
        let asked = self.client().map(|client| client.request.ui_locales.as_slice()).unwrap_or_default();
        let all: Vec<&str> = self.lang.as_deref().into_iter().chain(asked.iter().map(String::as_str)).collect();
        (!all.is_empty()).then(|| all.join(" "))
    }
}

/// How a visit knows its browser.
pub(crate) fn fingerprint(browser: &Secret) -> String {
    B64.encode(browser.digest())
}

fn key(tenant: TenantId, id: &Secret) -> RowKey {
    RowKey::new(tenant, KIND, id.digest())
}

impl Authorization {
    /// Keeps a new visit, and records the facts that go with it.
    pub(crate) async fn keep_interaction(
        &self,
        tenant: TenantId,
        id: &Secret,
        interaction: &Interaction,
        facts: Vec<NewFact>,
    ) -> Result<(), PortError> {
        let left = (interaction.expires_at - self.clock.now(tenant)).max(TimeDelta::zero());
        let row = RowChange::Insert {
            key: key(tenant, id),
            aggregate: None,
            data: self.keys.seal(tenant, KIND, &id.digest(), interaction).await?,
            expires_at: Some(self.clock.real() + left),
            on_taken: OnTaken::Refuse,
        };
        self.store.commit(Write { rows: vec![row], facts, ..Write::default() }).await.map(drop).map_err(not_written)
    }

    /// A visit that is not over.
    pub(crate) async fn interaction(&self, tenant: TenantId, id: &Secret) -> Result<Option<Stored>, PortError> {
        let Some(row) = self.store.row(tenant, KIND, &id.digest()).await? else { return Ok(None) };
        let interaction: Interaction = self.keys.open(tenant, KIND, &id.digest(), &row.data).await?;
        let live = self.clock.now(tenant) < interaction.expires_at;
        Ok(live.then_some(Stored { interaction, revision: row.revision }))
    }

    /// Changes a visit that is still as it was read; `false` when it is not.
    pub(crate) async fn save_interaction(
        &self,
        tenant: TenantId,
        id: &Secret,
        stored: &mut Stored,
    ) -> Result<bool, PortError> {
        let change = RowChange::Update {
            key: key(tenant, id),
            expected: stored.revision,
            data: self.keys.seal(tenant, KIND, &id.digest(), &stored.interaction).await?,
            expires_at: None,
        };
        match self.store.commit(Write { rows: vec![change], ..Write::default() }).await {
            Ok(_) => {
                stored.revision += 1;
                Ok(true)
            }
            Err(CommitError::Conflict) => Ok(false),
            Err(cause) => Err(not_written(cause)),
        }
    }

    /// The visit is over. A row that cannot be deleted now ends by itself, and the answer that
    /// was found must not be lost for it.
    pub(crate) async fn drop_interaction(&self, tenant: TenantId, id: &Secret) {
        let change = RowChange::Delete { key: key(tenant, id), expected: None };
        if let Err(cause) = self.store.commit(Write { rows: vec![change], ..Write::default() }).await {
            tracing::warn!(%cause, "a visit that is over could not be deleted");
        }
    }
}
