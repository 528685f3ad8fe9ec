//! The unguarded effects of a batch, several changes of one key folded into one: a statement may
//! touch a row only once.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use grantor_eventsourcing::{Position, Timestamp};
use grantor_ids::TenantId;
use uuid::Uuid;

use super::deliveries::DeliveryNet;
use crate::{CopyChange, ListChange, NewFact, NewTask, StreamWrite, TaskChange, Write};

type ListId<'w> = (Uuid, &'static str, &'w str);

/// Everything but streams' states, keyed rows and the inbox.
#[derive(Default)]
pub(super) struct Net<'w> {
    pub streams: Vec<&'w StreamWrite>,
    pub facts: Vec<&'w NewFact>,
    pub copies: BTreeMap<(Uuid, &'static str, &'w str), &'w CopyChange>,
    pub lists: BTreeMap<ListId<'w>, ListNet<'w>>,
    pub tasks: Vec<TaskNet<'w>>,
    pub tasks_done: BTreeSet<Uuid>,
    pub tasks_later: BTreeMap<Uuid, (i32, Timestamp)>,
    /// Of a tenant and kind: due at the latest then.
    pub tasks_due: BTreeMap<(Uuid, &'static str), Timestamp>,
    pub deliveries: DeliveryNet<'w>,
    pub cursors: BTreeMap<(&'static str, &'w str), Position>,
    pub meta: BTreeMap<&'static str, &'w [u8]>,
    pub parked: BTreeMap<(&'static str, &'w str, Position), (Uuid, &'w str)>,
}

/// A list row in the end.
#[derive(Default)]
pub(super) struct ListNet<'w> {
    /// Whatever was there before the batch goes.
    pub removed: bool,
    pub put: Option<Item<'w>>,
}

pub(super) struct Item<'w> {
    pub owner: &'w str,
    pub sort: &'w str,
    pub version: u32,
    pub data: &'w [u8],
}

/// A new task as the batch leaves it.
pub(super) struct TaskNet<'w> {
    pub task: &'w NewTask,
    pub due_at: Timestamp,
    pub attempts: i32,
}

impl<'w> Net<'w> {
    pub fn add(&mut self, write: &'w Write) {
        self.streams.extend(&write.stream);
        self.facts.extend(&write.facts);
        write.copies.iter().for_each(|copy| self.copy(copy));
        write.lists.iter().for_each(|change| self.list(change));
        write.tasks.iter().for_each(|change| self.task(change));
        self.deliveries.add(&write.messages, &write.deliveries);
        if let Some(cursor) = &write.cursor {
            let at = self.cursors.entry((cursor.reader, &cursor.source)).or_default();
            *at = cursor.position.max(*at);
        }
        self.meta.extend(write.meta.iter().map(|(key, value)| (*key, value.as_slice())));
        if let Some((consumer, source, position, aggregate, reason)) = &write.park {
            self.parked.insert((consumer, source, *position), (*aggregate, reason));
        }
    }

    /// Of several, the newest; of the same version, the first.
    fn copy(&mut self, copy: &'w CopyChange) {
        match self.copies.entry((copy.tenant.uuid(), copy.kind, &copy.key)) {
            Entry::Vacant(free) => drop(free.insert(copy)),
            Entry::Occupied(mut there) if copy.version > there.get().version => drop(there.insert(copy)),
            Entry::Occupied(_) => {}
        }
    }

    fn list(&mut self, change: &'w ListChange) {
        let id = |tenant: &TenantId, list: &'static str, id: &'w str| (tenant.uuid(), list, id);
        match change {
            ListChange::Put { tenant, list, owner, sort, id: item, version, data } => {
                let net = self.lists.entry(id(tenant, list, item)).or_default();
                if net.put.as_ref().is_none_or(|there| *version >= there.version) {
                    net.put = Some(Item { owner, sort, version: *version, data });
                }
            }
            ListChange::Remove { tenant, list, id: item } => {
                self.lists.insert(id(tenant, list, item), ListNet { removed: true, put: None });
            }
        }
    }

    fn task(&mut self, change: &'w TaskChange) {
        match change {
            TaskChange::Add(task) => self.tasks.push(TaskNet { task, due_at: task.due_at, attempts: 0 }),
            TaskChange::Done(id) => {
                self.tasks.retain(|net| net.task.id != *id);
                self.tasks_later.remove(id);
                self.tasks_done.insert(*id);
            }
            TaskChange::Later(id, due_at) => match self.tasks.iter_mut().find(|net| net.task.id == *id) {
                Some(net) => (net.due_at, net.attempts) = (*due_at, net.attempts + 1),
                None if self.tasks_done.contains(id) => {}
                None => {
                    let (attempts, _) = self.tasks_later.get(id).copied().unwrap_or((0, *due_at));
                    self.tasks_later.insert(*id, (attempts + 1, *due_at));
                }
            },
            TaskChange::AllDue { tenant, kind, due_at } => {
                let of_these = |net: &&mut TaskNet<'_>| net.task.tenant == *tenant && net.task.kind == *kind;
                self.tasks.iter_mut().filter(of_these).for_each(|net| net.due_at = net.due_at.min(*due_at));
                self.tasks_due.insert((tenant.uuid(), *kind), *due_at);
            }
        }
    }
}
