//! The services of one process, each with the ports it needs.

use std::{sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use grantor_authorization::{Authorization, AuthorizationDeps};
use grantor_console::{Console, ConsoleDeps, Mailbox, Process};
use grantor_copies::Copies;
use grantor_crypto::{PasswordHasher, RootKeys};
use grantor_demo_api::DemoApi;
use grantor_directory::{Directory, DirectoryDeps};
use grantor_egress::{CallClient, Reach, SmtpConfig, SmtpMailer, TenantMailer};
use grantor_ports::{
    Banks, Clock, Directory as DirectoryPort, DirectoryAdmin, Drilled, Endpoints, Entropy, Flows, Health, Mailer,
    NoBanks, Registry as RegistryPort, RegistryAdmin, Sessions, TokenAdmin, Tokens, WebhookDeliveries,
    Webhooks as WebhooksPort,
};
use grantor_registry::{Registry, RegistryDeps};
use grantor_remote::{Method, RemoteEndpoints, Role, endpoints, health, methods};
use grantor_sandbox_bank::{SandboxBanks, SandboxDeps};
use grantor_store::Store;
use grantor_telemetry::Metrics;
use grantor_token::{Token, TokenDeps};
use grantor_web::{OwnEndpoints, Route};
use grantor_webhooks::{Rate, Webhooks, WebhooksDeps};

use crate::{Roles, StartError, Stores, neighbours::Neighbours, wiring::Wiring};

/// What every service gets from the house.
pub(crate) struct House {
    pub(crate) stores: Stores,
    pub(crate) keys: Arc<RootKeys>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) metrics: Metrics,
    pub(crate) neighbours: Neighbours,
    /// How far connections of a tenant's choice may go.
    pub(crate) reach: Reach,
    /// Calls of endpoints of a partner's choice.
    pub(crate) calls: Arc<CallClient>,
    pub(crate) max_per_second: Option<Rate>,
    /// Passes their points.
    pub(crate) drill: Drilled,
    /// How long the owner of a status may take.
    pub(crate) patience: Duration,
    /// The tenants' endpoints in this process, for the API explorer.
    pub(crate) own_endpoints: OwnEndpoints,
}

/// The services that this process runs.
#[derive(Default)]
pub(crate) struct Services {
    pub(crate) registry: Option<Arc<Registry>>,
    pub(crate) directory: Option<Arc<Directory>>,
    pub(crate) token: Option<Arc<Token>>,
    pub(crate) authorization: Option<Arc<Authorization>>,
    pub(crate) console: Option<Arc<Console>>,
    pub(crate) webhooks: Option<Arc<Webhooks>>,
    pub(crate) demo_api: Option<Arc<DemoApi>>,
    /// Where the dispatcher finds tenants.
    pub(crate) tenants: Option<Arc<dyn RegistryPort>>,
}

/// What a job is called, and the job.
pub(crate) type Job = (&'static str, BoxFuture<'static, ()>);

