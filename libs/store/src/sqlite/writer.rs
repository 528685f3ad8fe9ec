//! The batcher: takes everything that waits as soon as the last commit is back, so that an
//! idle store answers at once and a busy one shares its commits.

use std::{sync::Arc, thread, time::Instant};

use grantor_eventsourcing::{Position, Timestamp};
use grantor_ports::{Clock, Drilled, Point};
use grantor_telemetry::StoreMetrics;
use rusqlite::Connection;
use tokio::{
    runtime::Handle as Runtime,
    sync::{mpsc, oneshot},
};

use super::{Heads, SqliteOptions, apply, checkpoint::Restarts, lead::Leads, steady::Steady};
use crate::{CommitError, Committed, StoreError, Write, deliveries::adds};

/// So many share a commit if they wait. Of more, half: while it is on its way to the disk, the
/// other half's requests are worked on, instead of all waiting for the disk together.
const TOGETHER: usize = 32;

enum Job {
    Write(Box<Write>, oneshot::Sender<Result<Committed, CommitError>>),
    Sweep(Timestamp, oneshot::Sender<Result<u64, StoreError>>),
    Scrub(oneshot::Sender<Result<(), StoreError>>),
}

type Waiting = (Box<Write>, oneshot::Sender<Result<Committed, CommitError>>);

pub(super) struct Handle {
    queue: Option<mpsc::Sender<Job>>,
    thread: Option<thread::JoinHandle<()>>,
}

pub(super) fn start(connection: Connection, options: &SqliteOptions, known: Known, clock: Arc<dyn Clock>) -> Handle {
    let (queue, jobs) = mpsc::channel(options.queue);
    let (batch, metrics) = (options.batch, options.metrics.clone());
    let drill = options.drill.is_some().then(|| (options.drill.clone(), Runtime::current()));
    let thread = thread::Builder::new()
        .name("store-writer".into())
        .spawn(move || Writer { connection, known, clock, metrics, restarts: Restarts::new(), drill }.run(jobs, batch))
        .ok();
    Handle { queue: Some(queue), thread }
}

impl Handle {
    fn send(&self, job: Job) -> Result<(), StoreError> {
        let queue = self.queue.as_ref().ok_or(StoreError::Failed)?;
        queue.try_send(job).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => StoreError::Busy,
            mpsc::error::TrySendError::Closed(_) => StoreError::Failed,
        })
    }

    pub(super) async fn commit(&self, write: Write) -> Result<Committed, CommitError> {
        let (reply, answer) = oneshot::channel();
        self.send(Job::Write(Box::new(write), reply))?;
        answer.await.map_err(|_| StoreError::Failed)?
    }

    pub(super) async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.send(Job::Sweep(now, reply))?;
        answer.await.map_err(|_| StoreError::Failed)?
    }

    pub(super) async fn scrub(&self) -> Result<(), StoreError> {
        let (reply, answer) = oneshot::channel();
        self.send(Job::Scrub(reply))?;
        answer.await.map_err(|_| StoreError::Failed)?
    }
}

impl Drop for Handle {
    /// What was queued is still written before the file is closed.
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What the writer and the readers of one file share.
pub(super) struct Known {
    pub heads: Arc<Heads>,
    pub steady: Arc<Steady>,
    pub leads: Arc<Leads>,
}

struct Writer {
    connection: Connection,
    known: Known,
    clock: Arc<dyn Clock>,
    metrics: Option<StoreMetrics>,
    restarts: Restarts,
    /// The drill that is going on, if one is, and where it can wait.
    drill: Option<(Drilled, Runtime)>,
}

impl Writer {
    fn run(mut self, mut jobs: mpsc::Receiver<Job>, batch: usize) {
        let mut waiting: Vec<Waiting> = Vec::with_capacity(batch);
        while let Some(first) = jobs.blocking_recv() {
            // The first to come wakes this thread: those who are about to come share its commit. When
            // enough are there, the others' requests are worked on while it is on its way.
            if jobs.len() + 1 < TOGETHER {
                thread::yield_now();
            }
            let share = (jobs.len() + 1).div_ceil(2).max(TOGETHER).min(batch);
            let mut next = Some(first);
            while let Some(job) = next.take() {
                match job {
                    Job::Write(write, reply) => waiting.push((write, reply)),
                    Job::Sweep(now, reply) => {
                        self.flush(&mut waiting);
                        let _ = reply.send(apply::sweep(&mut self.connection, now).map_err(failed));
                    }
                    Job::Scrub(reply) => {
                        self.flush(&mut waiting);
                        let _ = reply.send(apply::scrub(&self.connection).map_err(failed));
                    }
                }
                if waiting.len() < share {
                    next = jobs.try_recv().ok();
                }
            }
            if let Some(metrics) = &self.metrics {
                metrics.depth(jobs.len());
            }
            self.flush(&mut waiting);
        }
    }

