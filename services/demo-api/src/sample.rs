//! Prices that nobody ever paid. The same ticker and day give the same numbers.

use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde_json::{Value, json};

struct Security {
    ticker: &'static str,
    name: &'static str,
    exchange: &'static str,
    currency: &'static str,
    /// About what it costs, in hundredths.
    around: u64,
}

const SECURITIES: [Security; 6] = [
    Security { ticker: "air.nz", name: "Air New Zealand (demo)", exchange: "NZX", currency: "NZD", around: 62 },
    Security {
        ticker: "fph.nz",
        name: "Fisher & Paykel Healthcare (demo)",
        exchange: "NZX",
        currency: "NZD",
        around: 3_540,
    },
    Security { ticker: "spk.nz", name: "Spark New Zealand (demo)", exchange: "NZX", currency: "NZD", around: 245 },
    Security { ticker: "bhp.au", name: "BHP Group (demo)", exchange: "ASX", currency: "AUD", around: 4_310 },
    Security { ticker: "cba.au", name: "Commonwealth Bank (demo)", exchange: "ASX", currency: "AUD", around: 15_280 },
    Security { ticker: "aapl.us", name: "Apple (demo)", exchange: "NASDAQ", currency: "USD", around: 22_750 },
];

/// What there is data for.
pub(crate) fn tickers() -> Vec<&'static str> {
    SECURITIES.iter().map(|security| security.ticker).collect()
}

/// The last trading day before `today`; `None` for a ticker without data.
pub(crate) fn end_of_day(ticker: &str, today: NaiveDate) -> Option<Value> {
    let security = SECURITIES.iter().find(|security| security.ticker.eq_ignore_ascii_case(ticker))?;
    let date = trading_day_before(today);
    let mut dice = Dice::new(security.ticker, date);
    // A day moves a price by three per cent at most; high and low lie around open and close.
    let spread = security.around * 3 / 100 + 1;
    let mut near = |base: u64| base - spread.min(base / 2) + dice.below(2 * spread + 1);
    let (open, close) = (near(security.around), near(security.around));
    let (high, low) = (near(open.max(close)).max(open.max(close)), near(open.min(close)).min(open.min(close)));
    let volume = 50_000 + dice.below(4_000_000);
    Some(json!({
        "ticker": security.ticker, "name": security.name, "exchange": security.exchange,
        "currency": security.currency, "date": date.to_string(),
        "open": price(open), "high": price(high), "low": price(low), "close": price(close), "volume": volume,
        "source": "demo data: generated, not market prices"
    }))
}

fn trading_day_before(today: NaiveDate) -> NaiveDate {
    let back = match today.weekday() {
        Weekday::Mon => 3,
        Weekday::Sun => 2,
        _ => 1,
    };
    today.checked_sub_days(Days::new(back)).unwrap_or(today)
}

fn price(hundredths: u64) -> Value {
    // Small numbers: exact to the hundredth as a double.
    let units = u32::try_from(hundredths).unwrap_or(u32::MAX);
    json!(f64::from(units) / 100.0)
}

/// A sequence of numbers that depends on ticker and day (splitmix64).
struct Dice(u64);

impl Dice {
    fn new(ticker: &str, date: NaiveDate) -> Self {
        let seed = u64::try_from(date.num_days_from_ce()).unwrap_or_default();
        Self(ticker.bytes().fold(seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)))
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_has_one_price() {
        let one = end_of_day("air.nz", day("2026-03-04"));
        assert!(one.is_some());
        assert_eq!(one, end_of_day("AIR.NZ", day("2026-03-04")));
        assert_ne!(one, end_of_day("air.nz", day("2026-03-05")));
        assert_eq!(end_of_day("nix.nz", day("2026-03-04")), None);
    }

    #[test]
    fn high_is_high_and_low_is_low() {
        for ticker in tickers() {
            for offset in 0..400 {
                let quote = end_of_day(ticker, day("2026-01-01") + Days::new(offset)).unwrap();
                let at = |name: &str| quote[name].as_f64().unwrap();
                assert!(at("high") >= at("open").max(at("close")), "{quote}");
                assert!(at("low") <= at("open").min(at("close")) && at("low") > 0.0, "{quote}");
            }
        }
    }

    #[test]
    fn there_is_no_trade_on_a_weekend() {
        assert_eq!(trading_day_before(day("2026-03-02")), day("2026-02-27"), "Monday");
        assert_eq!(trading_day_before(day("2026-03-01")), day("2026-02-27"), "Sunday");
        assert_eq!(trading_day_before(day("2026-02-28")), day("2026-02-27"), "Saturday");
        assert_eq!(trading_day_before(day("2026-03-04")), day("2026-03-03"), "Wednesday");
    }
}
