use grantor_ports::BankAccount;
use subtle::ConstantTimeEq;

use crate::iban;

/// One of the banks.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Branch {
    pub id: &'static str,
    pub name: &'static str,
    pub place: &'static str,
    /// Its Bankleitzahl: eight digits within its customers' IBANs.
    pub code: &'static str,
}

/// All of them. The first is the one of the guide's sample IBAN.
pub(crate) const BANKS: [Branch; 4] = [
    Branch { id: "sandbox-nord", name: "Sandbox Bank Nord", place: "Hamburg", code: "90094815" },
    Branch { id: "sandbox-sued", name: "Sandbox Bank Süd", place: "München", code: "90094823" },
    Branch { id: "sandbox-sparkasse", name: "Sandbox Sparkasse Musterstadt", place: "Musterstadt", code: "90094831" },
    Branch { id: "sandbox-direkt", name: "Sandbox Direktbank", place: "Online", code: "90094849" },
];

/// Somebody made up.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Customer {
    username: &'static str,
    pin: &'static str,
    pub email: &'static str,
    holder: &'static str,
    /// What each account is, and its number.
    accounts: &'static [(&'static str, u64)],
    /// What each card is, and its number.
    cards: &'static [(&'static str, &'static str)],
}

/// Customers of every bank. The last one has nothing to share.
const CUSTOMERS: [Customer; 3] = [
    Customer {
        username: "mara.brandt",
        pin: "13579",
        email: "mara.brandt@sandbox-bank.example",
        holder: "Mara Brandt",
        accounts: &[("Girokonto", 2881), ("Tagesgeldkonto", 702_881), ("Gemeinschaftskonto", 1_402_881)],
        cards: &[],
    },
    Customer {
        username: "jonas.keller",
        pin: "24680",
        email: "jonas.keller@sandbox-bank.example",
        holder: "Jonas Keller",
        accounts: &[("Geschäftskonto", 5_550_100)],
        // A number from the card schemes' lists for tests.
        cards: &[("Kreditkarte", "4012888888881881")],
    },
    Customer {
        username: "lea.neu",
        pin: "11223",
        email: "lea.neu@sandbox-bank.example",
        holder: "Lea Neu",
        accounts: &[],
        cards: &[],
    },
];

impl Customer {
    /// Their accounts at a bank.
    pub fn accounts(&self, at: &Branch) -> Vec<BankAccount> {
        let one = |(name, number): &(&'static str, u64)| BankAccount {
            id: number.to_string(),
            name: (*name).to_owned(),
            number: iban::of(at.code, *number),
            holder: self.holder.to_owned(),
        };
        let card = |(name, number): &(&'static str, &'static str)| BankAccount {
            id: format!("card-{}", &number[number.len() - 4..]),
            name: (*name).to_owned(),
            number: (*number).to_owned(),
            holder: self.holder.to_owned(),
        };
        self.accounts.iter().map(one).chain(self.cards.iter().map(card)).collect()
    }
}

/// The customer with this name and PIN.
pub(crate) fn proved(username: &str, pin: &str) -> Option<&'static Customer> {
    let customer = CUSTOMERS.iter().find(|known| known.username.eq_ignore_ascii_case(username.trim()))?;
    bool::from(customer.pin.as_bytes().ct_eq(pin.as_bytes())).then_some(customer)
}

/// How to sign in, for the page of a bank that is not real.
pub(crate) fn hint() -> String {
    let Customer { username, pin, .. } = &CUSTOMERS[0];
    format!("{username} / {pin}")
}

/// An address that only its owner recognises.
pub(crate) fn masked(email: &str) -> String {
    match email.split_once('@') {
        Some((local, domain)) => format!("{}•••@{domain}", local.chars().take(1).collect::<String>()),
        None => "•••".to_owned(),
    }
}
