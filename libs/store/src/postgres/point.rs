//! Point reads, shared: all that wait at one moment are answered by one statement, which starts
//! after each of them was asked, and those that ask the same are one question in it. No cache: an
//! answer is never older than its question.

use std::{collections::HashMap, hash::Hash, sync::Arc};

use async_trait::async_trait;
use bytes::Bytes;
use grantor_eventsourcing::{Timestamp, Version};
use grantor_telemetry::StoreMetrics;
use sea_orm::sqlx::{Error, PgConnection, PgPool, Row as _, postgres::PgRow, query};
use tokio::sync::{Mutex, mpsc, oneshot};
use uuid::Uuid;

use super::{
    DEAD_CONNECTIONS,
    connect::is_lost,
    statement::{unsigned, version},
};
use crate::{Copied, Row, StateRow, StoreError};

/// Questions that may wait, and questions per statement.
const QUEUE: usize = 4096;
const MOST: usize = 128;

/// Something that is asked by key.
#[async_trait]
pub(super) trait Question: Eq + Hash + Send + Sync + Sized + 'static {
    type Answer: Clone + Send + 'static;

    /// The answers that there are, each with its question's number from 1.
    async fn ask(questions: &[Self], connection: &mut PgConnection) -> Result<Vec<(usize, Self::Answer)>, Error>;
}

type Reply<Q> = oneshot::Sender<Result<Option<<Q as Question>::Answer>, StoreError>>;
type Waiting<Q> = (Q, Reply<Q>);

/// A queue of questions of one kind, and those who answer them.
pub(super) struct Shared<Q: Question>(mpsc::Sender<Waiting<Q>>);

impl<Q: Question> Shared<Q> {
    pub fn start(pool: &PgPool, workers: usize, metrics: Option<&StoreMetrics>) -> Self {
        let (queue, questions) = mpsc::channel(QUEUE);
        let questions = Arc::new(Mutex::new(questions));
        for _ in 0..workers {
            tokio::spawn(answer(pool.clone(), Arc::clone(&questions), metrics.cloned()));
        }
        Self(queue)
    }

    pub async fn ask(&self, question: Q) -> Result<Option<Q::Answer>, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.0.try_send((question, reply)).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => StoreError::Busy,
            mpsc::error::TrySendError::Closed(_) => StoreError::Failed,
        })?;
        answer.await.map_err(|_| StoreError::Failed)?
    }
}

async fn answer<Q: Question>(
    pool: PgPool,
    waiting: Arc<Mutex<mpsc::Receiver<Waiting<Q>>>>,
    metrics: Option<StoreMetrics>,
) {
    let mut taken = Vec::with_capacity(MOST);
    // One takes at a time; the others wait for their turn while it asks.
    while waiting.lock().await.recv_many(&mut taken, MOST).await > 0 {
        let mut asked: HashMap<Q, Vec<Reply<Q>>> = HashMap::with_capacity(taken.len());
        for (question, reply) in taken.drain(..) {
            asked.entry(question).or_default().push(reply);
        }
        let (questions, replies): (Vec<Q>, Vec<_>) = asked.into_iter().unzip();
        if let Some(metrics) = &metrics {
            metrics.statements(1);
        }
        match ask(&pool, &questions).await {
            Ok(found) => {
                let mut answers: Vec<Option<Q::Answer>> = questions.iter().map(|_| None).collect();
                for (number, answer) in found {
                    answers[number - 1] = Some(answer);
                }
                for (replies, answer) in replies.into_iter().zip(answers) {
                    // Whoever asked may be gone.
                    replies.into_iter().for_each(|reply| drop(reply.send(Ok(answer.clone()))));
                }
            }
            Err(cause) => {
                tracing::error!(%cause, "a read failed");
                replies.into_iter().flatten().for_each(|reply| drop(reply.send(Err(StoreError::Failed))));
            }
        }
    }
}

/// A read may be tried again on another connection.
async fn ask<Q: Question>(pool: &PgPool, questions: &[Q]) -> Result<Vec<(usize, Q::Answer)>, Error> {
    let mut tries = 0;
    loop {
        let mut connection = pool.acquire().await?;
        match Q::ask(questions, &mut connection).await {
            Err(cause) if is_lost(&cause) => {
                connection.close_on_drop();
                tries += 1;
                if tries == DEAD_CONNECTIONS {
                    return Err(cause);
                }
            }
            other => return other,
        }
    }
}

/// Which stream's state row.
#[derive(PartialEq, Eq, Hash)]
pub(super) struct StateOf(pub Uuid, pub i16, pub Uuid);

#[async_trait]
impl Question for StateOf {
    type Answer = StateRow;

