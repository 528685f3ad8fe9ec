use std::{path::Path, sync::Arc, time::Duration};

use grantor_eventsourcing::Position;
use grantor_ports::Clock;
use rusqlite::{Connection, OpenFlags, config::DbConfig};
use tokio::sync::watch;

use super::{
    Heads, Sqlite, SqliteOptions,
    checkpoint::Checkpointer,
    lead::Leads,
    reads::Reads,
    steady::Steady,
    writer::{self, Known},
};
use crate::{OpenError, pending_migrations, schema};

/// `synchronous=FULL`: a lost redemption is a replayable code. `secure_delete`: what is erased
/// is overwritten.
const PRAGMAS: &str = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; \
     PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-16000;";

/// How long a connection waits for another.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

impl Sqlite {
    pub(crate) async fn open(options: SqliteOptions, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let path = options.path.clone();
        let failed = |cause: String| OpenError::Open { place: path.display().to_string(), cause };
        if pending_migrations(&path).await? > 0 {
            return Err(OpenError::PendingMigration { place: path.display().to_string() });
        }
        let orm = schema::connect(&path, 2).await?;
        let connect = |write: bool| connect(&path, write).map_err(|cause| failed(cause.to_string()));
        let writing = connect(true)?;
        let heads = Arc::new(Heads {
            events: watch::Sender::new(last(&writing, "es_event").map_err(|cause| failed(cause.to_string()))?),
            facts: watch::Sender::new(last(&writing, "es_fact_log").map_err(|cause| failed(cause.to_string()))?),
            readers: watch::Sender::new(0),
            deliveries: watch::Sender::new(0),
        });
        let reads = (0..options.readers.max(1)).map(|_| connect(false)).collect::<Result<Vec<_>, _>>()?;
        let steady = Arc::new(Steady::default());
        let checkpointer = Checkpointer::start(connect(true)?);
        let leads = Arc::new(Leads::default());
        let known = Known { heads: Arc::clone(&heads), steady: Arc::clone(&steady), leads: Arc::clone(&leads) };
        let writer = writer::start(writing, &options, known, Arc::clone(&clock));
        Ok(Self { writer, reads: Reads::new(reads), orm, heads, steady, leads, clock, _checkpointer: checkpointer })
    }
}

fn connect(path: &Path, write: bool) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.execute_batch(PRAGMAS)?;
    // `checkpoint.rs` does it, so that no request pays for it.
    connection.execute_batch("PRAGMA wal_autocheckpoint=0;")?;
    if !write {
        connection.execute_batch("PRAGMA query_only=ON;")?;
    }
    // A plan is made once per statement, and not again for what is bound to it.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

fn last(connection: &Connection, table: &str) -> rusqlite::Result<Position> {
    let max =
        connection.query_row(&format!("SELECT max(position) FROM {table}"), [], |row| row.get::<_, Option<i64>>(0))?;
    Ok(Position::row(max.unwrap_or(0)))
}