impl House {
    /// Builds those whose databases are open, and binds their ports.
    pub(crate) fn services(
        &self,
        hasher: PasswordHasher,
        smtp: Option<&SmtpConfig>,
        roles: &Roles,
        own_health: &Arc<dyn Health>,
    ) -> Result<Services, StartError> {
        let demo_api = roles.has(Role::DemoApi);
        let mut services = Services::default();
        let own = &self.neighbours.own;
        if let Some(store) = self.stores.get(Role::Registry) {
            let registry = self.registry(store);
            own.registry.bind(registry.clone());
            own.registry_admin.bind(registry.clone());
            services.tenants = Some(registry.clone());
            services.registry = Some(registry);
        }
        if let Some(store) = self.stores.get(Role::Directory) {
            let directory = self.directory(store, hasher, smtp)?;
            own.directory.bind(directory.clone());
            own.directory_admin.bind(directory.clone());
            services.tenants.get_or_insert(self.neighbours.seen_by(Role::Directory).registry);
            services.directory = Some(directory);
        }
        if let Some(store) = self.stores.get(Role::Authorization) {
            let copies = self.copies(store, Role::Authorization);
            let banks = self.banks(smtp, demo_api)?;
            let authorization = self.authorization(store, Arc::clone(&copies), banks);
            own.sessions.bind(authorization.clone());
            own.flows.bind(authorization.clone());
            services.tenants = Some(copies);
            services.authorization = Some(authorization);
        }
        if let Some(store) = self.stores.get(Role::Token) {
            let copies = self.copies(store, Role::Token);
            let token = self.token(store, Arc::clone(&copies));
            own.tokens.bind(token.clone());
            own.token_admin.bind(token.clone());
            services.tenants = Some(copies);
            services.token = Some(token);
        }
        if let Some(store) = self.stores.get(Role::Console) {
            let mailbox = smtp.is_none().then(|| Mailbox::new(store.clone(), Arc::clone(&self.keys)));
            if let Some(mailbox) = &mailbox {
                own.mailer.bind(mailbox.clone());
            }
            let here = Process { services: roles.iter().map(Role::name).collect(), health: Arc::clone(own_health) };
            services.console = Some(self.console(store, here, mailbox, smtp)?);
        }
        if let Some(store) = self.stores.get(Role::Webhooks) {
            services.tenants.get_or_insert(self.neighbours.seen_by(Role::Webhooks).registry);
            let webhooks = self.webhooks(store);
            own.webhooks.bind(webhooks.endpoints());
            own.webhook_deliveries.bind(webhooks.deliveries());
            services.webhooks = Some(webhooks);
        }
        if demo_api {
            let ports = self.neighbours.seen_by(Role::DemoApi);
            services.demo_api = Some(DemoApi::new(ports.tokens, ports.flows, Arc::clone(&self.clock)));
            services.tenants.get_or_insert(ports.registry);
        }
        Ok(services)
    }

    fn registry(&self, store: &Store) -> Arc<Registry> {
        let ports = self.neighbours.seen_by(Role::Registry);
        Registry::new(RegistryDeps {
            store: store.clone(),
            clock: Arc::clone(&self.clock),
            entropy: Arc::clone(&self.entropy),
            root: Arc::clone(&self.keys),
            sessions: ports.sessions,
            directory: ports.directory,
            tokens: ports.tokens,
            webhooks: ports.webhooks,
            webhook_deliveries: ports.webhook_deliveries,
            own: self.own_endpoints.and(self.endpoints_elsewhere()),
        })
    }

    /// Endpoints that the registry's pages call and other processes serve.
    fn endpoints_elsewhere(&self) -> Vec<Arc<dyn Endpoints>> {
        let of = |owner| RemoteEndpoints::of(owner, self.neighbours.caller(Role::Registry, owner)?);
        let found = [Role::Token, Role::Directory].into_iter().filter_map(of);
        found.map(|endpoints| Arc::new(endpoints) as Arc<dyn Endpoints>).collect()
    }

    fn directory(
        &self,
        store: &Store,
        hasher: PasswordHasher,
        smtp: Option<&SmtpConfig>,
    ) -> Result<Arc<Directory>, StartError> {
        let ports = self.neighbours.seen_by(Role::Directory);
        let mailer = self.mailer(smtp, ports.mailer, &ports.registry)?;
        Ok(Directory::new(DirectoryDeps {
            store: store.clone(),
            clock: Arc::clone(&self.clock),
            entropy: Arc::clone(&self.entropy),
            keys: Arc::clone(&self.keys),
            mailer,
            tenants: ports.registry,
            tokens: ports.tokens,
            hasher,
            metrics: self.metrics.clone(),
        }))
    }

    fn copies(&self, store: &Store, of: Role) -> Arc<Copies> {
        let ports = self.neighbours.seen_by(of);
        Arc::new(Copies::new(store.clone(), ports.registry, Some(ports.directory)).with_patience(self.patience))
    }

