//! Who stands behind a port: a service of this process, or a peer.

use std::{collections::BTreeMap, sync::Arc};

use grantor_console::Process;
use grantor_crypto::InternalKeys;
use grantor_egress::{PeerClient, PeerConfigError, PeerTls};
use grantor_ports::{
    Directory, DirectoryAdmin, Flows, Mailer, Registry, RegistryAdmin, Sessions, SystemClock, TokenAdmin, Tokens,
    WebhookDeliveries, Webhooks,
};
use grantor_remote::{Caller, Deadlines, Late, Peer, Remote, RemoteHealth, Role};
use grantor_telemetry::PeerMetrics;

use crate::{Roles, StartError};

/// How this process and others reach each other.
pub struct Internal {
    /// How they know each other.
    pub keys: InternalKeys,
    /// Base URLs of the processes that run other services.
    pub peers: BTreeMap<Role, String>,
    /// Certificates, beyond one machine.
    pub tls: Option<PeerTls>,
    /// How long calls may take.
    pub deadlines: Deadlines,
}

/// Every port, as one service sees it.
#[derive(Clone)]
pub struct Ports {
    /// Tenants and clients, found.
    pub registry: Arc<dyn Registry>,
    /// Tenants and clients, commanded.
    pub registry_admin: Arc<dyn RegistryAdmin>,
    /// Users and passwords.
    pub directory: Arc<dyn Directory>,
    /// Users, commanded.
    pub directory_admin: Arc<dyn DirectoryAdmin>,
    /// Grants, codes and tokens.
    pub tokens: Arc<dyn Tokens>,
    /// Keys and grants, commanded.
    pub token_admin: Arc<dyn TokenAdmin>,
    /// Who owns a session.
    pub sessions: Arc<dyn Sessions>,
    /// What became of a flow.
    pub flows: Arc<dyn Flows>,
    /// Where partners are told what happens.
    pub webhooks: Arc<dyn Webhooks>,
    /// What became of the telling.
    pub webhook_deliveries: Arc<dyn WebhookDeliveries>,
    /// Takes mails where no mail server is set up.
    pub mailer: Arc<dyn Mailer>,
}

/// The ports of this process' own services; each is bound once its service is there.
#[derive(Default, Clone)]
pub(crate) struct Own {
    pub(crate) registry: Arc<Late<dyn Registry>>,
    pub(crate) registry_admin: Arc<Late<dyn RegistryAdmin>>,
    pub(crate) directory: Arc<Late<dyn Directory>>,
    pub(crate) directory_admin: Arc<Late<dyn DirectoryAdmin>>,
    pub(crate) tokens: Arc<Late<dyn Tokens>>,
    pub(crate) token_admin: Arc<Late<dyn TokenAdmin>>,
    pub(crate) sessions: Arc<Late<dyn Sessions>>,
    pub(crate) flows: Arc<Late<dyn Flows>>,
    pub(crate) webhooks: Arc<Late<dyn Webhooks>>,
    pub(crate) webhook_deliveries: Arc<Late<dyn WebhookDeliveries>>,
    pub(crate) mailer: Arc<Late<dyn Mailer>>,
}

/// Releases them when the platform is dropped.
pub(crate) struct Released(pub(crate) Own);

impl Drop for Released {
    fn drop(&mut self) {
        let Own {
            registry,
            registry_admin,
            directory,
            directory_admin,
            tokens,
            token_admin,
            sessions,
            flows,
            webhooks,
            webhook_deliveries,
            mailer,
        } = &self.0;
        registry.release();
        registry_admin.release();
        directory.release();
        directory_admin.release();
        tokens.release();
        token_admin.release();
        sessions.release();
        flows.release();
        webhooks.release();
        webhook_deliveries.release();
        mailer.release();
    }
}

/// All whom the services of this process may ask.
pub(crate) struct Neighbours {
    pub(crate) own: Own,
    keys: Option<InternalKeys>,
    peers: BTreeMap<Role, Arc<Peer>>,
    /// The base URL of each of them.
    places: BTreeMap<Role, String>,
}

