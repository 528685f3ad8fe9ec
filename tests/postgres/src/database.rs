use std::collections::HashMap;

use grantor_ports::{EntropyExt, OsEntropy};
use tokio::sync::Mutex;
use url::Url;

use crate::Cluster;

/// Templates of this process on the shared cluster, by name.
static TEMPLATES: Mutex<Option<HashMap<&'static str, String>>> = Mutex::const_new(None);

/// A database that one test has for itself; gone when dropped.
pub struct TestDatabase {
    name: String,
    url: Url,
    /// Where it is removed again.
    at: Option<&'static Cluster>,
}

impl TestDatabase {
    /// A copy of a template, on the shared cluster. The first one to ask makes the template:
    /// `migrate` gets its URL.
    pub async fn of<F: Future<Output = ()>>(template: &'static str, migrate: impl FnOnce(String) -> F) -> Self {
        let cluster = Cluster::shared().await;
        let mut templates = TEMPLATES.lock().await;
        let templates = templates.get_or_insert_default();
        if !templates.contains_key(template) {
            // Kept for the whole run; it goes with the cluster.
            let made = Self::empty(cluster);
            migrate(made.url().to_owned()).await;
            templates.insert(template, made.name.clone());
        }
        let mut made = Self::make(cluster, &format!("TEMPLATE {}", templates[template]));
        made.at = Some(cluster);
        made
    }

    /// A new one without anything, on this cluster.
    pub fn empty(cluster: &Cluster) -> Self {
        Self::make(cluster, "TEMPLATE template0")
    }

    fn make(cluster: &Cluster, like: &str) -> Self {
        let name = format!("test_{}", OsEntropy.uuid4().simple());
        cluster.sql(cluster.url().path().trim_start_matches('/'), &format!("CREATE DATABASE {name} {like}"));
        let mut url = cluster.url().clone();
        url.set_path(&name);
        Self { name, url, at: None }
    }

    /// Its URL.
    pub fn url(&self) -> &str {
        self.url.as_str()
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Some(cluster) = self.at {
            let text = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
            let _ = cluster.client("psql", "postgres").args(["-X", "-q", "-c", &text]).output();
        }
    }
}
