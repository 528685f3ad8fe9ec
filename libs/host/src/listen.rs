use std::{
    net::{SocketAddr, TcpListener},
    sync::Arc,
};

use actix_web::{App, HttpRequest, HttpServer, dev::ServerHandle, web};
use grantor_web::{AdminDispatcher, TenantDispatcher};
use tokio::task::JoinHandle;

use crate::{StartError, TlsSettings, tls};

/// How long a connection may take to send the head of its first request.
const SLOWEST_REQUEST: std::time::Duration = std::time::Duration::from_secs(30);

/// Sockets that are bound but do not answer yet.
pub struct Bound {
    tenants: Vec<TcpListener>,
    admin: TcpListener,
}

/// What to listen on, and how.
pub struct Listeners {
    /// The sockets.
    pub bound: Bound,
    /// Certificate and key of the tenants' listeners.
    pub tls: Option<TlsSettings>,
    /// Threads that answer requests.
    pub workers: usize,
}

/// Listeners that answer. Dropping it does not stop them; [`Server::stop`] does.
pub struct Server {
    handles: Vec<ServerHandle>,
    tasks: Vec<JoinHandle<std::io::Result<()>>>,
}

impl Bound {
    /// Binds all of them, or none. Port 0 takes a free one.
    pub fn bind(tenants: &[SocketAddr], admin: SocketAddr) -> Result<Self, StartError> {
        let bind = |setting: &'static str, address: SocketAddr| {
            let failed = |cause| StartError::Listen { setting, address: address.to_string(), cause };
            // Not `TcpListener::bind` alone: a listener of ours that has just been killed must
            // not keep its port.
            let listener = std::net::TcpListener::bind(address).map_err(failed)?;
            listener.set_nonblocking(true).map_err(|cause| StartError::Listen {
                setting,
                address: address.to_string(),
                cause,
            })?;
            Ok::<_, StartError>(listener)
        };
        let tenants = tenants.iter().map(|address| bind("listen", *address)).collect::<Result<_, _>>()?;
        Ok(Self { tenants, admin: bind("admin_listen", admin)? })
    }

    /// The tenants' addresses, in the order asked for.
    pub fn tenants(&self) -> Vec<SocketAddr> {
        self.tenants.iter().filter_map(|listener| listener.local_addr().ok()).collect()
    }

    /// The operators' address.
    pub fn admin(&self) -> Option<SocketAddr> {
        self.admin.local_addr().ok()
    }
}

impl Server {
    /// Starts to answer.
    pub fn start(
        listeners: Listeners,
        tenants: Arc<TenantDispatcher>,
        admin: Arc<AdminDispatcher>,
    ) -> Result<Self, StartError> {
        let Listeners { bound, tls, workers } = listeners;
        let failed = |setting: &'static str| {
            move |cause| StartError::Listen { setting, address: "its socket".to_owned(), cause }
        };
        let secured = tls.as_ref().map(tls::server).transpose()?;
        let encrypted = secured.is_some();
        let mut server = HttpServer::new(move || {
            let tenants = Arc::clone(&tenants);
            App::new().default_service(web::to(move |request: HttpRequest, payload: web::Payload| {
                let tenants = Arc::clone(&tenants);
                async move { tenants.answer(request, payload, encrypted).await }
            }))
        })
        .workers(workers)
        .client_request_timeout(SLOWEST_REQUEST)
        .shutdown_timeout(5)
        .disable_signals();
        for listener in bound.tenants {
            server = match &secured {
                Some(config) => server.listen_rustls_0_23(listener, config.clone()).map_err(failed("listen"))?,
                None => server.listen(listener).map_err(failed("listen"))?,
            };
        }
        let operators = HttpServer::new(move || {
            let admin = Arc::clone(&admin);
            App::new().default_service(web::to(move |request: HttpRequest, payload: web::Payload| {
                let admin = Arc::clone(&admin);
                async move { admin.answer(request, payload, false).await }
            }))
        })
        .workers(1)
        .client_request_timeout(SLOWEST_REQUEST)
        .shutdown_timeout(5)
        .disable_signals()
        .listen(bound.admin)
        .map_err(failed("admin_listen"))?;
        let running = [server.run(), operators.run()];
        Ok(Self {
            handles: running.iter().map(actix_web::dev::Server::handle).collect(),
            tasks: running.into_iter().map(|server| tokio::spawn(server)).collect(),
        })
    }

    /// Lets running requests end (at most five seconds) and stops.
    pub async fn stop(self) {
        for handle in &self.handles {
            handle.stop(true).await;
        }
        for task in self.tasks {
            let _ = task.await;
        }
    }
}
