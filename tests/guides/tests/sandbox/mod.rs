//! Sandbox tenants: a clock of their own that only moves forward, and what ends by it.

mod clock;
mod lifetimes;

use grantor_ports::TenantKind;
use grantor_testkit::World;
use grantor_tests_guides::Scene;
use serde_json::json;

/// A sandbox of this preset in a world whose real clock stands still.
async fn sandbox(preset: &str) -> Scene {
    let world = World::start().await;
    let tenant = world.tenant_with(preset, preset, |tenant| tenant.kind = TenantKind::Sandbox).await;
    Scene::at(world, tenant).await
}

/// Moves its clock, as an operator does.
async fn advance(scene: &Scene, seconds: u32) {
    scene.operator("POST", "/clock/advance", Some(json!({ "seconds": seconds }))).await;
}
