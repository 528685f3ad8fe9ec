//! What a process answers to others.

use std::sync::Arc;

use async_trait::async_trait;
use grantor_host::{Ports, Role};
use grantor_ids::TenantId;
use grantor_ports::{Check, Directory, EndpointAnswer, EndpointCall, Endpoints, Health, PortError, Registry, Tokens};
use grantor_remote::{Method, endpoints, health, methods};

/// A service without pages.
struct NoEndpoints;

#[async_trait]
impl Endpoints for NoEndpoints {
    async fn call(&self, _: TenantId, _: EndpointCall) -> Result<Option<EndpointAnswer>, PortError> {
        Ok(None)
    }
}

/// A process that needs nothing.
struct NoNeeds;

#[async_trait]
impl Health for NoNeeds {
    async fn checks(&self) -> Result<Vec<Check>, PortError> {
        Ok(Vec::new())
    }
}

/// All that the services of one process answer to others.
pub fn all(ports: &Ports) -> Vec<Method> {
    let of_pages =
        [Role::Token, Role::Directory].map(|owner| endpoints(owner, Arc::new(NoEndpoints)).expect("a method"));
    let owners = [Role::Registry, Role::Directory, Role::Authorization, Role::Token, Role::Webhooks];
    let of_health = owners.map(|owner| health(owner, Arc::new(NoNeeds)).expect("a method"));
    [
        of_pages.to_vec(),
        of_health.to_vec(),
        methods::<dyn Registry>(Arc::clone(&ports.registry)),
        methods::<dyn grantor_ports::RegistryAdmin>(Arc::clone(&ports.registry_admin)),
        methods::<dyn Directory>(Arc::clone(&ports.directory)),
        methods::<dyn grantor_ports::DirectoryAdmin>(Arc::clone(&ports.directory_admin)),
        methods::<dyn Tokens>(Arc::clone(&ports.tokens)),
        methods::<dyn grantor_ports::TokenAdmin>(Arc::clone(&ports.token_admin)),
        methods::<dyn grantor_ports::Sessions>(Arc::clone(&ports.sessions)),
        methods::<dyn grantor_ports::Flows>(Arc::clone(&ports.flows)),
        methods::<dyn grantor_ports::Webhooks>(Arc::clone(&ports.webhooks)),
        methods::<dyn grantor_ports::WebhookDeliveries>(Arc::clone(&ports.webhook_deliveries)),
        methods::<dyn grantor_ports::Mailer>(Arc::clone(&ports.mailer)),
    ]
    .concat()
}
