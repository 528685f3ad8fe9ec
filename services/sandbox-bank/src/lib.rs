//! Banks to try the widget with: made-up customers who sign in with a name and a PIN, and then with
//! a code that the bank mails them. Mounted by the demo, and never there for production tenants.
//!
//! It stands behind the same port as a connector to real banks would. What it remembers of a login
//! is in memory and ends after minutes, as a bank's own session would.

mod customers;
mod iban;
mod logins;

use std::sync::Arc;

use async_trait::async_trait;
use grantor_ids::TenantId;
use grantor_ports::{
    Bank, BankAccount, BankChallenge, BankLogin, BankRefusal, Banks, Clock, Entropy, Mail, Mailer, PortError, Registry,
    TenantKind, TenantView,
};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    customers::{BANKS, Branch, Customer},
    logins::{Logins, Pending},
};

/// What the banks are given.
pub struct SandboxDeps {
    /// Who takes their mails.
    pub mailer: Arc<dyn Mailer>,
    /// What a tenant is for.
    pub tenants: Arc<dyn Registry>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Randomness for the mailed codes.
    pub entropy: Arc<dyn Entropy>,
}

/// The banks.
pub struct SandboxBanks {
    deps: SandboxDeps,
    logins: Logins,
}

impl SandboxBanks {
    /// Opens them.
    pub fn new(deps: SandboxDeps) -> Arc<Self> {
        Arc::new(Self { deps, logins: Logins::default() })
    }

    /// The tenant, if there are banks for it: nobody real may ever meet one of these.
    async fn tenant(&self, tenant: TenantId) -> Result<Option<Arc<TenantView>>, PortError> {
        let view = self.deps.tenants.tenant(tenant).await?;
        Ok(view.filter(|view| view.kind != TenantKind::Production))
    }

    async fn mail(&self, tenant: &TenantView, branch: &Branch, to: &Customer, code: &str) -> Result<(), BankRefusal> {
        let mail = Mail {
            tenant: tenant.id,
            from_name: branch.name.to_owned(),
            to: to.email.to_owned(),
            subject: format!("{code}: {}", branch.name),
            body: format!(
                "Ihre TAN für den Kontozugriff lautet {code}.\nYour code for account access is {code}.\n\n\
                 Sie gilt fünf Minuten. It is good for five minutes.\n\n{}",
                branch.name
            ),
            at: self.deps.clock.real(),
        };
        self.deps.mailer.send(&mail).await.map_err(|cause| {
            tracing::warn!(%cause, "the sandbox bank could not send a code");
            BankRefusal::Port(PortError::Unavailable)
        })
    }
}

fn shown(branch: &Branch) -> Bank {
    Bank {
        id: branch.id.to_owned(),
        name: branch.name.to_owned(),
        detail: format!("{} · BLZ {}", branch.place, branch.code),
        sandbox_hint: Some(customers::hint()),
    }
}

#[async_trait]
impl Banks for SandboxBanks {
    async fn banks(&self, tenant: TenantId) -> Result<Vec<Bank>, PortError> {
        let there = self.tenant(tenant).await?.is_some();
        Ok(if there { BANKS.iter().map(shown).collect() } else { Vec::new() })
    }

    async fn bank_of(&self, tenant: TenantId, account: &str) -> Result<Option<Bank>, PortError> {
        let code = iban::bank_code(account);
        let branch = code.and_then(|code| BANKS.iter().find(|branch| branch.code == code));
        Ok(if self.tenant(tenant).await?.is_some() { branch.map(shown) } else { None })
    }

    async fn sign_in(&self, tenant: TenantId, login: BankLogin) -> Result<BankChallenge, BankRefusal> {
        let view = self.tenant(tenant).await?.ok_or(BankRefusal::Over)?;
        let branch = BANKS.iter().find(|branch| branch.id == login.bank).ok_or(BankRefusal::Over)?;
        let customer = customers::proved(&login.username, login.pin.expose_secret()).ok_or(BankRefusal::Wrong)?;
        let (session, code) = (logins::session(&*self.deps.entropy), logins::code(&*self.deps.entropy));
        self.mail(&view, branch, customer, &code).await?;
        let pending = Pending::new(tenant, branch, customer, code.into(), self.deps.clock.real());
        self.logins.keep(session.clone(), pending, self.deps.clock.real());
        Ok(BankChallenge { session, sent_to: customers::masked(customer.email) })
    }

    async fn confirm(
        &self,
        tenant: TenantId,
        session: &str,
        factor: &SecretString,
    ) -> Result<Vec<BankAccount>, BankRefusal> {
        let (branch, customer) = self.logins.confirm(tenant, session, factor, self.deps.clock.real())?;
        Ok(customer.accounts(branch))
    }
}

#[cfg(test)]
mod tests;
