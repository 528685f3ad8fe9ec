//! The same happens at every shape.

use grantor_tests_topologies::{Deployment, Scenario, Shape};

async fn everything_happens(shape: Shape) -> Deployment {
    let deployment = Deployment::start(shape, "");
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
    let deployment = Deployment::start(Shape::SplitWithTls, "");
    Scenario::at(&deployment).the_standard_flow("standard").await;
}
