//! `GET /data/eod?ticker=air.nz`: one security at the end of the last trading day.

use grantor_web::{Answer, Call};
use serde_json::json;

use crate::{DemoApi, sample};

pub(crate) async fn answer(api: &DemoApi, call: &Call) -> Answer {
    if let Err(refusal) = api.authorize(call).await {
        return refusal;
    }
    let params = match call.query_params() {
        Ok(params) => params,
        Err(cause) => return problem(400, "invalid_request", &cause.to_string()),
    };
    let Some(ticker) = params.get("ticker") else {
        return problem(400, "invalid_request", "the parameter 'ticker' is missing, such as ticker=air.nz");
    };
    let today = api.clock.now(call.tenant.id).date_naive();
    match sample::end_of_day(ticker, today) {
        Some(quote) => Answer::json(200, &quote).no_store(),
        None => problem(404, "unknown_ticker", &format!("there is demo data for {}", sample::tickers().join(", "))),
    }
}

fn problem(status: u16, error: &str, description: &str) -> Answer {
    Answer::json(status, &json!({ "error": error, "error_description": description })).no_store()
}
