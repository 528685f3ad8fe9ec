//! Opening and migrating.

use std::sync::Arc;

use grantor_migrations::{Migrator, ServiceMigrator};
use grantor_ports::{Clock, Entropy, EntropyExt};
use sea_orm::{
    SqlxPostgresConnector,
    sqlx::{Connection, Error, PgPool, query},
};
use tokio::{runtime::Handle, task::JoinSet};

use super::{
    Postgres, PostgresOptions,
    connect::Address,
    heads::{Heads, look, watch},
    lead::Leads,
    point::Shared,
    sweep,
    writer::{Writer, introduce, start},
};
use crate::OpenError;

impl Postgres {
    pub(crate) async fn open(
        options: PostgresOptions,
        clock: Arc<dyn Clock>,
        entropy: &dyn Entropy,
    ) -> Result<Self, OpenError> {
        let address = Address::of(&options)?;
        if pending(&address).await? > 0 {
            return Err(OpenError::PendingMigration { place: address.place().to_owned() });
        }
        let failed = |cause: Error| address.failed(&cause);
        let (pool, writing) = (address.pool(options.connections.max(2)), address.pool(1));
        check_epoch(&pool).await.map_err(failed)?;
        let id = entropy.uuid4();
        introduce(&writing, id, clock.as_ref()).await.map_err(failed)?;
        // The first facts find their day's partition.
        sweep::sweep(pool.clone(), clock.real()).await.map_err(failed)?;
        let heads = Arc::new(Heads::new(look(&pool, clock.as_ref()).await.map_err(failed)?));
        let metrics = options.metrics.as_ref();
        let writer = Writer {
            pool: writing,
            id,
            clock: Arc::clone(&clock),
            heads: Arc::clone(&heads),
            metrics: metrics.cloned(),
            batch: 0,
            drill: options.drill.clone(),
        };
        let mut tasks = JoinSet::new();
        tasks.spawn(watch(Arc::clone(&heads), pool.clone(), Arc::clone(&clock), metrics.cloned()));
        Ok(Self {
            writer: start(writer, options.queue, options.batch),
            states: Shared::start(&pool, options.readers, metrics),
            rows: Shared::start(&pool, options.readers, metrics),
            copies: Shared::start(&pool, options.readers, metrics),
            orm: SqlxPostgresConnector::from_sqlx_postgres_pool(pool.clone()),
            leads: Arc::new(Leads::new(address)),
            pool,
            heads,
            clock,
            metrics: options.metrics,
            home: Handle::current(),
            _tasks: tasks,
        })
    }
}

/// How many migrations a database still needs.
pub(crate) async fn pending(address: &Address) -> Result<usize, OpenError> {
    // Tried alone first: its error says more than a pool's.
    let first = address.connect_for_long().await.map_err(|cause| address.failed(&cause))?;
    drop(first.close().await);
    let database = SqlxPostgresConnector::from_sqlx_postgres_pool(address.pool_for_long());
    let found = ServiceMigrator::get_pending_migrations(&database).await;
    drop(database.close().await);
    found.map(|steps| steps.len()).map_err(|cause| address.failed(&cause))
}

/// Runs the migrations a database still needs. Processes that do this at once wait for each other.
pub(crate) async fn migrate(address: &Address) -> Result<(), OpenError> {
    let mut gate = address.connect_for_long().await.map_err(|cause| address.failed(&cause))?;
    let wait = query("SELECT pg_advisory_lock(hashtextextended('grantor migrate', 0))").execute(&mut gate).await;
    wait.map_err(|cause| address.failed(&cause))?;
    let database = SqlxPostgresConnector::from_sqlx_postgres_pool(address.pool_for_long());
    let done = ServiceMigrator::up(&database, None).await;
    drop(database.close().await);
    // The lock ends with its session.
    drop(gate.close().await);
    done.map_err(|cause| address.failed(&cause))
}

/// A database that was restored from a dump into another cluster, or whose transaction ids start
/// again for any other reason, begins a new epoch: all that it holds is older than what comes.
async fn check_epoch(pool: &PgPool) -> Result<(), Error> {
    let moved = query(
        "UPDATE es_epoch SET current = current + 1, cluster = (SELECT system_identifier FROM pg_control_system()) \
         WHERE cluster <> (SELECT system_identifier FROM pg_control_system()) \
            OR EXISTS (SELECT 1 FROM es_event t WHERE t.epoch = es_epoch.current AND t.txid >= pg_current_xact_id())",
    )
    .execute(pool)
    .await?;
    if moved.rows_affected() > 0 {
        tracing::warn!("the database was restored: its log goes on in a new epoch");
    }
    Ok(())
}