    /// The way to banks: made-up ones beside the demo's API, else none.
    fn banks(&self, smtp: Option<&SmtpConfig>, sandbox: bool) -> Result<Arc<dyn Banks>, StartError> {
        if !sandbox {
            return Ok(Arc::new(NoBanks));
        }
        let ports = self.neighbours.seen_by(Role::Authorization);
        Ok(SandboxBanks::new(SandboxDeps {
            mailer: self.mailer(smtp, ports.mailer, &ports.registry)?,
            tenants: ports.registry,
            clock: Arc::clone(&self.clock),
            entropy: Arc::clone(&self.entropy),
        }))
    }

    fn authorization(&self, store: &Store, copies: Arc<Copies>, banks: Arc<dyn Banks>) -> Arc<Authorization> {
        let ports = self.neighbours.seen_by(Role::Authorization);
        Authorization::new(AuthorizationDeps {
            store: store.clone(),
            clock: Arc::clone(&self.clock),
            entropy: Arc::clone(&self.entropy),
            root: Arc::clone(&self.keys),
            copies,
            directory: ports.directory,
            tokens: ports.tokens,
            banks,
        })
    }

    fn token(&self, store: &Store, copies: Arc<Copies>) -> Arc<Token> {
        let ports = self.neighbours.seen_by(Role::Token);
        Token::new(TokenDeps {
            store: store.clone(),
            clock: Arc::clone(&self.clock),
            entropy: Arc::clone(&self.entropy),
            root_keys: Arc::clone(&self.keys),
            copies,
            directory: ports.directory,
            metrics: self.metrics.token(),
        })
    }

    fn console(
        &self,
        store: &Store,
        here: Process,
        mailbox: Option<Arc<Mailbox>>,
        smtp: Option<&SmtpConfig>,
    ) -> Result<Arc<Console>, StartError> {
        let ports = self.neighbours.seen_by(Role::Console);
        Ok(Console::new(ConsoleDeps {
            mailer: self.mailer(smtp, ports.mailer, &ports.registry)?,
            store: store.clone(),
            clock: Arc::clone(&self.clock),
            entropy: Arc::clone(&self.entropy),
            keys: Arc::clone(&self.keys),
            registry: ports.registry,
            registry_admin: ports.registry_admin,
            directory_admin: ports.directory_admin,
            token_admin: ports.token_admin,
            tokens: ports.tokens,
            flows: ports.flows,
            webhooks: ports.webhooks,
            webhook_deliveries: ports.webhook_deliveries,
            metrics: self.metrics.clone(),
            here,
            elsewhere: self.neighbours.processes(),
            mailbox,
        }))
    }

    fn webhooks(&self, store: &Store) -> Arc<Webhooks> {
        let ports = self.neighbours.seen_by(Role::Webhooks);
        Webhooks::new(WebhooksDeps {
            store: store.clone(),
            clock: Arc::clone(&self.clock),
            entropy: Arc::clone(&self.entropy),
            root: Arc::clone(&self.keys),
            copies: self.copies(store, Role::Webhooks),
            tenants: ports.registry,
            calls: Arc::clone(&self.calls),
            max_per_second: self.max_per_second,
            metrics: self.metrics.webhook(),
            drill: self.drill.clone(),
        })
    }

    /// A tenant's own mail server; for others the one that is set up, or who takes mails where
    /// none is.
    fn mailer(
        &self,
        smtp: Option<&SmtpConfig>,
        otherwise: Arc<dyn Mailer>,
        tenants: &Arc<dyn RegistryPort>,
    ) -> Result<Arc<dyn Mailer>, StartError> {
        let shared: Arc<dyn Mailer> = match smtp.map(SmtpMailer::new).transpose() {
            Ok(Some(mailer)) => Arc::new(mailer),
            Ok(None) => otherwise,
            Err(cause) => return Err(StartError::setting("smtp", cause.to_string())),
        };
        Ok(Arc::new(TenantMailer::new(Arc::clone(tenants), shared, self.reach)))
    }
}

