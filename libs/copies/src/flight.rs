use std::hash::Hash;

use grantor_ports::PortError;
use moka::future::Cache;

/// Questions that are asked of an owner now. Whoever wants to know the same meanwhile waits for
/// that answer; whoever comes after it asks anew.
pub(crate) struct Flight<K, V>(Cache<K, V>);

impl<K: Hash + Eq + Clone + Send + Sync + 'static, V: Clone + Send + Sync + 'static> Flight<K, V> {
    pub fn new() -> Self {
        Self(Cache::new(10_000))
    }

    pub async fn ask(&self, key: K, question: impl Future<Output = Result<V, PortError>>) -> Result<V, PortError> {
        let answer = self.0.try_get_with_by_ref(&key, question).await.map_err(|cause| *cause);
        self.0.invalidate(&key).await;
        answer
    }
}