    async fn ask(questions: &[Self], connection: &mut PgConnection) -> Result<Vec<(usize, StateRow)>, Error> {
        let found = query(
            "SELECT q.n, t.version, t.revision, t.state \
             FROM unnest($1::uuid[], $2::int2[], $3::uuid[]) WITH ORDINALITY AS q(tenant, kind, id, n) \
             JOIN es_state t ON t.tenant_id = q.tenant AND t.agg_type = q.kind AND t.agg_id = q.id",
        )
        .bind(questions.iter().map(|q| q.0).collect::<Vec<_>>())
        .bind(questions.iter().map(|q| q.1).collect::<Vec<_>>())
        .bind(questions.iter().map(|q| q.2).collect::<Vec<_>>())
        .fetch_all(connection)
        .await?;
        let read = |row: &PgRow| {
            Ok((
                number(row)?,
                StateRow { version: version(row, 1)?, revision: unsigned(row, 2)?, state: row.try_get(3)? },
            ))
        };
        found.iter().map(read).collect()
    }
}

/// Which keyed row, and which type its stream has if that is asked for too.
#[derive(PartialEq, Eq, Hash)]
pub(super) struct RowOf {
    pub tenant: Uuid,
    pub kind: &'static str,
    pub key: Vec<u8>,
    pub aggregate: Option<i16>,
}

#[async_trait]
impl Question for RowOf {
    type Answer = (Row, Option<StateRow>);

    async fn ask(questions: &[Self], connection: &mut PgConnection) -> Result<Vec<(usize, Self::Answer)>, Error> {
        // A subquery of its own, so that it is found by its whole key even by a plan made early.
        let found = query(
            "SELECT q.n, t.key, t.agg_id, t.data, t.revision, t.expires_at, s.version, s.revision, s.state \
             FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::int2[]) WITH ORDINALITY \
               AS q(tenant, kind, key, agg_type, n) \
             JOIN es_row t ON t.tenant_id = q.tenant AND t.kind = q.kind AND t.key = q.key \
             LEFT JOIN LATERAL (SELECT version, revision, state FROM es_state WHERE tenant_id = q.tenant \
               AND agg_type = q.agg_type AND agg_id = t.agg_id OFFSET 0) s ON true",
        )
        .bind(questions.iter().map(|q| q.tenant).collect::<Vec<_>>())
        .bind(questions.iter().map(|q| q.kind).collect::<Vec<_>>())
        .bind(questions.iter().map(|q| q.key.as_slice()).collect::<Vec<_>>())
        .bind(questions.iter().map(|q| q.aggregate).collect::<Vec<_>>())
        .fetch_all(connection)
        .await?;
        let read = |row: &PgRow| {
            let state = match row.try_get::<Option<i64>, _>(6)? {
                Some(_) => {
                    Some(StateRow { version: version(row, 6)?, revision: unsigned(row, 7)?, state: row.try_get(8)? })
                }
                None => None,
            };
            Ok((number(row)?, (to_row(row, 1)?, state)))
        };
        found.iter().map(read).collect()
    }
}

/// Which copy, and of which version whoever asks has the data: then it is not read.
#[derive(PartialEq, Eq, Hash)]
pub(super) struct CopyOf {
    pub tenant: Uuid,
    pub kind: &'static str,
    pub key: String,
    pub known: Option<Version>,
}

#[async_trait]
impl Question for CopyOf {
    type Answer = Copied;

    async fn ask(questions: &[Self], connection: &mut PgConnection) -> Result<Vec<(usize, Copied)>, Error> {
        let found = query(
            "SELECT q.n, t.version, t.seen_at, CASE WHEN t.version IS DISTINCT FROM q.known THEN t.data END \
             FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::int8[]) WITH ORDINALITY \
               AS q(tenant, kind, key, known, n) \
             JOIN es_copy t ON t.tenant_id = q.tenant AND t.kind = q.kind AND t.key = q.key",
        )
        .bind(questions.iter().map(|q| q.tenant).collect::<Vec<_>>())
        .bind(questions.iter().map(|q| q.kind).collect::<Vec<_>>())
        .bind(questions.iter().map(|q| q.key.as_bytes()).collect::<Vec<_>>())
        .bind(questions.iter().map(|q| q.known.map(i64::from)).collect::<Vec<_>>())
        .fetch_all(connection)
        .await?;
        let read = |row: &PgRow| {
            let data: Option<Vec<u8>> = row.try_get(3)?;
            let copied = Copied { version: version(row, 1)?, seen_at: row.try_get(2)?, data: data.map(Bytes::from) };
            Ok((number(row)?, copied))
        };
        found.iter().map(read).collect()
    }
}

fn number(row: &PgRow) -> Result<usize, Error> {
    usize::try_from(row.try_get::<i64, _>(0)?).map_err(|cause| Error::Decode(Box::new(cause)))
}

/// A keyed row, from this column on.
pub(super) fn to_row(row: &PgRow, first: usize) -> Result<Row, Error> {
    let expires_at: Option<Timestamp> = row.try_get(first + 4)?;
    Ok(Row {
        key: row.try_get(first)?,
        aggregate: row.try_get(first + 1)?,
        data: row.try_get(first + 2)?,
        revision: unsigned(row, first + 3)?,
        expires_at,
    })
}
