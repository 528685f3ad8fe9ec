//! The services' databases on PostgreSQL: what cannot be used is refused by the setting's name, with
//! exit code 1 and nothing half-started.

use std::{
    fs,
    process::{Command, Output},
};

use grantor_tests_clients::binary;
use grantor_tests_postgres::{Cluster, ServiceDatabases};
use tempfile::TempDir;

/// A deployment's settings and folder, and its databases.
struct Deployment {
    folder: TempDir,
    databases: ServiceDatabases,
}

impl Deployment {
    /// Its databases are yet to be made.
    async fn new() -> Self {
        Self { folder: TempDir::new().expect("a folder"), databases: ServiceDatabases::named_only().await }
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

#[tokio::test]
async fn what_cannot_be_used_is_refused_by_its_name_and_leaves_nothing() {
    let cluster = Cluster::shared().await;
    let deployment = Deployment::new().await;
    let url = |url: &str| format!("url = \"{url}\"");
    deployment.refused("init", &url(&deployment.databases.url()), &["database.url", "does not exist"]);
    deployment.databases.make();
    let wrong = format!("{}\npassword_env = \"TEST_WRONG_PASSWORD\"", url(&deployment.databases.open_url()));
    deployment.refused("init", &wrong, &["database.url", "password authentication failed"]);
    let unset = format!("{}\npassword_env = \"TEST_{{SERVICE}}_UNSET\"", url(&deployment.databases.open_url()));
    deployment.refused("init", &unset, &["database.password_env", "TEST_REGISTRY_UNSET"]);
    let missing = format!("{}\npassword_file = \"/nowhere/{{service}}\"", url(&deployment.databases.open_url()));
    deployment.refused("init", &missing, &["database.password_file", "/nowhere/registry"]);
    let port = cluster.url().port().expect("a port");
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("bound").port();
    let nobody = deployment.databases.url().replace(&format!(":{port}/"), &format!(":{free}/"));
    deployment.refused("init", &url(&nobody), &["database.url", "refused"]);
    assert!(!deployment.folder.path().join("data").exists(), "nothing was made");
}

#[tokio::test]
async fn serve_neither_migrates_nor_takes_another_root_key() {
    let deployment = Deployment::new().await;
    deployment.databases.make();
    let file = deployment.folder.path().join("password");
    fs::write(&file, format!("{}\n", deployment.databases.password())).expect("a file");
    let settings = format!("url = \"{}\"\npassword_file = \"{}\"", deployment.databases.open_url(), file.display());
    let made = deployment.run("init", &settings);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let again = deployment.run("migrate", &settings);
    assert!(String::from_utf8_lossy(&again.stdout).contains("Up to date"), "{again:?}");
    deployment.refused("init", &settings, &["data folder already"]);
    // A step that this version knows and this database does not.
    deployment.databases.sql("token", "DELETE FROM seaql_migrations WHERE version = 'deliveries'");
    deployment.refused("serve", &settings, &["grantor migrate"]);
    deployment.databases.sql("token", "INSERT INTO seaql_migrations (version, applied_at) VALUES ('deliveries', 0)");
    let key = deployment.folder.path().join("data/root.key");
    let other = Deployment::new().await;
    other.databases.make();
    let elsewhere = format!("url = \"{}\"\npassword_file = \"{}\"", other.databases.open_url(), file.display());
    assert!(other.run("init", &elsewhere).status.success());
    fs::copy(other.folder.path().join("data/root.key"), &key).expect("another key");
    deployment.refused("serve", &settings, &["root_key", "another root key"]);
}
