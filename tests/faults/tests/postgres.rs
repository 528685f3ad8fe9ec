//! The services' databases on PostgreSQL: what cannot be used is refused by the setting's name, with
//! exit code 1 and nothing half-started.

use std::{
    fs,
    process::{Command, Output},
};

use grantor_tests_clients::binary;
use grantor_tests_postgres::Cluster;
use tempfile::TempDir;

const SERVICES: [&str; 5] = ["registry", "directory", "authorization", "token", "console"];

/// A deployment's settings and folder; its databases are called after `name`.
struct Deployment<'c> {
    folder: TempDir,
    cluster: &'c Cluster,
    name: String,
}

impl<'c> Deployment<'c> {
    fn new(cluster: &'c Cluster, name: &str) -> Self {
        Self { folder: TempDir::new().expect("a folder"), cluster, name: format!("{name}_{}", std::process::id()) }
    }

    fn make_databases(&self) {
        for service in SERVICES {
            self.cluster.sql("postgres", &format!("CREATE DATABASE {}_{service}", self.name));
        }
    }

    fn url(&self) -> String {
        let mut url = self.cluster.url().clone();
        url.set_path(&format!("{}_{{service}}", self.name));
        // The braces stay as they are: they are Grantor's.
        url.as_str().replace("%7B", "{").replace("%7D", "}")
    }

    /// Without a password, which is given some other way.
    fn open_url(&self) -> String {
        let password = self.cluster.url().password().expect("a password");
        self.url().replace(&format!(":{password}"), "")
    }

    fn run(&self, word: &str, database: &str) -> Output {
        let config = self.folder.path().join("grantor.toml");
        fs::write(
            &config,
            format!("listen = [\"127.0.0.1:0\"]\nadmin_listen = \"127.0.0.1:0\"\n[database]\n{database}\n"),
        )
        .expect("a file");
        let mut command = Command::new(binary());
        command.arg(word).arg("--config").arg(config).arg("--data").arg(self.folder.path().join("data"));
        command.env("TEST_WRONG_PASSWORD", "not this one").output().expect("the binary starts")
    }

    fn refused(&self, word: &str, database: &str, named: &[&str]) {
        let output = self.run(word, database);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{word}: {said}");
        for named in named {
            assert!(said.contains(named), "{named} is not in: {said}");
        }
        assert!(!said.contains("not this one"), "a password is shown: {said}");
    }
}

impl Drop for Deployment<'_> {
    fn drop(&mut self) {
        for service in SERVICES {
            self.cluster.sql("postgres", &format!("DROP DATABASE IF EXISTS {}_{service} WITH (FORCE)", self.name));
        }
    }
}

#[tokio::test]
async fn what_cannot_be_used_is_refused_by_its_name_and_leaves_nothing() {
    let cluster = Cluster::shared().await;
    let deployment = Deployment::new(cluster, "refused");
    let url = |url: &str| format!("url = \"{url}\"");
    deployment.refused("init", &url(&deployment.url()), &["database.url", "does not exist"]);
    deployment.make_databases();
    let wrong = format!("{}\npassword_env = \"TEST_WRONG_PASSWORD\"", url(&deployment.open_url()));
    deployment.refused("init", &wrong, &["database.url", "password authentication failed"]);
    let unset = format!("{}\npassword_env = \"TEST_{{SERVICE}}_UNSET\"", url(&deployment.open_url()));
    deployment.refused("init", &unset, &["database.password_env", "TEST_REGISTRY_UNSET"]);
    let missing = format!("{}\npassword_file = \"/nowhere/{{service}}\"", url(&deployment.open_url()));
    deployment.refused("init", &missing, &["database.password_file", "/nowhere/registry"]);
    let port = cluster.url().port().expect("a port");
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("bound").port();
    let nobody = deployment.url().replace(&format!(":{port}/"), &format!(":{free}/"));
    deployment.refused("init", &url(&nobody), &["database.url", "refused"]);
    assert!(!deployment.folder.path().join("data").exists(), "nothing was made");
}

#[tokio::test]
async fn serve_neither_migrates_nor_takes_another_root_key() {
    let cluster = Cluster::shared().await;
    let deployment = Deployment::new(cluster, "served");
    deployment.make_databases();
    let file = deployment.folder.path().join("password");
    fs::write(&file, format!("{}\n", cluster.url().password().expect("a password"))).expect("a file");
    let settings = format!("url = \"{}\"\npassword_file = \"{}\"", deployment.open_url(), file.display());
    let made = deployment.run("init", &settings);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let again = deployment.run("migrate", &settings);
    assert!(String::from_utf8_lossy(&again.stdout).contains("Up to date"), "{again:?}");
    deployment.refused("init", &settings, &["data folder already"]);
    // A step that this version knows and this database does not.
    let token = format!("{}_token", deployment.name);
    cluster.sql(&token, "DELETE FROM seaql_migrations");
    deployment.refused("serve", &settings, &["grantor migrate"]);
    cluster.sql(&token, "INSERT INTO seaql_migrations (version, applied_at) VALUES ('event_store', 0)");
    let key = deployment.folder.path().join("data/root.key");
    let other = Deployment::new(cluster, "other");
    other.make_databases();
    let elsewhere = format!("url = \"{}\"\npassword_file = \"{}\"", other.open_url(), file.display());
    assert!(other.run("init", &elsewhere).status.success());
    fs::copy(other.folder.path().join("data/root.key"), &key).expect("another key");
    deployment.refused("serve", &settings, &["root_key", "another root key"]);
}
