//! The demo API as a client sees it.

use std::sync::Arc;

use async_trait::async_trait;
use grantor_demo_api::DemoApi;
use grantor_eventsourcing::{Meta, Timestamp};
use grantor_ids::{FlowId, TenantId, UserId};
use grantor_ports::{
    AuthorityRole, Branding, ClientProof, ClientRefusal, ClientView, DpopCall, FixedClock, FlowView, Flows,
    GrantSelector, GrantSummary, IdTokenHint, Introspection, IntrospectionCaller, IssueCode, KeyRefusal, PortError,
    RevokeReason, SharedAccounts, TenantKind, TenantState, TenantView, Terms, Tokens,
};
use grantor_profile::Profile;
use grantor_web::{Answer, CallBuilder};
use uuid::Uuid;

const API: &str = "https://api.bank.example";
/// The tenant takes bearer tokens and, with a proof, bound ones.
const BARE: &str = "Bearer realm=\"bank\", DPoP realm=\"bank\", algs=\"ES256 Ed25519 EdDSA RS256\"";

/// Knows one token, `live`, for one audience; `away` gets no answer.
struct OneToken;

#[async_trait]
impl Tokens for OneToken {
    async fn authenticate_client(&self, _: TenantId, _: ClientProof) -> Result<Arc<ClientView>, ClientRefusal> {
        Err(ClientRefusal::Port(PortError::Unavailable))
    }
    async fn prove_key(&self, _: TenantId, _: DpopCall) -> Result<String, KeyRefusal> {
        Err(PortError::Unavailable.into())
    }
    async fn issue_code(&self, _: TenantId, _: IssueCode, _: &Meta) -> Result<String, PortError> {
        Err(PortError::Unavailable)
    }
    async fn revoke(&self, _: TenantId, _: GrantSelector, _: RevokeReason, _: &Meta) -> Result<u32, PortError> {
        Err(PortError::Unavailable)
    }
    async fn grants_of(&self, _: TenantId, _: UserId) -> Result<Vec<GrantSummary>, PortError> {
        Err(PortError::Unavailable)
    }
    async fn introspect(
        &self,
        tenant: TenantId,
        token: &str,
        caller: IntrospectionCaller,
    ) -> Result<Introspection, PortError> {
        assert_eq!((tenant, caller), (tenant_view().id, IntrospectionCaller::Resource(API.into())));
        match token {
            "live" => Ok(Introspection::Active {
                grant: None,
                client_id: "partner".into(),
                sub: "partner".into(),
                user: None,
                session: None,
                scope: vec!["plan".into()],
                aud: API.into(),
                iat: Timestamp::UNIX_EPOCH,
                exp: Timestamp::UNIX_EPOCH,
            }),
            "away" => Err(PortError::Unavailable),
            _ => Ok(Introspection::Inactive),
        }
    }
    async fn read_id_token_hint(&self, _: TenantId, _: &str) -> Result<Option<IdTokenHint>, PortError> {
        Err(PortError::Unavailable)
    }
    async fn grants_of_account(
        &self,
        _: TenantId,
        _: grantor_ids::AccountId,
    ) -> Result<Vec<grantor_ports::GrantSummary>, PortError> {
        Ok(Vec::new())
    }
    async fn grants_to(&self, _: TenantId, _: &str) -> Result<Vec<grantor_ports::GrantSummary>, PortError> {
        Ok(Vec::new())
    }
    async fn secret_uses(
        &self,
        _: TenantId,
        _: grantor_ids::ClientKey,
    ) -> Result<Vec<grantor_ports::SecretUse>, PortError> {
        Ok(Vec::new())
    }
}

struct NoFlows;

#[async_trait]
impl Flows for NoFlows {
    async fn flow(&self, _: TenantId, _: FlowId) -> Result<Option<FlowView>, PortError> {
        Ok(None)
    }
    async fn shared_accounts(&self, _: TenantId, _: FlowId) -> Result<Option<SharedAccounts>, PortError> {
        Ok(None)
    }
}

