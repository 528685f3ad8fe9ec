//! `GET /accounts`: the accounts that a person chose for this token in the widget, and no other.

use grantor_ids::FlowId;
use grantor_oauth::ErrorCode;
use grantor_ports::BankAccount;
use grantor_web::{Answer, Call, oauth_unavailable};
use serde_json::json;

use crate::{DemoApi, authorize::refuse};

/// What a token needs.
const SCOPE: &str = "accounts=ro";

pub(crate) async fn answer(api: &DemoApi, call: &Call) -> Answer {
    let token = match api.authorize(call).await {
        Ok(token) => token,
        Err(refusal) => return refusal,
    };
    if !token.scope.iter().any(|name| name == SCOPE) {
        return refuse(call, &ErrorCode::InsufficientScope.because("the scope accounts=ro is needed"));
    }
    // A flow of the widget stands where a login's session would.
    let flow = token.session.map(|session| FlowId::from_uuid(session.uuid()));
    let shared = match flow {
        Some(flow) => api.flows.shared_accounts(call.tenant.id, flow).await,
        None => Ok(None),
    };
    let shared = match shared {
        Ok(shared) => shared,
        Err(cause) => return oauth_unavailable(cause),
    };
    let bank = shared.as_ref().map(|shared| shared.bank.as_str()).unwrap_or_default();
    let one = |account: &BankAccount| {
        let BankAccount { id, name, number, holder } = account;
        json!({ "id": id, "name": name, "number": number, "holder": holder, "bank": bank })
    };
    let accounts: Vec<_> = shared.iter().flat_map(|shared| shared.accounts.iter().map(one)).collect();
    Answer::json(200, &json!({ "accounts": accounts })).no_store()
}
