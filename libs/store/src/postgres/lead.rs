//! Who leads what, among all processes: a lock of a session of its own, and a number that goes up
//! with every lead, so that a former leader that does not know it yet moves no cursor.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use sea_orm::sqlx::{Connection, Error, PgConnection, query, query_scalar};
use tokio::{sync::Mutex, task::JoinSet};

use super::connect::Address;
use crate::{Leader, Lease, backend::Held};

/// How often a leader says that it is there.
const SAY: Duration = Duration::from_secs(1);
/// A leader that says nothing for so long is stuck; the database ends its session, and the lead
/// with it.
const SILENCE: &str = "SET idle_session_timeout = '5s'";

/// Tries for leads. A connection that has not won is kept for the next try.
pub(super) struct Leads {
    address: Address,
    spare: Arc<Mutex<Option<PgConnection>>>,
}

impl Leads {
    pub fn new(address: Address) -> Self {
        Self { address, spare: Arc::default() }
    }

    pub async fn try_lead(&self, name: &'static str) -> Result<Option<Lease>, Error> {
        let mut spare = self.spare.lock().await;
        // Taken out, so that one that fails is not tried again.
        let mut connection = match spare.take() {
            Some(connection) => connection,
            None => self.address.connect().await?,
        };
        let won = query_scalar::<_, bool>("SELECT pg_try_advisory_lock(hashtextextended($1, 0))")
            .bind(name)
            .fetch_one(&mut connection)
            .await?;
        if !won {
            *spare = Some(connection);
            return Ok(None);
        }
        query(SILENCE).execute(&mut connection).await?;
        let epoch = query_scalar::<_, i64>(
            "INSERT INTO es_cursor (reader, source, leader_epoch) VALUES ($1, '', 1) \
             ON CONFLICT (reader, source) DO UPDATE SET leader_epoch = es_cursor.leader_epoch + 1 \
             RETURNING leader_epoch",
        )
        .bind(name)
        .fetch_one(&mut connection)
        .await?;
        Ok(Some(Lease::new(Leader { name, epoch }, Box::new(Led::new(connection)))))
    }
}

/// The session that holds the lock; the lock ends with it.
struct Led {
    session: Arc<Mutex<PgConnection>>,
    _saying: JoinSet<()>,
}

impl Led {
    fn new(session: PgConnection) -> Self {
        let session = Arc::new(Mutex::new(session));
        let mut saying = JoinSet::new();
        let said = Arc::clone(&session);
        saying.spawn(async move {
            while said.lock().await.ping().await.is_ok() {
                tokio::time::sleep(SAY).await;
            }
        });
        Self { session, _saying: saying }
    }
}

#[async_trait]
impl Held for Led {
    async fn is_held(&mut self) -> bool {
        self.session.lock().await.ping().await.is_ok()
    }
}
