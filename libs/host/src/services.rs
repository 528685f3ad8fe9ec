//! The services of one process, each with the ports it needs.

use std::sync::Arc;

use grantor_authorization::{Authorization, AuthorizationDeps};
use grantor_console::{Console, ConsoleDeps, Mailbox, Readiness};
use grantor_copies::Copies;
use grantor_crypto::{PasswordHasher, RootKeys};
use grantor_directory::{Directory, DirectoryDeps};
use grantor_egress::{SmtpConfig, SmtpMailer};
use grantor_ports::{Clock, Entropy, Mailer, Registry as RegistryPort};
use grantor_registry::{Registry, RegistryDeps};
use grantor_store::Store;
use grantor_telemetry::Metrics;
use grantor_token::{Token, TokenDeps};

use crate::{StartError, Stores, late::Late};

/// What every service gets from the house.
pub(crate) struct House {
    pub(crate) stores: Stores,
    pub(crate) keys: Arc<RootKeys>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) metrics: Metrics,
}

/// The services that face tenants.
pub(crate) struct Services {
    pub(crate) registry: Arc<Registry>,
    pub(crate) directory: Arc<Directory>,
    pub(crate) token: Arc<Token>,
    pub(crate) authorization: Arc<Authorization>,
    /// The token service's copies; the dispatcher finds tenants in them.
    pub(crate) copies: Arc<Copies>,
    pub(crate) mailbox: Option<Arc<Mailbox>>,
}

/// Who takes mails, and the mailbox if it is that.
type Mail = (Arc<dyn Mailer>, Option<Arc<Mailbox>>);

impl House {
    /// Builds them. The registry asks who owns a session, and sessions need the registry: that
    /// port, and the directory's, are bound last.
    pub(crate) fn services(&self, hasher: PasswordHasher, smtp: Option<&SmtpConfig>) -> Result<Services, StartError> {
        let (clock, entropy, keys) = (&self.clock, &self.entropy, &self.keys);
        let sessions: Arc<Late<dyn grantor_ports::Sessions>> = Arc::default();
        let people: Arc<Late<dyn grantor_ports::Directory>> = Arc::default();
        let registry = Registry::new(RegistryDeps {
            store: self.stores.registry.clone(),
            clock: Arc::clone(clock),
            entropy: Arc::clone(entropy),
            sessions: Arc::clone(&sessions) as _,
            directory: Arc::clone(&people) as _,
        });
        let (mailer, mailbox) = self.mail(smtp)?;
        let directory = Directory::new(DirectoryDeps {
            store: self.stores.directory.clone(),
            clock: Arc::clone(clock),
            entropy: Arc::clone(entropy),
            keys: Arc::clone(keys),
            mailer,
            tenants: registry.clone(),
            hasher,
            metrics: self.metrics.clone(),
        });
        let copies = |store: &Store| {
            let (registry, directory): (Arc<dyn RegistryPort>, Arc<dyn grantor_ports::Directory>) =
                (registry.clone(), directory.clone());
            Arc::new(Copies::new(store.clone(), registry, Some(directory)))
        };
        let token_copies = copies(&self.stores.token);
        let token = Token::new(TokenDeps {
            store: self.stores.token.clone(),
            clock: Arc::clone(clock),
            entropy: Arc::clone(entropy),
            root_keys: Arc::clone(keys),
            copies: Arc::clone(&token_copies),
            directory: directory.clone(),
            metrics: self.metrics.token(),
        });
        let authorization = Authorization::new(AuthorizationDeps {
            store: self.stores.authorization.clone(),
            clock: Arc::clone(clock),
            entropy: Arc::clone(entropy),
            root: Arc::clone(keys),
            copies: copies(&self.stores.authorization),
            directory: directory.clone(),
            tokens: token.clone(),
        });
        sessions.bind(authorization.clone());
        people.bind(directory.clone());
        Ok(Services { registry, directory, token, authorization, copies: token_copies, mailbox })
    }

    /// The console, which commands the others.
    pub(crate) fn console(&self, services: &Services, readiness: Readiness) -> Arc<Console> {
        Console::new(ConsoleDeps {
            store: self.stores.console.clone(),
            clock: Arc::clone(&self.clock),
            entropy: Arc::clone(&self.entropy),
            keys: Arc::clone(&self.keys),
            registry: services.registry.clone(),
            registry_admin: services.registry.clone(),
            directory_admin: services.directory.clone(),
            token_admin: services.token.clone(),
            metrics: self.metrics.clone(),
            readiness,
            mailbox: services.mailbox.clone(),
        })
    }

    /// A mail server where one is set up, else the mailbox.
    fn mail(&self, smtp: Option<&SmtpConfig>) -> Result<Mail, StartError> {
        if let Some(config) = smtp {
            let mailer = SmtpMailer::new(config).map_err(|cause| StartError::setting("smtp", cause.to_string()))?;
            return Ok((Arc::new(mailer), None));
        }
        let mailbox = Mailbox::new(self.stores.console.clone(), Arc::clone(&self.keys));
        Ok((mailbox.clone(), Some(mailbox)))
    }
}
