//! Rows and copies that every request looks at and hardly any changes, kept in memory.
//!
//! Still never stale: the file has one writer, in this process, and it forgets what a commit
//! changed before anybody is told of that commit. Whoever reads after the answer reads the file.

use std::{collections::HashMap, sync::Arc};

use grantor_ids::TenantId;
use parking_lot::RwLock;

use crate::{Copied, Row, RowChange, StoreError, Write};

/// Values kept per kind; a full kind starts anew.
const MOST: usize = 20_000;

/// The key under which all rows of a kind are kept together.
pub(super) const WHOLE: &[u8] = b"";

/// All rows of a kind of one tenant, by their keys.
pub(super) type Rows = HashMap<Vec<u8>, Row>;

/// What is kept of one file.
#[derive(Default)]
pub(super) struct Steady {
    pub rows: Kept<Row>,
    pub copies: Kept<Copied>,
    /// Whole kinds, of which a tenant has few rows.
    pub kinds: Kept<Arc<Rows>>,
}

impl Steady {
    /// Forgets what these change, whether they succeeded or not.
    pub fn forget(&self, writes: &[&Write]) {
        let rows = writes.iter().flat_map(|write| &write.rows).map(RowChange::key);
        self.rows.forget(rows.clone().map(|key| (key.tenant, key.kind, key.key.as_slice())));
        self.kinds.forget(rows.map(|key| (key.tenant, key.kind, WHOLE)));
        let copies = writes.iter().flat_map(|write| &write.copies);
        self.copies.forget(copies.map(|copy| (copy.tenant, copy.kind, copy.key.as_bytes())));
    }
}

/// Values by kind and key; `None` is known to be absent.
pub(super) struct Kept<T>(RwLock<HashMap<&'static str, Kind<T>>>);

struct Kind<T> {
    /// How often something of this kind changed.
    changes: u64,
    /// Values in all.
    count: usize,
    /// Per tenant, so that a key is looked up as it is.
    tenants: HashMap<TenantId, HashMap<Vec<u8>, Option<T>>>,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<T> Default for Kind<T> {
    fn default() -> Self {
        Self { changes: 0, count: 0, tenants: HashMap::new() }
    }
}

impl<T> Kind<T> {
    fn known(&self, tenant: TenantId, key: &[u8]) -> Option<&Option<T>> {
        self.tenants.get(&tenant)?.get(key)
    }

    fn keep(&mut self, tenant: TenantId, key: &[u8], value: Option<T>) {
        if self.count >= MOST {
            self.tenants.clear();
            self.count = 0;
        }
        let fresh = self.tenants.entry(tenant).or_default().insert(key.to_vec(), value).is_none();
        self.count += usize::from(fresh);
    }

    fn forget(&mut self, tenant: TenantId, key: &[u8]) {
        self.changes += 1;
        let gone = self.tenants.get_mut(&tenant).and_then(|values| values.remove(key)).is_some();
        self.count -= usize::from(gone);
    }
}

impl<T: Clone> Kept<T> {
    /// What is kept, or else what `read` finds.
    pub fn get(
        &self,
        tenant: TenantId,
        kind: &'static str,
        key: &[u8],
        read: impl FnOnce() -> Result<Option<T>, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        if let Some(known) = self.0.read().get(kind).and_then(|kept| kept.known(tenant, key)) {
            return Ok(known.clone());
        }
        // Whatever changes from here on is not kept: it may not have been seen.
        let before = self.0.write().entry(kind).or_default().changes;
        let found = read()?;
        let mut kinds = self.0.write();
        let kept = kinds.entry(kind).or_default();
        if kept.changes == before {
            kept.keep(tenant, key, found.clone());
        }
        Ok(found)
    }

    fn forget<'k>(&self, changed: impl Iterator<Item = (TenantId, &'static str, &'k [u8])>) {
        for (tenant, kind, key) in changed {
            // Most kinds are never kept: looking is cheaper than locking others out.
            if self.0.read().contains_key(kind)
                && let Some(kept) = self.0.write().get_mut(kind)
            {
                kept.forget(tenant, key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: TenantId = TenantId::from_uuid(uuid::Uuid::nil());

    fn known(kept: &Kept<u8>, there: Option<u8>) -> Option<u8> {
        kept.get(TENANT, "kind", b"key", || Ok(there)).expect("it reads")
    }

    #[test]
    fn a_value_is_read_once_until_it_changes() {
        let kept = Kept::default();
        assert_eq!(known(&kept, Some(1)), Some(1));
        assert_eq!(known(&kept, Some(2)), Some(1), "kept");
        kept.forget([(TENANT, "kind", b"other".as_slice())].into_iter());
        assert_eq!(known(&kept, Some(2)), Some(1), "another key");
        kept.forget([(TENANT, "kind", b"key".as_slice())].into_iter());
        assert_eq!(known(&kept, Some(2)), Some(2));
    }

    #[test]
    fn absence_is_kept_too() {
        let kept = Kept::default();
        assert_eq!(known(&kept, None), None);
        assert_eq!(known(&kept, Some(1)), None);
    }

    #[test]
    fn what_changes_while_it_is_read_is_not_kept() {
        let kept = Kept::default();
        let old = kept.get(TENANT, "kind", b"key", || {
            kept.forget([(TENANT, "kind", b"key".as_slice())].into_iter());
            Ok(Some(1))
        });
        assert_eq!(old.expect("it reads"), Some(1));
        assert_eq!(known(&kept, Some(2)), Some(2));
    }
}
