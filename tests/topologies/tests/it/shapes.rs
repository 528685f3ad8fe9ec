//! The same happens at every shape.

use grantor_tests_topologies::{Deployment, Scenario, Shape};

async fn everything_happens(shape: Shape) -> Deployment {
    let deployment = Deployment::start(shape, "").await;
    let scenario = Scenario::at(&deployment);
    scenario.the_guides_flow().await;
    scenario.the_standard_flow("standard").await;
    deployment
}

#[tokio::test(flavor = "multi_thread")]
async fn all_in_one_process() {
    everything_happens(Shape::Whole).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_in_one_process_on_postgresql() {
    let deployment = everything_happens(Shape::WholeOnPostgres).await;
    let tenants = deployment.servers().databases.sql("registry", "SELECT count(DISTINCT tenant_id) FROM es_event");
    assert_eq!(tenants, ["2"], "what happened is in the database");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_service_its_own_process_behind_nginx() {
    let mut deployment = everything_happens(Shape::Split).await;
    assert!(deployment.checked().contains("test is successful"), "{}", deployment.checked());
    assert!(!deployment.checked().contains("[warn]"), "{}", deployment.checked());
    // A process that comes back is found again, and a new tenant needs no other configuration.
    for service in ["registry", "token"] {
        deployment.restart(service);
    }
    Scenario::at(&deployment).the_standard_flow("later").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_show_each_other_certificates() {
    let deployment = Deployment::start(Shape::SplitWithTls, "").await;
    Scenario::at(&deployment).the_standard_flow("standard").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_service_its_own_process_on_postgresql_and_kafka() {
    let mut deployment = everything_happens(Shape::SplitOnServers).await;
    // What a service has of the others came over the topics, each of which it has read.
    for service in ["token", "authorization"] {
        let heard = "SELECT count(DISTINCT split_part(encode(key, 'escape'), ' ', 1)) FROM es_row WHERE kind = 'heard'";
        assert_eq!(deployment.servers().databases.sql(service, heard), ["2"], "{service} hears registry and directory");
    }
    for service in ["registry", "directory", "token"] {
        deployment.restart(service);
    }
    Scenario::at(&deployment).the_standard_flow("later").await;
    let parked = |service| deployment.servers().databases.sql(service, "SELECT reason FROM es_parked");
    let parked: Vec<_> =
        ["registry", "directory", "authorization", "token", "console", "webhooks"].map(parked).concat();
    assert!(parked.is_empty(), "{parked:?}");
}
