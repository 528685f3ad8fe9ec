use async_trait::async_trait;
use grantor_ids::TenantId;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::PortError;

/// A bank that people can choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bank {
    /// Names it; plain letters, digits and dashes.
    pub id: String,
    /// For people.
    pub name: String,
    /// What tells it from others of the same name: a place, a bank code.
    pub detail: String,
    /// For a bank that is not real: how to sign in there.
    pub sandbox_hint: Option<String>,
}

/// Somebody signs in at a bank. Kept nowhere.
#[derive(Debug)]
pub struct BankLogin {
    /// At which.
    pub bank: String,
    /// The customer's name at the bank, as typed.
    pub username: String,
    /// As typed; never logged.
    pub pin: SecretString,
}

/// The bank wants a second factor.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BankChallenge {
    /// What the bank calls this login; whoever has it still needs the second factor.
    pub session: String,
    /// Where the second factor comes from, said so that it gives nothing away.
    pub sent_to: String,
}

impl std::fmt::Debug for BankChallenge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BankChallenge(..)")
    }
}

/// An account at a bank. Personal, so it does not print.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BankAccount {
    /// Names it among the customer's accounts.
    pub id: String,
    /// What kind it is, for people.
    pub name: String,
    /// Its IBAN, or a card's number with all but the last digits hidden.
    pub number: String,
    /// Whose it is.
    pub holder: String,
}

impl std::fmt::Debug for BankAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BankAccount(..)")
    }
}

/// A bank says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BankRefusal {
    /// Wrong name, PIN or second factor; try again.
    #[error("the bank refused the credentials")]
    Wrong,
    /// No more attempts, or this login is over: begin anew.
    #[error("the bank ended the login")]
    Over,
    /// No answer now.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// The way to banks: who they are, and what a customer lets us see after proving who they are.
#[async_trait]
pub trait Banks: Send + Sync + 'static {
    /// The banks of a tenant, in the order to show them.
    async fn banks(&self, tenant: TenantId) -> Result<Vec<Bank>, PortError>;
    /// The bank that an account reference (an IBAN, say) belongs to, where that can be told.
    async fn bank_of(&self, tenant: TenantId, account: &str) -> Result<Option<Bank>, PortError>;
    /// Checks the first factor; the bank then asks for a second one.
    async fn sign_in(&self, tenant: TenantId, login: BankLogin) -> Result<BankChallenge, BankRefusal>;
    /// Checks the second factor; answers the customer's accounts.
    async fn confirm(
        &self,
        tenant: TenantId,
        session: &str,
        factor: &SecretString,
    ) -> Result<Vec<BankAccount>, BankRefusal>;
}

/// No way to any bank: a deployment without a connector.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoBanks;

#[async_trait]
impl Banks for NoBanks {
    async fn banks(&self, _: TenantId) -> Result<Vec<Bank>, PortError> {
        Ok(Vec::new())
    }
    async fn bank_of(&self, _: TenantId, _: &str) -> Result<Option<Bank>, PortError> {
        Ok(None)
    }
    async fn sign_in(&self, _: TenantId, _: BankLogin) -> Result<BankChallenge, BankRefusal> {
        Err(BankRefusal::Over)
    }
    async fn confirm(&self, _: TenantId, _: &str, _: &SecretString) -> Result<Vec<BankAccount>, BankRefusal> {
        Err(BankRefusal::Over)
    }
}