impl Neighbours {
    /// Refuses a process that asks somebody it cannot reach.
    pub(crate) fn new(
        roles: &Roles,
        mails: bool,
        internal: Option<&Internal>,
        metrics: &PeerMetrics,
    ) -> Result<Self, StartError> {
        let (mut peers, mut places) = (BTreeMap::new(), BTreeMap::new());
        for owner in roles.strangers(mails) {
            let setting = setting(owner);
            let at = internal.and_then(|internal| internal.peers.get(&owner).map(|at| (internal, at)));
            let Some((internal, at)) = at else {
                let problem = format!("is missing: this process asks the service `{owner}`, and does not run it");
                return Err(StartError::setting(setting, problem));
            };
            let client = PeerClient::new(at, internal.tls.as_ref()).map_err(|cause| match cause {
                PeerConfigError::Address(_) => StartError::setting(setting, cause.to_string()),
                PeerConfigError::Tls(_) => StartError::setting("internal.tls", cause.to_string()),
            })?;
            for caller in roles.iter() {
                if internal.keys.pair(caller.name(), owner.name()).is_none() {
                    let problem = format!("holds no key for calls from `{caller}` to `{owner}`");
                    return Err(StartError::setting("internal.key", problem));
                }
            }
            // Signatures and leases go by the machine's time, whatever the tenants' clocks say.
            let clock = Arc::new(SystemClock);
            places.insert(owner, at.trim_end_matches('/').to_owned());
            peers.insert(owner, Peer::new(owner, client, clock, internal.deadlines, metrics.clone()));
        }
        Ok(Self { own: Own::default(), keys: internal.map(|internal| internal.keys.clone()), peers, places })
    }

    /// A peer as one service calls it; `None` when that is no peer of this process.
    pub(crate) fn caller(&self, caller: Role, owner: Role) -> Option<Caller> {
        let (peer, keys) = (self.peers.get(&owner)?, self.keys.as_ref()?);
        Some(Caller::new(Arc::clone(peer), caller, keys.pair(caller.name(), owner.name())?))
    }

    /// The processes of the peers that the console asks. Services at one address are one process.
    pub(crate) fn processes(&self) -> Vec<Process> {
        let mut found: BTreeMap<&str, Vec<Role>> = BTreeMap::new();
        self.places.iter().for_each(|(role, at)| found.entry(at).or_default().push(*role));
        let process = |roles: Vec<Role>| {
            let asked = *roles.first()?;
            let health = RemoteHealth::of(asked, self.caller(Role::Console, asked)?)?;
            Some(Process { services: roles.into_iter().map(Role::name).collect(), health: Arc::new(health) })
        };
        found.into_values().filter_map(process).collect()
    }

    /// Every port as this service sees it. One that the process has no business with, and that
    /// nobody here owns, is unavailable.
    pub(crate) fn seen_by(&self, caller: Role) -> Ports {
        macro_rules! port {
            ($own:ident, $owner:ident) => {
                match self.caller(caller, Role::$owner) {
                    Some(peer) => Arc::new(Remote::new(peer)),
                    None => Arc::clone(&self.own.$own) as _,
                }
            };
        }
        Ports {
            registry: port!(registry, Registry),
            registry_admin: port!(registry_admin, Registry),
            directory: port!(directory, Directory),
            directory_admin: port!(directory_admin, Directory),
            tokens: port!(tokens, Token),
            token_admin: port!(token_admin, Token),
            sessions: port!(sessions, Authorization),
            flows: port!(flows, Authorization),
            webhooks: port!(webhooks, Webhooks),
            webhook_deliveries: port!(webhook_deliveries, Webhooks),
            mailer: port!(mailer, Console),
        }
    }
}

/// The setting that says where a service is.
const fn setting(owner: Role) -> &'static str {
    match owner {
        Role::Registry => "internal.peers.registry",
        Role::Directory => "internal.peers.directory",
        Role::Authorization => "internal.peers.authorization",
        Role::Token => "internal.peers.token",
        Role::Console => "internal.peers.console",
        Role::Webhooks => "internal.peers.webhooks",
        Role::DemoApi => "internal.peers.demo-api",
    }
}
