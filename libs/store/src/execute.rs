use grantor_eventsourcing::{Aggregate, Codec, Decision, Meta, Position, Revision, Timestamp, Version};
use grantor_ids::{EventId, TenantId};
use grantor_ports::EntropyExt;
use uuid::Uuid;

use crate::{CommitError, NewEvent, NewFact, RowChange, StateRow, Store, StoreError, StreamWrite, TaskChange, Write};

type EventOf<C> = <<C as Codec>::Aggregate as Aggregate>::Event;

/// A stream as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded<A> {
    /// Its id.
    pub id: Uuid,
    /// Its state; the default one when there is no stream yet.
    pub state: A,
    /// Number of events.
    pub version: Version,
    /// Number of writes; 0 when there is no stream yet.
    pub revision: Revision,
}

/// A change of a state's operational fields.
pub type Change<A> = Box<dyn FnOnce(&mut A) + Send>;

impl<A: Aggregate> Loaded<A> {
    pub(crate) fn of(id: Uuid, row: Option<StateRow>) -> Result<Self, StoreError> {
        let Some(row) = row else { return Ok(Self { id, state: A::default(), version: 0, revision: 0 }) };
        let state = serde_json::from_slice(&row.state).map_err(|cause| {
            tracing::error!(aggregate.kind = ?A::TYPE, %cause, "a state row cannot be read");
            StoreError::Failed
        })?;
        Ok(Self { id, state, version: row.version, revision: row.revision })
    }
}

/// What a command wants written: a decision, and what hangs from it.
#[must_use]
pub struct Step<E, T, R, A> {
    /// The rule's word.
    pub decision: Decision<E, T, R>,
    /// Keyed rows to change with it.
    pub rows: Vec<RowChange>,
    /// Facts to record with it.
    pub facts: Vec<NewFact>,
    /// Work to do after it.
    pub tasks: Vec<TaskChange>,
    /// The state's operational fields, changed after the events have been folded in.
    pub operational: Option<Change<A>>,
}

impl<E, T, R, A> From<Decision<E, T, R>> for Step<E, T, R, A> {
    fn from(decision: Decision<E, T, R>) -> Self {
        Self { decision, rows: Vec::new(), facts: Vec::new(), tasks: Vec::new(), operational: None }
    }
}

impl<E, T, R, A> Step<E, T, R, A> {
    /// With these rows.
    pub fn rows(mut self, rows: impl IntoIterator<Item = RowChange>) -> Self {
        self.rows.extend(rows);
        self
    }
    /// With these facts.
    pub fn facts(mut self, facts: impl IntoIterator<Item = NewFact>) -> Self {
        self.facts.extend(facts);
        self
    }
    /// With this work.
    pub fn tasks(mut self, tasks: impl IntoIterator<Item = TaskChange>) -> Self {
        self.tasks.extend(tasks);
        self
    }
    /// With this change of operational state.
    pub fn operational(mut self, change: impl FnOnce(&mut A) + Send + 'static) -> Self {
        self.operational = Some(Box::new(change));
        self
    }
}

/// A command that was carried out, or refused.
#[derive(Debug)]
pub struct Done<T, R, A> {
    /// The rule's answer.
    pub outcome: Result<T, R>,
    /// The state afterwards.
    pub state: A,
    /// Number of events afterwards.
    pub version: Version,
    /// A list that has read this far shows the change.
    pub position: Position,
}

/// How often a lost race is tried again, each in a new transaction.
const TRIES: u32 = 3;

impl Store {
    /// Reads a stream.
    pub async fn load<A: Aggregate>(&self, tenant: TenantId, id: Uuid) -> Result<Loaded<A>, StoreError> {
        Loaded::of(id, self.state(tenant, A::TYPE.code(), id).await?)
    }

    /// Reads a stream, decides, and writes what was decided; a lost race is tried again.
    ///
    /// `decide` may run more than once. A taken row ([`crate::OnTaken::Refuse`]) is answered as
    /// [`CommitError::Taken`]; a conflict that persists as [`StoreError::Contended`].
    pub async fn execute<C: Codec, T, R>(
        &self,
        tenant: TenantId,
        id: Uuid,
        meta: &Meta,
        now: Timestamp,
        mut decide: impl FnMut(&Loaded<C::Aggregate>) -> Step<EventOf<C>, T, R, C::Aggregate> + Send,
    ) -> Result<Done<T, R, C::Aggregate>, CommitError>
    where
        T: Send,
        R: Send,
    {
        for _ in 0..TRIES {
            let loaded = self.load::<C::Aggregate>(tenant, id).await?;
            let step = decide(&loaded);
            match self.apply::<C, T, R>(tenant, loaded, meta, now, step).await {
                Err(CommitError::Conflict) => {}
                other => return other,
            }
        }
        Err(CommitError::Store(StoreError::Contended))
    }

    /// Writes one step upon a stream as it was read. A lost race is a
    /// [`CommitError::Conflict`] for the caller to handle.
    pub async fn apply<C: Codec, T, R>(
        &self,
        tenant: TenantId,
        loaded: Loaded<C::Aggregate>,
        meta: &Meta,
        now: Timestamp,
        step: Step<EventOf<C>, T, R, C::Aggregate>,
    ) -> Result<Done<T, R, C::Aggregate>, CommitError> {
        let Step { decision: Decision { events, outcome }, rows, facts, tasks, operational } = step;
        let mut state = events.iter().fold(loaded.state, C::Aggregate::evolve);
        let count = Version::try_from(events.len()).unwrap_or(Version::MAX);
        let touched = !events.is_empty() || operational.is_some();
        if let Some(change) = operational {
            change(&mut state);
        }
        if !touched && rows.is_empty() && facts.is_empty() && tasks.is_empty() {
            let position = self.head(crate::Log::Events);
            return Ok(Done { outcome, state, version: loaded.version, position });
        }
        let stream = if touched {
            Some(StreamWrite {
                tenant,
                kind: C::Aggregate::TYPE,
                id: loaded.id,
                expected: loaded.revision,
                version: loaded.version,
                events: events.iter().map(|event| self.event::<C>(event, meta, now)).collect(),
                state: serde_json::to_vec(&state).map_err(|cause| {
                    tracing::error!(%cause, "a state cannot be written");
                    StoreError::Failed
                })?,
            })
        } else {
            None
        };
        let committed = self.commit(Write { stream, rows, facts, tasks, ..Write::default() }).await?;
        Ok(Done { outcome, state, version: loaded.version + count, position: committed.position })
    }

    fn event<C: Codec>(&self, event: &EventOf<C>, meta: &Meta, now: Timestamp) -> NewEvent {
        NewEvent { id: self.event_id(), encoded: C::encode(event), occurred_at: now, meta: meta.clone() }
    }

    /// A fresh event id.
    pub fn event_id(&self) -> EventId {
        self.entropy().id(self.clock().real())
    }
}
