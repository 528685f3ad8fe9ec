use std::{sync::Arc, time::Duration};

use grantor_eventsourcing::{Envelope, Position};
use grantor_store::{CommitError, CursorMove, OnTaken, RowChange, Store, StoreError, Write};
use grantor_telemetry::BusMetrics;
use tracing::Instrument;

use crate::{Consumer, HandleError};

/// How often an event is tried before its stream is parked.
const TRIES: u32 = 3;
/// How long to wait after a failure.
pub(crate) const PAUSE: Duration = Duration::from_millis(200);

/// What is said of an event that is parked only because of its stream.
pub(crate) const BEHIND: &str = "an earlier event of this stream is parked";

/// One consumer with its database: how an event is tried, committed, parked.
pub(crate) struct Handler {
    pub consumer: Arc<dyn Consumer>,
    pub store: Store,
    pub metrics: BusMetrics,
}

impl Handler {
    /// Handles an event; its effects are gathered, or committed when they have a guard. The
    /// cursor, if there is one, moves with them. `Ok(Err)` is why it has to be parked; what was
    /// gathered before it is committed then.
    pub async fn take(
        &self,
        event: &Envelope,
        cursor: Option<CursorMove>,
        gathered: &mut Gathered,
    ) -> Result<Result<(), String>, StoreError> {
        let mut attempt = 1;
        let mut said = false;
        loop {
            let span = tracing::info_span!("consume", consumer = self.consumer.name(), event.kind = %event.event_type);
            if let Some(trace) = &event.meta.trace {
                grantor_telemetry::set_parent(&span, trace);
            }
            let problem = match self.consumer.handle(event).instrument(span).await {
                Ok(write) if is_plain(&write, self.consumer.remembers_its_rows()) => {
                    gathered.add(write, cursor);
                    return Ok(Ok(()));
                }
                Ok(write) => {
                    self.flush(gathered).await?;
                    match self.commit(write, cursor.clone()).await {
                        Ok(()) => return Ok(Ok(())),
                        Err(cause) => HandleError::Again(cause.to_string()),
                    }
                }
                Err(problem) => problem,
            };
            if let HandleError::Away(reason) = &problem {
                if !said {
                    said = true;
                    tracing::warn!(consumer = self.consumer.name(), reason, "somebody who is needed is waited for");
                    self.flush(gathered).await?;
                }
                tokio::time::sleep(PAUSE).await;
                continue;
            }
            let poison = matches!(problem, HandleError::Poison(_));
            if !poison {
                // An outage is no event's fault: only what fails while the database answers is a try.
                self.store.parked(self.consumer.name()).await?;
            }
            if poison || attempt == TRIES {
                self.flush(gathered).await?;
                return Ok(Err(problem.to_string()));
            }
            attempt += 1;
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Commits what was gathered.
    pub async fn flush(&self, gathered: &mut Gathered) -> Result<(), StoreError> {
        if !gathered.any {
            return Ok(());
        }
        let Gathered { write, cursor, .. } = std::mem::take(gathered);
        self.commit(write, cursor).await.map_err(|_| StoreError::Failed)
    }

    /// Sets an event aside; `source` and `position` are where it came from.
    pub async fn park(
        &self,
        event: &Envelope,
        source: &str,
        position: Position,
        reason: &str,
        cursor: Option<CursorMove>,
    ) -> Result<(), StoreError> {
        tracing::error!(
            consumer = self.consumer.name(), source, event.id = %event.event_id, event.kind = %event.event_type,
            reason, "an event is parked, with its stream"
        );
        self.metrics.parked();
        let park = (self.consumer.name(), source.to_owned(), position, event.aggregate_id, reason.to_owned());
        let write = Write { park: Some(park), ..Write::default() };
        self.commit(write, cursor).await.map_err(|_| StoreError::Failed)
    }

    async fn commit(&self, mut write: Write, cursor: Option<CursorMove>) -> Result<(), CommitError> {
        write.cursor.clone_from(&cursor);
        match self.store.commit(write).await {
            // Handled before: only the cursor moves.
            Err(CommitError::Taken("event")) => match cursor {
                Some(_) => self.store.commit(Write { cursor, ..Write::default() }).await.map(drop),
                None => Ok(()),
            },
            other => other.map(drop),
        }
    }
}

/// Effects that need no guard, gathered into one commit.
#[derive(Default)]
pub(crate) struct Gathered {
    write: Write,
    cursor: Option<CursorMove>,
    any: bool,
}

impl Gathered {
    /// Only a cursor moves.
    pub fn pass(&mut self, cursor: CursorMove) {
        self.cursor = Some(cursor);
        self.any = true;
    }

    fn add(&mut self, write: Write, cursor: Option<CursorMove>) {
        self.write.rows.extend(write.rows);
        self.write.copies.extend(write.copies);
        self.write.lists.extend(write.lists);
        self.write.tasks.extend(write.tasks);
        self.write.messages.extend(write.messages);
        self.write.deliveries.extend(write.deliveries);
        self.write.facts.extend(write.facts);
        self.cursor = cursor.or(self.cursor.take());
        self.any = true;
    }
}

/// Whether nothing in it can be refused, and nothing is other than once.
fn is_plain(write: &Write, with_rows: bool) -> bool {
    let plain = |row: &RowChange| matches!(row, RowChange::Insert { on_taken: OnTaken::Keep | OnTaken::Replace, .. });
    write.stream.is_none()
        && write.inbox.is_none()
        && write.meta.is_empty()
        && (write.rows.is_empty() || with_rows && write.rows.iter().all(plain))
}
