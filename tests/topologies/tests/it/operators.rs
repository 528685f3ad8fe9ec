//! What operators see: lists across tenants, what happened, and how a process does.

use grantor_host::{Ports, Role};
use grantor_ports::{Health, HistoryOf, TenantFigures, TenantView};
use grantor_remote::RemoteHealth;
use serde_json::Value;

use crate::calls::{House, page};

/// Lists across tenants, and what happened.
pub async fn see_what_there_is(ports: &Ports, tenant: &TenantView, client_id: &str) {
    let found = ports.registry_admin.find_tenants(&tenant.slug, page()).await.expect("a list");
    assert_eq!(found.items.iter().map(|found| found.id).collect::<Vec<_>>(), [tenant.id]);
    let figures = ports.registry_admin.figures().await.expect("figures");
    assert!(figures.active >= 1, "{figures:?}");
    let own = ports.registry_admin.tenant_figures(tenant.id).await;
    assert_eq!(own, Ok(TenantFigures { clients: 1, waiting: 0 }));
    assert!(ports.registry_admin.waiting_clients(page()).await.expect("a list").items.is_empty());
    let history = ports.registry_admin.history(tenant.id, HistoryOf::Client(client_id.to_owned()), page()).await;
    let history = history.expect("a list").items;
    assert_eq!(history[0].event, "oauth.client.suspended");
    assert!(history[0].changes.iter().any(|change| change.pointer == "/status"), "{history:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_says_of_itself_what_it_says_to_others() {
    let house = House::new().await;
    let asked = RemoteHealth::of(Role::Token, house.caller(Role::Console, Role::Token)).expect("it is asked");
    let told = asked.checks().await.expect("it answers");
    assert!(told.iter().any(|check| check.name == "token.store" && check.ready), "{told:?}");
    let ready = reqwest::Client::builder().no_proxy().build().expect("a client");
    let ready = ready.get(format!("http://{}/ready", house.admin)).send().await.expect("an answer");
    let ready: Value = ready.json().await.expect("a document");
    let names = |checks: Vec<&str>| checks.into_iter().map(str::to_owned).collect::<Vec<_>>();
    let own = ready["checks"].as_array().expect("checks").iter().filter_map(|check| check["name"].as_str()).collect();
    assert_eq!(names(told.iter().map(|check| check.name.as_str()).collect()), names(own));
    assert!(RemoteHealth::of(Role::Console, house.caller(Role::Token, Role::Console)).is_none(), "nobody asks it");
}
