//! The batcher: takes everything that waits as soon as the last commit is back, so that an idle
//! store answers at once and a busy one shares its commits.

use std::{sync::Arc, time::Instant};

use grantor_eventsourcing::Position;
use grantor_ports::{Clock, Drilled, Point};
use grantor_telemetry::StoreMetrics;
use sea_orm::sqlx::{Connection, Error, PgConnection, PgPool, Postgres, pool::PoolConnection, query, query_scalar};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::{
    apply::{self, Mark, Written},
    connect::{is_clash, is_lost, is_timeout},
    heads::Heads,
    lock::lock,
    plan::{Plan, Wanted},
};
use crate::{CommitError, Committed, StoreError, Write, deliveries::adds};

type Answer = Result<Committed, CommitError>;
type Waiting = (Box<Write>, oneshot::Sender<Answer>);

/// How often a batch is tried: another process may be faster, and a connection may die.
const TRIES: u32 = 4;

/// Hands writes to the batcher. What was handed over is written, even if nobody waits.
pub(super) struct Handle {
    queue: mpsc::Sender<Waiting>,
}

impl Handle {
    pub async fn commit(&self, write: Write) -> Answer {
        let (reply, answer) = oneshot::channel();
        self.queue.try_send((Box::new(write), reply)).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => StoreError::Busy,
            mpsc::error::TrySendError::Closed(_) => StoreError::Failed,
        })?;
        answer.await.map_err(|_| StoreError::Failed)?
    }
}

pub(super) struct Writer {
    /// Has one connection.
    pub pool: PgPool,
    pub id: Uuid,
    pub clock: Arc<dyn Clock>,
    pub heads: Arc<Heads>,
    pub metrics: Option<StoreMetrics>,
    pub batch: i64,
    pub drill: Drilled,
}

/// Why a batch was not written, or is not known to be.
enum Trouble {
    /// Another process took a key, or the two were in each other's way.
    Clash,
    /// The connection died before anything was committed.
    Lost(Error),
    /// The connection died while it committed: these are the answers if it did.
    InDoubt(Vec<Answer>, Option<Written>, Error),
    /// The database did not do it in time.
    Late(Error),
    /// Something no rule foresees.
    Broken(Error),
}

impl From<Error> for Trouble {
    fn from(cause: Error) -> Self {
        match cause {
            cause if is_lost(&cause) => Self::Lost(cause),
            cause if is_clash(&cause) => Self::Clash,
            cause if is_timeout(&cause) => Self::Late(cause),
            cause => Self::Broken(cause),
        }
    }
}

pub(super) fn start(writer: Writer, queue: usize, batch: usize) -> Handle {
    let (queue, jobs) = mpsc::channel(queue);
    tokio::spawn(writer.run(jobs, batch));
    Handle { queue }
}

impl Writer {
    async fn run(mut self, mut jobs: mpsc::Receiver<Waiting>, batch: usize) {
        let mut waiting = Vec::with_capacity(batch);
        while jobs.recv_many(&mut waiting, batch).await > 0 {
            if let Some(metrics) = &self.metrics {
                metrics.depth(jobs.len());
            }
            self.flush(&mut waiting).await;
        }
        self.pool.close().await;
    }

    async fn flush(&mut self, waiting: &mut Vec<Waiting>) {
        let writes: Vec<&Write> = waiting.iter().map(|(write, _)| &**write).collect();
        let started = Instant::now();
        let answers = match self.write(&writes).await {
            Ok(answers) => answers,
            Err(Trouble::Broken(cause)) if writes.len() > 1 => {
                tracing::warn!(%cause, commands = writes.len(), "a batch failed; its commands are tried one by one");
                let mut answers = Vec::with_capacity(writes.len());
                for write in &writes {
                    answers.push(match self.write(&[*write]).await {
                        Ok(mut alone) => alone.pop().unwrap_or(Err(StoreError::Failed.into())),
                        Err(trouble) => Err(failed(&trouble).into()),
                    });
                }
                answers
            }
            Err(trouble) => writes.iter().map(|_| Err(failed(&trouble).into())).collect(),
        };
        if let Some(metrics) = &self.metrics {
            metrics.committed(writes.len(), started.elapsed());
            let conflicts = answers.iter().filter(|answer| matches!(answer, Err(CommitError::Conflict)));
            conflicts.for_each(|_| metrics.conflict());
        }
        if writes.iter().zip(&answers).any(|(write, answer)| answer.is_ok() && write.cursor.is_some()) {
            self.heads.reader_moved();
        }
        if writes.iter().zip(&answers).any(|(write, answer)| answer.is_ok() && adds(&write.deliveries)) {
            self.heads.deliveries.send_modify(|writes| *writes += 1);
        }
        for ((_, reply), answer) in waiting.drain(..).zip(answers) {
            // Whoever asked may be gone; the write stands.
            let _ = reply.send(answer);
        }
    }

