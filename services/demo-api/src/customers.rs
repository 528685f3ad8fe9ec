//! `GET /customers`: the customers of the account that access was given to, where the token has the
//! scope for it.

use grantor_oauth::ErrorCode;
use grantor_web::{Answer, Call};
use serde_json::json;

use crate::{DemoApi, authorize::refuse};

/// What a token needs.
const SCOPE: &str = "customer_read";

pub(crate) async fn answer(api: &DemoApi, call: &Call) -> Answer {
    let token = match api.authorize(call).await {
        Ok(token) => token,
        Err(refusal) => return refusal,
    };
    if !token.scope.iter().any(|name| name == SCOPE) {
        return refuse(call, &ErrorCode::InsufficientScope.because("the scope customer_read is needed"));
    }
    let customer = |id: &str, name: &str| json!({ "id": id, "name": name, "source": "demo data" });
    let data = [customer("cus_1", "Analytical Engines Ltd"), customer("cus_2", "Difference & Sons")];
    Answer::json(200, &json!({ "object": "list", "data": data })).no_store()
}
