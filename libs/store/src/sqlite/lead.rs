//! Who leads what: one process has the file, so leads are known in its memory.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use async_trait::async_trait;
use parking_lot::Mutex;

use crate::{Leader, Lease, backend::Held};

/// Leads of one file.
#[derive(Default)]
pub(super) struct Leads(Mutex<Known>);

#[derive(Default)]
struct Known {
    epochs: HashMap<&'static str, i64>,
    held: HashSet<&'static str>,
}

impl Leads {
    pub fn try_lead(self: &Arc<Self>, name: &'static str) -> Option<Lease> {
        let mut known = self.0.lock();
        if !known.held.insert(name) {
            return None;
        }
        let epoch = known.epochs.entry(name).or_default();
        *epoch += 1;
        let leader = Leader { name, epoch: *epoch };
        Some(Lease::new(leader, Box::new(Led { name, leads: Arc::clone(self) })))
    }

    /// Whether nobody has led after this.
    pub fn is_last(&self, leader: Leader) -> bool {
        self.0.lock().epochs.get(leader.name).is_some_and(|epoch| *epoch == leader.epoch)
    }
}

struct Led {
    name: &'static str,
    leads: Arc<Leads>,
}

#[async_trait]
impl Held for Led {
    async fn is_held(&mut self) -> bool {
        true
    }
}

impl Drop for Led {
    fn drop(&mut self) {
        self.leads.0.lock().held.remove(self.name);
    }
}
