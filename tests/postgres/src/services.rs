use grantor_ports::{EntropyExt, OsEntropy};

use crate::Cluster;

/// The services that have a database.
const SERVICES: [&str; 6] = ["registry", "directory", "authorization", "token", "console", "webhooks"];

/// A deployment's databases on the shared cluster, one for each service; gone when dropped.
pub struct ServiceDatabases {
    cluster: &'static Cluster,
    name: String,
}

impl ServiceDatabases {
    /// New ones, without anything in them.
    pub async fn empty() -> Self {
        let named = Self::named_only().await;
        named.make();
        named
    }

    /// Names that nobody has, for databases that are not there yet.
    pub async fn named_only() -> Self {
        let name = format!("services_{}", OsEntropy.uuid4().simple());
        Self { cluster: Cluster::shared().await, name }
    }

    /// Makes them.
    pub fn make(&self) {
        for service in SERVICES {
            self.cluster.sql("postgres", &format!("CREATE DATABASE {}", self.of(service)));
        }
    }

    /// The name of a service's.
    pub fn of(&self, service: &str) -> String {
        format!("{}_{service}", self.name)
    }

    /// Their URL, with `{service}` in it, as `database.url` wants it.
    pub fn url(&self) -> String {
        let mut url = self.cluster.url().clone();
        url.set_path(&self.of("{service}"));
        // The braces stay as they are: they are Grantor's.
        url.as_str().replace("%7B", "{").replace("%7D", "}")
    }

    /// The same without the password, which is given some other way.
    ///
    /// # Panics
    /// When the cluster's URL has none.
    pub fn open_url(&self) -> String {
        self.url().replace(&format!(":{}@", self.password()), "@")
    }

    /// The password that [`ServiceDatabases::open_url`] leaves out.
    ///
    /// # Panics
    /// When the cluster's URL has none.
    pub fn password(&self) -> &str {
        self.cluster.url().password().expect("a password")
    }

    /// Rows of a service's.
    pub fn sql(&self, service: &str, text: &str) -> Vec<String> {
        self.cluster.sql(&self.of(service), text)
    }
}

impl Drop for ServiceDatabases {
    fn drop(&mut self) {
        for service in SERVICES {
            let text = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.of(service));
            // A cluster that is gone has taken them with it.
            let _ = self.cluster.client("psql", "postgres").args(["-X", "-q", "-c", &text]).output();
        }
    }
}
