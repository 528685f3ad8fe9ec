//! Rows that were learned a moment ago, and may not be written yet.

use std::collections::{HashMap, VecDeque};

use grantor_ids::TenantId;
use grantor_store::{OnTaken, RowChange};
use parking_lot::Mutex;
use uuid::Uuid;

/// More than any batch of events that is written together.
const MOST: usize = 4096;

type Key = (TenantId, &'static str, Vec<u8>);

struct Value {
    /// Which of all that was learned.
    number: u64,
    leads_to: Option<Uuid>,
    data: Vec<u8>,
}

/// The newest rows, whether they are written or not.
#[derive(Default)]
pub(super) struct Recent(Mutex<Rows>);

#[derive(Default)]
struct Rows {
    values: HashMap<Key, Value>,
    /// Oldest first; a row that was learned twice stands here twice.
    order: VecDeque<(u64, Key)>,
    learned: u64,
    /// The newest of those that were forgotten.
    forgotten: u64,
}

impl Recent {
    /// Remembers rows that are about to be written.
    pub fn learn(&self, changes: &[RowChange]) {
        let mut rows = self.0.lock();
        for change in changes {
            let RowChange::Insert { key, aggregate, data, on_taken, .. } = change else { continue };
            let key = (key.tenant, key.kind, key.key.clone());
            if *on_taken == OnTaken::Keep && rows.values.contains_key(&key) {
                continue;
            }
            rows.learned += 1;
            let number = rows.learned;
            rows.order.push_back((number, key.clone()));
            rows.values.insert(key, Value { number, leads_to: *aggregate, data: data.clone() });
        }
        while rows.order.len() > MOST {
            let Some((number, oldest)) = rows.order.pop_front() else { break };
            rows.forgotten = number;
            if rows.values.get(&oldest).is_some_and(|value| value.number == number) {
                rows.values.remove(&oldest);
            }
        }
    }

    /// How much was learned so far.
    pub fn so_far(&self) -> u64 {
        self.0.lock().learned
    }

    /// Whether all that was learned after so much is still remembered.
    pub fn remembers_all_after(&self, so_far: u64) -> bool {
        self.0.lock().forgotten <= so_far
    }

    /// What is in one of them.
    pub fn row(&self, tenant: TenantId, kind: &'static str, key: &[u8]) -> Option<Vec<u8>> {
        self.0.lock().values.get(&(tenant, kind, key.to_vec())).map(|value| value.data.clone())
    }

    /// Key and data of those that lead to a stream.
    pub fn rows_of(&self, tenant: TenantId, kind: &'static str, stream: Uuid) -> Vec<(Vec<u8>, Vec<u8>)> {
        let rows = self.0.lock();
        let its = rows
            .values
            .iter()
            .filter(|(key, value)| (key.0, key.1) == (tenant, kind) && value.leads_to == Some(stream));
        its.map(|(key, value)| (key.2.clone(), value.data.clone())).collect()
    }
}

#[cfg(test)]
mod tests {
    use grantor_store::RowKey;

    use super::*;

    const TENANT: TenantId = TenantId::from_uuid(Uuid::nil());

    fn row(name: &str, leads_to: u128, data: &str) -> RowChange {
        RowChange::Insert {
            key: RowKey::new(TENANT, "kind", name),
            aggregate: Some(Uuid::from_u128(leads_to)),
            data: data.into(),
            expires_at: None,
            on_taken: OnTaken::Replace,
        }
    }

    #[test]
    fn the_newest_counts_and_the_oldest_go() {
        let recent = Recent::default();
        recent.learn(&[row("a", 1, "1"), row("b", 1, "2"), row("a", 2, "3")]);
        let found = |name: &str| recent.row(TENANT, "kind", name.as_bytes());
        assert_eq!((found("a"), found("c")), (Some(b"3".to_vec()), None));
        assert_eq!(recent.row(TENANT, "other", b"a"), None);
        assert_eq!(recent.rows_of(TENANT, "kind", Uuid::from_u128(1)), [(b"b".to_vec(), b"2".to_vec())]);
        let kept = RowChange::Insert {
            key: RowKey::new(TENANT, "kind", "a"),
            aggregate: None,
            data: Vec::new(),
            expires_at: None,
            on_taken: OnTaken::Keep,
        };
        recent.learn(&[kept]);
        assert_eq!(found("a"), Some(b"3".to_vec()), "what is there stays");
        let so_far = recent.so_far();
        let many: Vec<_> = (0..MOST - 1).map(|n| row(&n.to_string(), 3, "")).collect();
        recent.learn(&many);
        assert_eq!((found("b"), found("a")), (None, Some(b"3".to_vec())), "learned again after the other");
        assert!(recent.remembers_all_after(so_far));
        recent.learn(&[row("last", 3, "")]);
        assert_eq!(found("a"), None);
        assert!(recent.remembers_all_after(so_far), "the last that was forgotten was learned before");
        recent.learn(&[row("one more", 3, "")]);
        assert!(!recent.remembers_all_after(so_far));
        assert_eq!(recent.0.lock().values.len(), MOST);
    }
}