fn tenant_view() -> TenantView {
    TenantView {
        id: TenantId::from_uuid(Uuid::from_u128(1)),
        slug: "bank".into(),
        name: "Bank".into(),
        kind: TenantKind::Development,
        state: TenantState::Active,
        issuer: "https://id.bank.example".into(),
        api: API.into(),
        authorities: Vec::new(),
        profile: Arc::new(Profile::strict()),
        branding: Branding::default(),
        contact: None,
        mail_server: None,
        team: std::collections::BTreeMap::new(),
        clock_ahead_ms: 0,
        terms: Terms::default(),
        version: 1,
    }
}

async fn get(query: &str, authorization: &[&str]) -> Answer {
    let api = DemoApi::new(
        Arc::new(OneToken),
        Arc::new(NoFlows),
        Arc::new(FixedClock::at("2026-03-04T10:00:00Z".parse().unwrap())),
    );
    let routes = api.routes();
    let route = routes.iter().find(|route| route.name == "demo_eod").expect("the route of prices");
    assert_eq!(route.role, AuthorityRole::Api);
    let call = CallBuilder::new(Arc::new(tenant_view()), &format!("/data/eod{query}"));
    let call = authorization.iter().fold(call, |call, value| call.header("authorization", value));
    (route.handler)(call.build()).await
}

fn challenge(answer: &Answer) -> String {
    answer.header_values("www-authenticate").join("|")
}

fn document(answer: &Answer) -> serde_json::Value {
    serde_json::from_slice(answer.body()).unwrap()
}

#[tokio::test]
async fn a_live_token_gets_the_price() {
    let answer = get("?ticker=air.nz", &["Bearer live"]).await;
    assert_eq!(answer.status(), 200);
    let quote = document(&answer);
    assert_eq!((quote["ticker"].as_str(), quote["date"].as_str()), (Some("air.nz"), Some("2026-03-03")));
    assert!(quote["close"].as_f64().unwrap() > 0.0);
    assert!(quote["source"].as_str().unwrap().contains("demo data"));
}

#[tokio::test]
async fn no_token_gets_a_bare_challenge() {
    for sent in [&[][..], &["Basic eDp5"]] {
        let answer = get("?ticker=air.nz", sent).await;
        assert_eq!((answer.status(), challenge(&answer).as_str()), (401, BARE));
    }
}

#[tokio::test]
async fn a_token_in_the_query_is_none() {
    let answer = get("?ticker=air.nz&access_token=live", &[]).await;
    assert_eq!((answer.status(), challenge(&answer).as_str()), (401, BARE));
}

#[tokio::test]
async fn a_dead_token_is_invalid() {
    let answer = get("?ticker=air.nz", &["Bearer dead"]).await;
    assert_eq!(answer.status(), 401);
    assert!(challenge(&answer).contains("error=\"invalid_token\""));
}

#[tokio::test]
async fn a_malformed_header_is_an_invalid_request() {
    for sent in [&["Bearer a b"][..], &["Bearer"], &["Bearer live", "Bearer live"]] {
        let answer = get("?ticker=air.nz", sent).await;
        assert_eq!(answer.status(), 400, "{sent:?}");
        assert!(challenge(&answer).contains("error=\"invalid_request\""));
    }
}

#[tokio::test]
async fn a_ticker_is_needed_and_known() {
    for (query, status, error) in [
        ("", 400, "invalid_request"),
        ("?ticker=", 400, "invalid_request"),
        ("?ticker=air.nz&ticker=spk.nz", 400, "invalid_request"),
        ("?ticker=%ff", 400, "invalid_request"),
        ("?ticker=nothing.nz", 404, "unknown_ticker"),
    ] {
        let answer = get(query, &["Bearer live"]).await;
        assert_eq!((answer.status(), document(&answer)["error"].as_str()), (status, Some(error)), "{query}");
    }
}

#[tokio::test]
async fn nobody_to_ask_is_a_503_with_retry_after() {
    let answer = get("?ticker=air.nz", &["Bearer away"]).await;
    assert_eq!((answer.status(), answer.header_values("retry-after").len()), (503, 1));
}
