//! Tests that are ended by force leave nobody behind.

use std::{
    io::{BufRead as _, BufReader},
    net::TcpStream,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use grantor_tests_ports::free_address;
use grantor_tests_postgres::Cluster;
use grantor_tests_servers::Broker;
use grantor_tests_topologies::Process;
use tempfile::TempDir;

use crate::bad_configuration::Case;

const HOLD: &str = "GRANTOR_TEST_HOLD_SERVERS";

/// Nothing, unless the other test asks: then it starts servers and waits to be killed.
#[test]
fn holds_servers_until_it_is_killed() {
    if std::env::var_os(HOLD).is_none() {
        return;
    }
    let (cluster, broker) = (Cluster::private(false), Broker::start());
    let (case, folder, admin) = (Case::made_with(""), TempDir::new().expect("a folder"), free_address());
    let config = folder.path().join("grantor.toml");
    std::fs::write(&config, format!("listen = [\"{}\"]\nadmin_listen = \"{admin}\"\n", free_address()))
        .expect("a file");
    let mut command = Command::new(grantor_tests_clients::binary());
    command.args(["serve", "--data"]).arg(case.data()).arg("--config").arg(&config);
    let mut process = Process::spawn(&mut command, &folder.path().join("log"));
    process.wait_until_ready(admin, "/ready").unwrap_or_else(|reason| panic!("{reason}"));
    let database = format!("127.0.0.1:{}", cluster.url().port().expect("a port"));
    println!("\nheld {database} {} {admin}", broker.address);
    loop {
        std::thread::park();
    }
}

#[test]
fn servers_end_with_the_tests_that_started_them_even_with_sigkill() {
    let mut holder = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "left_behind::holds_servers_until_it_is_killed", "--nocapture"])
        .env(HOLD, "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("this program starts");
    let lines = BufReader::new(holder.stdout.take().expect("its output")).lines();
    let held = lines.map_while(Result::ok).find_map(|line| line.strip_prefix("held ").map(str::to_owned));
    let held = held.expect("servers");
    let servers: Vec<&str> = held.split(' ').collect();
    assert!(servers.len() == 3 && servers.iter().all(|at| TcpStream::connect(at).is_ok()), "{held}");
    holder.kill().expect("killed");
    holder.wait().expect("ended");
    let started = Instant::now();
    while let Some(left) = servers.iter().find(|at| TcpStream::connect(at).is_ok()) {
        assert!(started.elapsed() < Duration::from_secs(60), "{left} is left behind");
        std::thread::sleep(Duration::from_millis(50));
    }
}
