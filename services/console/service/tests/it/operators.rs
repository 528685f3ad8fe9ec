//! Operators, their tokens, and what those open.

use grantor_console::{DEPLOYMENT, FirstOperatorRefusal, OperatorCodec, first_operator};
use grantor_console_domain::{CreateOperator, DisableOperator, Effect, Operator, Refusal, RotateToken};
use grantor_eventsourcing::{Actor, Codec, Meta, Position, fold};
use grantor_store::{Log, Step};
use proptest::prelude::*;
use secrecy::ExposeSecret;
use tempfile::TempDir;
use uuid::Uuid;

use crate::support::{House, bare, clock, document, store};

const LIST: &str = "/admin/v1/operators";

#[tokio::test]
async fn there_is_one_first_operator() {
    let house = House::new().await;
    let again = first_operator(&house.store, "another").await;
    assert_eq!(again.unwrap_err(), FirstOperatorRefusal::Exists);
    let events = house.store.read_log(Log::Events, Position::default(), 10).await.unwrap();
    let types: Vec<_> = events.iter().map(|event| event.event_type.as_str()).collect();
    assert_eq!(types, ["platform.operator.created"]);
}

#[tokio::test]
async fn a_token_is_kept_as_a_hash() {
    let house = House::new().await;
    let token = house.token();
    assert!(token.len() >= 43);
    for name in ["console.db", "console.db-wal"] {
        let bytes = std::fs::read(house.folder.path().join(name)).unwrap_or_default();
        assert!(!bytes.windows(token.len()).any(|window| window == token.as_bytes()), "{name}");
    }
}

#[tokio::test]
async fn without_an_operators_token_nothing_is_answered() {
    let house = House::new().await;
    for route in house.console.admin_routes().iter().filter(|route| route.name.contains('_')) {
        let (grantor_web::PathSpec::Fixed(path) | grantor_web::PathSpec::Pattern(path)) = route.at else { continue };
        // What the admin API is like is no secret; what it does is for operators.
        if !path.starts_with("/admin/") || route.name == "get_openapi" {
            continue;
        }
        let request = bare(route.methods[0].as_str(), path);
        let answer = (route.handler)(request.build().request).await;
        assert_eq!(answer.status(), 401, "{path}");
        assert!(answer.header_values("www-authenticate")[0].starts_with("Bearer"), "{path}");
    }
    let wrong = house.send(house.request("GET", LIST, "wrong").build().request).await;
    assert_eq!(wrong.status(), 401);
    assert!(wrong.header_values("www-authenticate")[0].contains("invalid_token"));
    let basic = house.send(bare("GET", LIST).header("authorization", "Basic eDp5").build().request).await;
    assert_eq!(basic.status(), 401);
    let twice = house.request("GET", LIST, &house.token()).header("authorization", "Bearer x");
    assert_eq!(house.send(twice.build().request).await.status(), 400);
}

#[tokio::test]
async fn guesses_are_slowed_down_and_the_right_token_is_not() {
    let house = House::new().await;
    let guess = || house.send(house.request("GET", LIST, "wrong").build().request);
    for _ in 0..20 {
        assert_eq!(guess().await.status(), 401);
    }
    let throttled = guess().await;
    assert_eq!((throttled.status(), throttled.header_values("retry-after")), (429, vec!["61"]));
    assert_eq!(house.ask("GET", LIST).await.status(), 200);
    house.clock.advance_seconds(61);
    assert_eq!(guess().await.status(), 401);
}