    /// Writes what waits in one commit. When something unexpected fails, each is tried alone,
    /// so that one bad command never fails its neighbours.
    fn flush(&mut self, waiting: &mut Vec<Waiting>) {
        if waiting.is_empty() {
            return;
        }
        let writes: Vec<&Write> = waiting.iter().map(|(write, _)| &**write).collect();
        let started = Instant::now();
        let answers = match self.transact(&writes) {
            Ok(answers) => answers,
            Err(cause) if writes.len() > 1 => {
                tracing::warn!(%cause, commands = writes.len(), "a batch failed; its commands are tried one by one");
                writes.iter().map(|write| self.alone(write)).collect()
            }
            Err(cause) => vec![Err(failed(cause).into())],
        };
        if let Some(metrics) = &self.metrics {
            metrics.committed(writes.len(), started.elapsed());
            answers
                .iter()
                .filter(|answer| matches!(answer, Err(CommitError::Conflict)))
                .for_each(|_| metrics.conflict());
        }
        self.known.steady.forget(&writes);
        self.announce(&writes, &answers);
        for ((_, reply), answer) in waiting.drain(..).zip(answers) {
            // Whoever asked may be gone; the write stands.
            let _ = reply.send(answer);
        }
        if let Err(cause) = self.restarts.after_commit(&self.connection) {
            tracing::warn!(%cause, "the write-ahead log cannot be started anew");
        }
    }

    fn alone(&mut self, write: &Write) -> Result<Committed, CommitError> {
        match self.transact(&[write]) {
            Ok(mut answers) => answers.pop().unwrap_or(Err(CommitError::Store(StoreError::Failed))),
            Err(cause) => Err(failed(cause).into()),
        }
    }

    fn transact(&mut self, writes: &[&Write]) -> rusqlite::Result<Vec<Result<Committed, CommitError>>> {
        let now = self.clock.real();
        let head = *self.known.heads.events.borrow();
        let transaction = self.connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let mut answers = Vec::with_capacity(writes.len());
        for write in writes {
            answers.push(apply::write(&transaction, write, head, now, &self.known.leads)?);
        }
        if let Some((drill, runtime)) = &self.drill {
            runtime.block_on(drill.reached(Point::Written));
        }
        transaction.commit()?;
        Ok(answers)
    }

    fn announce(&self, writes: &[&Write], answers: &[Result<Committed, CommitError>]) {
        let written = || writes.iter().zip(answers).filter_map(|(write, answer)| Some((write, answer.as_ref().ok()?)));
        let head = written().map(|(_, committed)| committed.position).max();
        if let Some(head) = head {
            self.known.heads.events.send_if_modified(|at| {
                let moved = head > *at;
                *at = (*at).max(head);
                moved
            });
        }
        if written().any(|(write, _)| !write.facts.is_empty()) {
            let last = self.connection.prepare_cached("SELECT max(position) FROM es_fact_log");
            if let Ok(last) = last.and_then(|mut last| last.query_row([], |row| row.get(0))) {
                self.known.heads.facts.send_replace(Position::row(last));
            }
        }
        if written().any(|(write, _)| write.cursor.is_some()) {
            self.known.heads.readers.send_modify(|moves| *moves += 1);
        }
        if written().any(|(write, _)| adds(&write.deliveries)) {
            self.known.heads.deliveries.send_modify(|writes| *writes += 1);
        }
    }
}

fn failed(cause: rusqlite::Error) -> StoreError {
    tracing::error!(%cause, "a write failed");
    StoreError::Failed
}