    /// Writes all that are not refused in one transaction. Tried again only when it is certain
    /// that nothing of it was committed.
    async fn write(&mut self, writes: &[&Write]) -> Result<Vec<Answer>, Trouble> {
        let mut last = Trouble::Clash;
        for _ in 0..TRIES {
            self.batch += 1;
            let mut connection = self.pool.acquire().await?;
            let trouble = match self.attempt(&mut connection, writes).await {
                Ok((answers, written)) => {
                    self.announce(written.as_ref(), &answers);
                    return Ok(answers);
                }
                Err(Trouble::InDoubt(answers, written, cause)) => {
                    abandon(connection).await;
                    if self.was_committed().await? {
                        tracing::warn!(%cause, commands = writes.len(), "the connection died after a commit");
                        self.announce(written.as_ref(), &answers);
                        return Ok(answers);
                    }
                    Trouble::Lost(cause)
                }
                Err(trouble @ Trouble::Lost(_)) => {
                    abandon(connection).await;
                    trouble
                }
                Err(trouble) => trouble,
            };
            match trouble {
                Trouble::Clash | Trouble::Lost(_) => last = trouble,
                trouble => return Err(trouble),
            }
        }
        Err(last)
    }

    async fn attempt(
        &self,
        connection: &mut PgConnection,
        writes: &[&Write],
    ) -> Result<(Vec<Answer>, Option<Written>), Trouble> {
        let now = self.clock.real();
        self.count_statements(2);
        let mut transaction = connection.begin().await?;
        let locked = lock(&mut transaction, Wanted::of(writes)).await?;
        let plan = Plan::new(writes, locked, now);
        if plan.outcomes.iter().all(Result::is_err) {
            transaction.rollback().await?;
            let refusals = plan.outcomes.into_iter().map(|outcome| outcome.map(|_| Committed::default()));
            return Ok((refusals.collect(), None));
        }
        let mark = Mark { writer: self.id, batch: self.batch };
        self.count_statements(2);
        let Some(written) = apply::apply(&mut transaction, &plan, writes, &mark, now).await? else {
            transaction.rollback().await?;
            return Err(Trouble::Clash);
        };
        let answers = self.answers(writes, plan, &written);
        self.drill.reached(Point::Written).await;
        match transaction.commit().await {
            Ok(()) => Ok((answers, Some(written))),
            Err(cause) if is_lost(&cause) => Err(Trouble::InDoubt(answers, Some(written), cause)),
            // The server answered: it has rolled back.
            Err(cause) => Err(cause.into()),
        }
    }

    fn answers(&self, writes: &[&Write], plan: Plan<'_>, written: &Written) -> Vec<Answer> {
        let head = self.heads.last_event();
        let committed = |write: &Write, counts| {
            let own = write.stream.iter().flat_map(|stream| &stream.events);
            let last = own.filter_map(|event| written.events.get(&event.id.uuid())).max();
            Committed { position: last.map_or(head, |seq| written.position(*seq)), counts }
        };
        let outcomes = writes.iter().zip(plan.outcomes);
        outcomes.map(|(write, outcome)| outcome.map(|counts| committed(write, counts))).collect()
    }

    /// Whether the last batch was committed. The lock waits for a transaction that has not ended:
    /// its connection may be dead here and alive there.
    async fn was_committed(&self) -> Result<bool, Trouble> {
        let mut tries = 0;
        loop {
            let asked = async {
                let mut connection = self.pool.acquire().await?;
                let found = query_scalar::<_, i64>("SELECT batch FROM es_writer WHERE id = $1 FOR UPDATE")
                    .bind(self.id)
                    .fetch_optional(&mut *connection)
                    .await;
                if found.as_ref().is_err_and(is_lost) {
                    abandon(connection).await;
                }
                found
            };
            match asked.await {
                Ok(batch) => return Ok(batch == Some(self.batch)),
                Err(cause) if is_lost(&cause) && tries < 2 => tries += 1,
                // Nobody is told "yes" or "no": the answer is that it is not known.
                Err(cause) => return Err(Trouble::Late(cause)),
            }
        }
    }

    fn announce(&self, written: Option<&Written>, answers: &[Answer]) {
        let Some(written) = written else { return };
        let events = answers.iter().filter_map(|answer| answer.as_ref().ok()).map(|committed| committed.position);
        let head = events.max().unwrap_or(Position::START);
        self.heads.written(head, written.last_fact.map(|seq| written.position(seq)));
    }

    fn count_statements(&self, statements: u64) {
        if let Some(metrics) = &self.metrics {
            metrics.statements(statements);
        }
    }
}

/// Makes this writer known, so that its mark can always be asked for.
pub(super) async fn introduce(pool: &PgPool, id: Uuid, clock: &dyn Clock) -> Result<(), Error> {
    query("INSERT INTO es_writer (id, batch, seen_at) VALUES ($1, 0, $2) ON CONFLICT DO NOTHING")
        .bind(id)
        .bind(clock.real())
        .execute(pool)
        .await
        .map(drop)
}

async fn abandon(mut connection: PoolConnection<Postgres>) {
    connection.close_on_drop();
}

fn failed(trouble: &Trouble) -> StoreError {
    match trouble {
        Trouble::Clash => {
            tracing::warn!("a batch lost to other processes again and again");
            StoreError::Contended
        }
        Trouble::Lost(cause) | Trouble::InDoubt(.., cause) | Trouble::Late(cause) | Trouble::Broken(cause) => {
            tracing::error!(%cause, "a write failed");
            StoreError::Failed
        }
    }
}