impl Services {
    /// The services with a database that are here.
    fn here(&self) -> impl Iterator<Item = Role> {
        let here = [
            (Role::Registry, self.registry.is_some()),
            (Role::Directory, self.directory.is_some()),
            (Role::Authorization, self.authorization.is_some()),
            (Role::Token, self.token.is_some()),
            (Role::Webhooks, self.webhooks.is_some()),
        ];
        here.into_iter().filter_map(|(role, here)| here.then_some(role))
    }

    /// What faces tenants.
    pub(crate) fn routes(&self) -> Vec<Route> {
        let mut routes = Vec::new();
        routes.extend(self.registry.iter().flat_map(Registry::routes));
        routes.extend(self.authorization.iter().flat_map(Authorization::routes));
        routes.extend(self.token.iter().flat_map(Token::routes));
        routes.extend(self.directory.iter().flat_map(Directory::routes));
        routes.extend(self.demo_api.iter().flat_map(DemoApi::routes));
        routes
    }

    /// Who follows which log.
    pub(crate) fn follow(&self, wiring: &mut Wiring<'_>) -> Result<(), StartError> {
        if let Some(registry) = &self.registry {
            wiring.consumers(Role::Registry, registry.consumers())?;
        }
        if let Some(directory) = &self.directory {
            wiring.consumers(Role::Directory, directory.consumers())?;
        }
        if let Some(token) = &self.token {
            wiring.consumers(Role::Token, token.consumers())?;
        }
        if let Some(authorization) = &self.authorization {
            wiring.consumers(Role::Authorization, authorization.consumers())?;
        }
        if let Some(console) = &self.console {
            wiring.consumers(Role::Console, console.consumers())?;
        }
        if let Some(webhooks) = &self.webhooks {
            wiring.consumers(Role::Webhooks, webhooks.consumers())?;
        }
        Ok(())
    }

    /// What runs for ever.
    pub(crate) fn jobs(&self) -> Vec<Job> {
        let mut jobs = Vec::new();
        jobs.extend(self.registry.iter().flat_map(Registry::jobs));
        jobs.extend(self.directory.iter().flat_map(Directory::jobs));
        jobs.extend(self.token.iter().flat_map(Token::jobs));
        jobs.extend(self.authorization.iter().flat_map(Authorization::jobs));
        jobs.extend(self.webhooks.iter().flat_map(Webhooks::jobs));
        jobs
    }

    /// What other processes may ask of them.
    pub(crate) fn answers(
        &self,
        own: &crate::neighbours::Own,
        pages: &OwnEndpoints,
        own_health: &Arc<dyn Health>,
    ) -> Vec<Method> {
        let mut all: Vec<_> = self.here().filter_map(|role| health(role, Arc::clone(own_health))).collect();
        all.extend(self.here().filter_map(|role| endpoints(role, Arc::new(pages.clone()))));
        if let Some(registry) = &self.registry {
            all.extend(methods::<dyn RegistryPort>(registry.clone()));
            all.extend(methods::<dyn RegistryAdmin>(registry.clone()));
        }
        if let Some(directory) = &self.directory {
            all.extend(methods::<dyn DirectoryPort>(directory.clone()));
            all.extend(methods::<dyn DirectoryAdmin>(directory.clone()));
        }
        if let Some(token) = &self.token {
            all.extend(methods::<dyn Tokens>(token.clone()));
            all.extend(methods::<dyn TokenAdmin>(token.clone()));
        }
        if let Some(authorization) = &self.authorization {
            all.extend(methods::<dyn Sessions>(authorization.clone()));
            all.extend(methods::<dyn Flows>(authorization.clone()));
        }
        if self.console.is_some() {
            all.extend(methods::<dyn Mailer>(own.mailer.clone()));
        }
        if self.webhooks.is_some() {
            all.extend(methods::<dyn WebhooksPort>(own.webhooks.clone()));
            all.extend(methods::<dyn WebhookDeliveries>(own.webhook_deliveries.clone()));
        }
        all
    }
}
