use chrono::DateTime;
use grantor_ids::TenantId;
use grantor_ports::{BankRefusal, OsEntropy};
use uuid::Uuid;

use crate::{
    customers::{self, BANKS},
    iban,
    logins::{self, Logins, Pending},
};

const TENANT: TenantId = TenantId::from_uuid(Uuid::from_u128(1));
const OTHER: TenantId = TenantId::from_uuid(Uuid::from_u128(2));

fn at(seconds: i64) -> DateTime<chrono::Utc> {
    DateTime::from_timestamp(1_800_000_000 + seconds, 0).expect("an instant")
}

fn waiting(session: &str) -> Logins {
    let customer = customers::proved("mara.brandt", "13579").expect("a customer");
    let logins = Logins::default();
    logins.keep(
        session.to_owned(),
        Pending::new(TENANT, &BANKS[0], customer, "123456".to_owned().into(), at(0)),
        at(0),
    );
    logins
}

#[test]
fn the_samples_iban_is_an_account_of_the_first_bank() {
    assert_eq!(iban::of("90094815", 2881), "DE82900948150000002881");
    assert_eq!(iban::bank_code("DE82900948150000002881"), Some("90094815"));
    for other in ["GB82WEST12345698765432", "DE8290094815000000288", "DE8290094815000000288x", ""] {
        assert_eq!(iban::bank_code(other), None, "{other}");
    }
}

#[test]
fn a_customer_is_proved_by_name_and_pin() {
    let mara = customers::proved("Mara.Brandt ", "13579").expect("a customer");
    assert_eq!(mara.accounts(&BANKS[0])[0].number, "DE82900948150000002881");
    assert_eq!(customers::masked(mara.email), "m•••@sandbox-bank.example");
    for (name, pin) in [("mara.brandt", "13570"), ("mara.brandt", ""), ("nobody", "13579"), ("", "")] {
        assert_eq!(customers::proved(name, pin), None, "{name}");
    }
}

#[test]
fn a_code_counts_once_in_its_time_and_tenant() {
    let code = |text: &str| text.to_owned().into();
    let logins = waiting("s");
    assert_eq!(logins.confirm(OTHER, "s", &code("123456"), at(1)).err(), Some(BankRefusal::Over));
    assert_eq!(logins.confirm(TENANT, "x", &code("123456"), at(1)).err(), Some(BankRefusal::Over));
    assert_eq!(logins.confirm(TENANT, "s", &code("123457"), at(1)).err(), Some(BankRefusal::Wrong));
    assert!(logins.confirm(TENANT, "s", &code(" 123 456"), at(1)).is_ok());
    assert_eq!(logins.confirm(TENANT, "s", &code("123456"), at(1)).err(), Some(BankRefusal::Over));
    let late = waiting("s");
    assert_eq!(late.confirm(TENANT, "s", &code("123456"), at(300)).err(), Some(BankRefusal::Over));
}

#[test]
fn three_wrong_codes_end_a_login() {
    let logins = waiting("s");
    let wrong = "000000".to_owned().into();
    assert_eq!(logins.confirm(TENANT, "s", &wrong, at(1)).err(), Some(BankRefusal::Wrong));
    assert_eq!(logins.confirm(TENANT, "s", &wrong, at(1)).err(), Some(BankRefusal::Wrong));
    assert_eq!(logins.confirm(TENANT, "s", &wrong, at(1)).err(), Some(BankRefusal::Over));
    assert_eq!(logins.confirm(TENANT, "s", &"123456".to_owned().into(), at(1)).err(), Some(BankRefusal::Over));
}

#[test]
fn codes_are_six_digits() {
    for _ in 0..50 {
        let code = logins::code(&OsEntropy);
        assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()), "{code}");
    }
}
