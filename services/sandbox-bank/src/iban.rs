//! German IBANs (ISO 13616): `DE`, two check digits, a bank code of eight digits, an account number
//! of ten.

/// The IBAN of an account.
pub(crate) fn of(bank_code: &str, account: u64) -> String {
    let body = format!("{bank_code}{account:010}");
    // `DE00` behind it; a letter counts as two digits from 10 on (ISO 7064, MOD 97-10).
    let rest = body.bytes().chain(*b"131400").fold(0_u32, |rest, digit| (rest * 10 + u32::from(digit - b'0')) % 97);
    format!("DE{:02}{body}", 98 - rest)
}

/// The bank code within a German IBAN.
pub(crate) fn bank_code(iban: &str) -> Option<&str> {
    let digits = iban.strip_prefix("DE").filter(|digits| digits.len() == 20)?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| &digits[2..10])
}