#[tokio::test]
async fn an_operator_makes_another() {
    let house = House::new().await;
    let made = house.ask_with("POST", LIST, r#"{"name":"night shift"}"#).await;
    assert_eq!((made.status(), made.header_values("cache-control")), (201, vec!["no-store"]));
    let token = document(&made)["token"].as_str().unwrap().to_owned();
    let listed = house.send(house.request("GET", LIST, &token).build().request).await;
    let items = document(&listed)["items"].as_array().unwrap().clone();
    let names: Vec<_> = items.iter().map(|item| item["name"].as_str().unwrap()).collect();
    assert!(names.contains(&"desk") && names.contains(&"night shift"), "{names:?}");
    assert!(!String::from_utf8_lossy(listed.body()).contains(&token));
    let events = house.store.read_log(Log::Events, Position::default(), 10).await.unwrap();
    assert_eq!(events.last().unwrap().meta.actor, Actor::Operator(house.first.id));
}

#[tokio::test]
async fn the_list_of_operators_has_pages() {
    let house = House::new().await;
    house.clock.advance_seconds(1);
    house.ask_with("POST", LIST, r#"{"name":"second"}"#).await;
    let page = document(&house.ask("GET", &format!("{LIST}?limit=1")).await);
    assert_eq!((page["items"][0]["name"].as_str(), page["items"].as_array().unwrap().len()), (Some("desk"), 1));
    let next: String = page["next"].as_str().unwrap().bytes().map(|byte| format!("%{byte:02x}")).collect();
    let rest = document(&house.ask("GET", &format!("{LIST}?limit=1&after={next}")).await);
    assert_eq!((rest["items"][0]["name"].as_str(), rest.get("next")), (Some("second"), None));
}

#[tokio::test]
async fn a_rotated_token_is_worth_nothing() {
    let house = House::new().await;
    let path = format!("{LIST}/{}/rotate-token", house.first.id);
    let rotated = house.ask("POST", &path).await;
    assert_eq!(rotated.status(), 200);
    assert_eq!(house.ask("GET", LIST).await.status(), 401);
    let fresh = document(&rotated)["token"].as_str().unwrap().to_owned();
    assert_eq!(house.send(house.request("GET", LIST, &fresh).build().request).await.status(), 200);
}

#[tokio::test]
async fn a_disabled_operator_is_out_and_nobody_disables_themselves() {
    let house = House::new().await;
    let made = document(&house.ask_with("POST", LIST, r#"{"name":"guest"}"#).await);
    let (id, token) = (made["id"].as_str().unwrap(), made["token"].as_str().unwrap());
    let disabled = house.ask("POST", &format!("{LIST}/{id}/disable")).await;
    assert_eq!((disabled.status(), document(&disabled)["state"].as_str()), (200, Some("disabled")));
    assert_eq!(house.send(house.request("GET", LIST, token).build().request).await.status(), 401);
    assert_eq!(house.ask("POST", &format!("{LIST}/{id}/rotate-token")).await.status(), 409);
    let oneself = house.ask("POST", &format!("{LIST}/{}/disable", house.first.id)).await;
    assert_eq!(oneself.status(), 409);
    assert_eq!(house.ask("POST", &format!("{LIST}/opr_0/disable")).await.status(), 404);
}

#[tokio::test]
async fn a_name_that_cannot_be_shown_is_refused() {
    let house = House::new().await;
    let answer = house.ask_with("POST", LIST, r#"{"name":"a\nb"}"#).await;
    assert_eq!((answer.status(), crate::support::pointers(&answer)), (422, vec!["#/name".to_owned()]));
    let folder = TempDir::new().unwrap();
    let fresh = store(&folder, clock()).await;
    assert!(matches!(first_operator(&fresh, " ").await, Err(FirstOperatorRefusal::Name(_))));
    assert!(first_operator(&fresh, "desk").await.unwrap().token.expose_secret().len() > 40);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Whatever is commanded, the events of the log give the state row.
    #[test]
    fn the_state_row_is_the_fold_of_the_events(commands in proptest::collection::vec(0_u8..3, 0..10)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let folder = TempDir::new().unwrap();
            let store = store(&folder, clock()).await;
            let id = Uuid::from_u128(9);
            let meta = Meta::by(Actor::System);
            let now = store.clock().real();
            for command in commands {
                let decide = |state: &Operator| match command {
                    0 => CreateOperator::decide(state, &CreateOperator { name: "desk".into(), now }),
                    1 => RotateToken::decide(state, &RotateToken),
                    _ => {
                        let operator = grantor_ids::OperatorId::from_uuid(id);
                        DisableOperator::decide(state, &DisableOperator { operator, by: Actor::System })
                    }
                };
                let done = store
                    .execute::<OperatorCodec, Effect, Refusal>(DEPLOYMENT, id, &meta, now, |loaded| {
                        Step::from(decide(&loaded.state))
                    })
                    .await;
                assert!(done.is_ok());
            }
            let events: Vec<_> = store
                .stream(DEPLOYMENT, id)
                .await
                .unwrap()
                .iter()
                .map(|envelope| OperatorCodec::decode(envelope).unwrap())
                .collect();
            let row = store.load::<Operator>(DEPLOYMENT, id).await.unwrap();
            assert_eq!(fold::<Operator>(&events), row.state);
            assert_eq!(u32::try_from(events.len()).unwrap(), row.version);
        });
    }
}
