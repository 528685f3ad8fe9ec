use std::{collections::HashMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::TimeDelta;
use futures_util::future::try_join;
use grantor_eventsourcing::{Timestamp, Version};
use grantor_ids::{TenantId, UserId};
use grantor_ports::{
    AuthorityRole, ClientView, Clock, Directory, MailPassword, PortError, Registry, TenantView, UserStatus,
};
use grantor_store::{CopyChange, Store, Write};
use moka::sync::Cache;
use parking_lot::Mutex;
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use crate::{
    consumer::{CopyConsumer, tenant_keys},
    flight::Flight,
};

pub(crate) const TENANT: &str = "tenant";
pub(crate) const CLIENT: &str = "client";
pub(crate) const USER: &str = "user";
pub(crate) const SLUG: &str = "slug";
pub(crate) const AUTHORITY: &str = "authority";
/// Slugs and authorities are unique over all tenants.
pub(crate) const EVERYWHERE: TenantId = TenantId::from_uuid(Uuid::nil());

/// A copy older than this asks the owner (event-sourcing, section 6).
const STALE_AFTER: TimeDelta = TimeDelta::seconds(30);
/// How long the owner may take then, unless told otherwise.
const OWNER_TIMEOUT: Duration = Duration::from_millis(200);
/// How long "the owner does not know it either" is believed.
const UNKNOWN_FOR: Duration = Duration::from_secs(1);

/// When each source was last followed to its end.
#[derive(Default)]
pub struct Freshness(Mutex<HashMap<String, Timestamp>>);

impl Freshness {
    pub(crate) fn mark(&self, source: &str, now: Timestamp) {
        let mut marks = self.0.lock();
        match marks.get_mut(source) {
            Some(mark) => *mark = now.max(*mark),
            None => drop(marks.insert(source.to_owned(), now)),
        }
    }

    fn stale(&self, source: &str, now: Timestamp) -> bool {
        self.0.lock().get(source).is_none_or(|mark| now - *mark > STALE_AFTER)
    }
}

/// The copies of one service. Answers as the owners would, from its own database.
pub struct Copies {
    store: Store,
    clock: Arc<dyn Clock>,
    registry: Arc<dyn Registry>,
    directory: Option<Arc<dyn Directory>>,
    freshness: Arc<Freshness>,
    tenants: Cache<TenantId, (Version, Arc<TenantView>)>,
    clients: Cache<(TenantId, String), (Version, Arc<ClientView>)>,
    /// Where slugs and authorities led when they were last asked for: a guess, never an answer.
    led_to: Cache<(&'static str, String), TenantId>,
    unknown: Cache<Unknown, ()>,
    asked_tenants: Flight<Unknown, Option<Arc<TenantView>>>,
    asked_clients: Flight<Unknown, Option<Arc<ClientView>>>,
    asked_users: Flight<(TenantId, UserId), Option<UserStatus>>,
    patience: Duration,
}

/// What a copy does not know.
type Unknown = (TenantId, &'static str, String);

impl Copies {
    /// Copies in `store`, read through from their owners. `directory` is for services that
    /// look at users.
    pub fn new(store: Store, registry: Arc<dyn Registry>, directory: Option<Arc<dyn Directory>>) -> Self {
        Self {
            clock: Arc::clone(store.clock()),
            store,
            registry,
            directory,
            freshness: Arc::default(),
            tenants: Cache::new(10_000),
            clients: Cache::new(50_000),
            led_to: Cache::new(10_000),
            unknown: Cache::builder().max_capacity(10_000).time_to_live(UNKNOWN_FOR).build(),
            asked_tenants: Flight::new(),
            asked_clients: Flight::new(),
            asked_users: Flight::new(),
            patience: OWNER_TIMEOUT,
        }
    }

    /// The same; an owner who is asked for a status may take so long.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// The consumer that keeps them up to date; follows the owners' facts.
    pub fn consumer(&self) -> CopyConsumer {
        CopyConsumer::new(Arc::clone(&self.clock), Arc::clone(&self.freshness))
    }

    /// Whether a user may act; `None` when the copy has no row, which counts as active.
    /// A copy not heard of for 30 s asks the owner; `Err` when that fails too.
    pub async fn user_status(&self, tenant: TenantId, user: UserId) -> Result<Option<UserStatus>, PortError> {
        if let Some(directory) = &self.directory
            && self.freshness.stale("directory.facts", self.clock.real())
        {
            let status = async {
                let answer = tokio::time::timeout(self.patience, directory.status(tenant, user)).await;
                let answer = answer.map_err(|_| PortError::Unavailable)??;
                if let Some(status) = &answer {
                    self.keep_status(tenant, status).await?;
                }
                Ok(answer)
            };
            return self.asked_users.ask((tenant, user), status).await;
        }
        self.last_user_status(tenant, user).await
    }

    /// Remembers what the owner said: the copy may soon be fresh again and yet end before that (I9: who
    /// was locked once stays it).
    async fn keep_status(&self, tenant: TenantId, status: &UserStatus) -> Result<(), PortError> {
        let key = status.user.to_string();
        match self.store.steady_copy(tenant, USER, &key, None).await? {
            Some(known) if known.version >= status.version => Ok(()),
            _ => self.keep(tenant, USER, key, status.version, status).await,
        }
    }

    /// What was last heard of a user, however long ago.
    pub async fn last_user_status(&self, tenant: TenantId, user: UserId) -> Result<Option<UserStatus>, PortError> {
        let Some(copied) = self.store.steady_copy(tenant, USER, &user.to_string(), None).await? else {
            return Ok(None);
        };
        copied.data.as_deref().map(read).transpose()
    }

    /// The client, asked of its owner even if the copy knows it: before `invalid_client` or
    /// `unauthorized_client` is answered. One that is known is asked for every time, since its owner
    /// may have changed its mind (FF-09: an approval takes effect at once).
    pub async fn client_of_owner(
        &self,
        tenant: TenantId,
        client_id: &str,
    ) -> Result<Option<Arc<ClientView>>, PortError> {
        let key = (tenant, CLIENT, client_id.to_owned());
        if self.unknown.contains_key(&key) {
            return self.cached_client(tenant, client_id).await;
        }
        let ask = async {
            let found = self.registry.client(tenant, client_id).await?;
            match &found {
                Some(view) => self.keep(tenant, CLIENT, client_id.to_owned(), view.version, view.as_ref()).await?,
                None => self.unknown.insert(key.clone(), ()),
            }
            Ok(found)
        };
        self.asked_clients.ask(key.clone(), ask).await
    }

    async fn cached_client(&self, tenant: TenantId, client_id: &str) -> Result<Option<Arc<ClientView>>, PortError> {
        let key = (tenant, client_id.to_owned());
        let kept = self.clients.get(&key);
        let known = kept.as_ref().map(|(version, _)| *version);
        let Some(copied) = self.store.steady_copy(tenant, CLIENT, client_id, known).await? else { return Ok(None) };
        if let Some((version, view)) = kept
            && version == copied.version
        {
            return Ok(Some(view));
        }
        let Some(data) = copied.data else { return Ok(None) };
        let view: Arc<ClientView> = Arc::new(read(&data)?);
        self.clients.insert(key, (copied.version, Arc::clone(&view)));
        Ok(Some(view))
    }

    async fn cached_tenant(&self, tenant: TenantId) -> Result<Option<Arc<TenantView>>, PortError> {
        let key = tenant.to_string();
        let kept = self.tenants.get(&tenant);
        let known = kept.as_ref().map(|(version, _)| *version);
        let Some(copied) = self.store.steady_copy(tenant, TENANT, &key, known).await? else { return Ok(None) };
        if let Some((version, view)) = kept
            && version == copied.version
        {
            view.tell(self.clock.as_ref());
            return Ok(Some(view));
        }
        let Some(data) = copied.data else { return Ok(None) };
        let view: Arc<TenantView> = Arc::new(read(&data)?);
        view.tell(self.clock.as_ref());
        self.tenants.insert(tenant, (copied.version, Arc::clone(&view)));
        Ok(Some(view))
    }

    /// The tenant that a slug or an authority leads to, if the copy knows it.
    async fn tenant_by_key(&self, kind: &'static str, key: &str) -> Result<Option<Arc<TenantView>>, PortError> {
        let place = (kind, key.to_owned());
        let guess = self.led_to.get(&place);
        let copied = async { Ok(self.store.steady_copy(EVERYWHERE, kind, key, None).await?) };
        let guessed = async {
            match guess {
                Some(id) => self.cached_tenant(id).await,
                None => Ok(None),
            }
        };
        // Asked for together, they share a read.
        let (copied, guessed) = try_join(copied, guessed).await?;
        let id = copied.and_then(|copied| std::str::from_utf8(&copied.data?).ok()?.parse().ok());
        match id {
            Some(id) if guess == Some(id) => Ok(guessed),
            Some(id) => {
                self.led_to.insert(place, id);
                self.cached_tenant(id).await
            }
            None => Ok(None),
        }
    }

    async fn keep_tenant(&self, view: &TenantView) -> Result<(), PortError> {
        view.tell(self.clock.as_ref());
        let mut copies = tenant_keys(view);
        copies.push(CopyChange {
            tenant: view.id,
            kind: TENANT,
            key: view.id.to_string(),
            version: view.version,
            data: Some(write(view)?),
        });
        self.commit(copies).await
    }

    async fn keep(
        &self,
        tenant: TenantId,
        kind: &'static str,
        key: String,
        version: Version,
        view: &impl Serialize,
    ) -> Result<(), PortError> {
        self.commit(vec![CopyChange { tenant, kind, key, version, data: Some(write(view)?) }]).await
    }

    async fn commit(&self, copies: Vec<CopyChange>) -> Result<(), PortError> {
        self.store.commit(Write { copies, ..Write::default() }).await.map(drop).map_err(|_| PortError::Unavailable)
    }

    /// Asks once for all who wait, and not again for a second when the answer was "no".
    async fn read_through(
        &self,
        kind: &'static str,
        key: &str,
        ask: impl Future<Output = Result<Option<Arc<TenantView>>, PortError>>,
    ) -> Result<Option<Arc<TenantView>>, PortError> {
        let unknown = (EVERYWHERE, kind, key.to_owned());
        if self.unknown.contains_key(&unknown) {
            return Ok(None);
        }
        let ask = async {
            let found = ask.await?;
            match &found {
                Some(view) => self.keep_tenant(view).await?,
                None => self.unknown.insert(unknown.clone(), ()),
            }
            Ok(found)
        };
        self.asked_tenants.ask(unknown.clone(), ask).await
    }
}

#[async_trait]
impl Registry for Copies {
    /// Never copied: a secret stays with its owner.
    async fn mail_password(&self, tenant: TenantId) -> Result<Option<MailPassword>, PortError> {
        self.registry.mail_password(tenant).await
    }

    async fn tenant_by_authority(
        &self,
        authority: &str,
    ) -> Result<Option<(Arc<TenantView>, AuthorityRole)>, PortError> {
        let role = |view: Arc<TenantView>| {
            let role = view.authorities.iter().find(|at| at.authority == authority)?.role;
            Some((view, role))
        };
        if let Some(found) = self.tenant_by_key(AUTHORITY, authority).await?.and_then(role) {
            return Ok(Some(found));
        }
        let ask = async { Ok(self.registry.tenant_by_authority(authority).await?.map(|(view, _)| view)) };
        Ok(self.read_through(AUTHORITY, authority, ask).await?.and_then(role))
    }

    async fn tenant_by_slug(&self, slug: &str) -> Result<Option<Arc<TenantView>>, PortError> {
        if let Some(view) = self.tenant_by_key(SLUG, slug).await? {
            return Ok(Some(view));
        }
        self.read_through(SLUG, slug, self.registry.tenant_by_slug(slug)).await
    }

    async fn tenant(&self, tenant: TenantId) -> Result<Option<Arc<TenantView>>, PortError> {
        if let Some(view) = self.cached_tenant(tenant).await? {
            return Ok(Some(view));
        }
        self.read_through(TENANT, &tenant.to_string(), self.registry.tenant(tenant)).await
    }

    async fn client(&self, tenant: TenantId, client_id: &str) -> Result<Option<Arc<ClientView>>, PortError> {
        match self.cached_client(tenant, client_id).await? {
            Some(view) => Ok(Some(view)),
            None => self.client_of_owner(tenant, client_id).await,
        }
    }
}

fn read<T: DeserializeOwned>(data: &[u8]) -> Result<T, PortError> {
    serde_json::from_slice(data).map_err(|cause| {
        tracing::error!(%cause, "a copy cannot be read");
        PortError::Unavailable
    })
}

fn write(view: &impl Serialize) -> Result<Vec<u8>, PortError> {
    serde_json::to_vec(view).map_err(|cause| {
        tracing::error!(%cause, "a copy cannot be written");
        PortError::Unavailable
    })
}
