use grantor_authorization_domain::FlowKind;
use grantor_eventsourcing::{Revision, Timestamp};
use grantor_ids::{FlowId, TenantId, UserId};
use grantor_oauth::{RedirectUri, ResponseMode, ScopeSet};
use grantor_pages::Lang;
use grantor_ports::{Bank, BankAccount, BankChallenge, PortError};
use grantor_profile::Return;
use grantor_store::{CommitError, RowChange, RowKey, Write, not_written};
use serde::{Deserialize, Serialize};

use crate::{Authorization, secret::Secret};

/// Flow id → [`FlowWork`], sealed.
pub(crate) const KIND: &str = "flow";
/// Wrong logins at a bank until the flow fails.
pub(crate) const BANK_TRIES: u8 = 5;

/// A flow on its way: what the partner sent, and how far the person is. A sealed row with an end;
/// it may hold account and card numbers, so nothing of it prints.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct FlowWork {
    pub client_id: String,
    pub redirect_uri: RedirectUri,
    pub state: Option<String>,
    pub kind: FlowKind,
    /// The tag of the widget's language.
    pub lang: String,
    pub sync_period: u16,
    pub scopes: ScopeSet,
    /// On whose behalf the grant will be.
    pub subject: UserId,
    /// The accounts that the partner named.
    pub named: Vec<String>,
    /// The SHA-256 of the cookie of the browser that used the link, base64url.
    pub browser: Option<String>,
    pub bank: Option<Bank>,
    /// Failed logins at the bank.
    pub failures: u8,
    pub challenge: Option<BankChallenge>,
    /// When the bank let the person in, and what they may share.
    pub proved: Option<Proved>,
    /// Indices of the accounts that were chosen.
    pub chosen: Vec<usize>,
    /// The question was answered once, in a frame.
    pub asked: bool,
    /// By the tenant's clock.
    pub expires_at: Timestamp,
}

/// What a bank said of its customer.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Proved {
    pub at: Timestamp,
    pub accounts: Vec<BankAccount>,
}

/// The step that is due.
pub(crate) enum Due<'a> {
    Bank,
    Login(&'a Bank),
    Factor(&'a BankChallenge),
    Accounts(&'a Bank, &'a Proved),
    Consent(&'a Proved),
}

impl FlowWork {
    pub fn due(&self) -> Due<'_> {
        match (&self.bank, &self.proved, &self.challenge) {
            (None, ..) => Due::Bank,
            (Some(_), Some(proved), _) if !self.chosen.is_empty() => Due::Consent(proved),
            (Some(bank), Some(proved), _) => Due::Accounts(bank, proved),
            (Some(_), None, Some(challenge)) => Due::Factor(challenge),
            (Some(bank), None, None) => Due::Login(bank),
        }
    }

    /// The accounts that were chosen.
    pub fn shared(&self) -> Vec<&BankAccount> {
        let all = self.proved.as_ref().map(|proved| proved.accounts.as_slice()).unwrap_or_default();
        self.chosen.iter().filter_map(|at| all.get(*at)).collect()
    }

    /// The way back to the client.
    pub fn back(&self) -> Return {
        Return {
            redirect_uri: self.redirect_uri.clone(),
            redirect_uri_sent: true,
            state: self.state.clone(),
            mode: ResponseMode::Query,
        }
    }

    pub fn lang(&self) -> Lang {
        Lang::from_tag(&self.lang).unwrap_or_default()
    }

    /// Forgets a login: another bank, or the same once more.
    pub fn sign_in_again(&mut self) {
        self.challenge = None;
        self.proved = None;
        self.chosen.clear();
        self.asked = false;
    }
}

/// A flow as it was read.
pub(crate) struct StoredFlow {
    pub work: FlowWork,
    pub revision: Revision,
}

pub(crate) fn key(tenant: TenantId, id: FlowId) -> RowKey {
    RowKey::new(tenant, KIND, *id.uuid().as_bytes())
}

impl Authorization {
    /// A flow that is not over.
    pub(crate) async fn flow_work(&self, tenant: TenantId, id: FlowId) -> Result<Option<StoredFlow>, PortError> {
        let key = id.uuid();
        let Some(row) = self.store.row(tenant, KIND, key.as_bytes()).await? else { return Ok(None) };
        let work: FlowWork = self.keys.open(tenant, KIND, key.as_bytes(), &row.data).await?;
        let live = self.clock.now(tenant) < work.expires_at;
        Ok(live.then_some(StoredFlow { work, revision: row.revision }))
    }

    /// Changes a flow that is still as it was read; `false` when it is not.
    pub(crate) async fn save_flow(
        &self,
        tenant: TenantId,
        id: FlowId,
        stored: &mut StoredFlow,
    ) -> Result<bool, PortError> {
        let change = RowChange::Update {
            key: key(tenant, id),
            expected: stored.revision,
            data: self.keys.seal(tenant, KIND, id.uuid().as_bytes(), &stored.work).await?,
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
}

/// The token of a flow's forms: only the browser that used the link can know it.
pub(crate) fn csrf(browser: &Secret, id: FlowId) -> String {
    browser.derive("grantor flow form", &id.to_string())
}
