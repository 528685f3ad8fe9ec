use std::{
    fs,
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Command, Output},
    thread,
    time::{Duration, Instant},
};

use grantor_tests_clients::binary;

use crate::Process;

/// nginx with the configuration that `grantor ingress` makes.
pub struct Ingress {
    /// The process.
    pub process: Process,
    /// What the check of its configuration said.
    pub checked: String,
}

impl Ingress {
    /// Starts it in a folder of its own.
    ///
    /// # Panics
    /// When nginx does not take the configuration.
    pub fn start(folder: &Path, listen: &[SocketAddr], services: &[(&str, SocketAddr)], ask: SocketAddr) -> Self {
        let place = folder.join("nginx");
        fs::create_dir_all(&place).expect("a folder");
        let mut command = Command::new(binary());
        command.arg("ingress").args(["--ask", &ask.to_string()]).arg("--cache").arg(place.join("cache"));
        for at in listen {
            command.args(["--listen", &at.to_string()]);
        }
        for (name, at) in services {
            command.args(["--service", &format!("{name}={at}")]);
        }
        let made = command.output().expect("the binary starts");
        assert!(made.status.success(), "{}", said(&made));
        let sites = place.join("grantor.conf");
        fs::write(&sites, &made.stdout).expect("a file");
        let path = |name: &str| place.join(name).display().to_string();
        let main = format!(
            "daemon off;\nmaster_process off;\npid {};\nerror_log stderr notice;\nevents {{ worker_connections 256; }}\n\
             http {{\n    access_log off;\n    client_body_temp_path {};\n    proxy_temp_path {};\n    \
             fastcgi_temp_path {};\n    uwsgi_temp_path {};\n    scgi_temp_path {};\n    include {};\n}}\n",
            path("pid"),
            path("body"),
            path("proxy"),
            path("fastcgi"),
            path("uwsgi"),
            path("scgi"),
            sites.display()
        );
        let file = place.join("nginx.conf");
        fs::write(&file, main).expect("a file");
        let nginx = || {
            // Not on everybody's path.
            let installed = Path::new("/usr/sbin/nginx");
            let mut command = Command::new(if installed.exists() { installed } else { Path::new("nginx") });
            command.arg("-c").arg(&file).arg("-p").arg(&place).args(["-e", "stderr"]);
            command
        };
        let checked = nginx().arg("-t").output().expect("nginx is installed: `tools/setup test` does that");
        assert!(checked.status.success(), "{}", said(&checked));
        let process = Process::spawn(&mut nginx(), &folder.join("nginx.log"));
        let started = Instant::now();
        while TcpStream::connect(listen[0]).is_err() {
            assert!(started.elapsed() < Duration::from_secs(60), "nginx does not listen: {}", process.printed());
            thread::sleep(Duration::from_millis(20));
        }
        Self { process, checked: said(&checked) }
    }
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
