use std::{
    net::{SocketAddr, TcpListener},
    sync::Arc,
};

use actix_web::{App, HttpRequest, HttpServer, dev::ServerHandle, web};
use grantor_web::AdminDispatcher;
use tokio::task::JoinHandle;

use crate::{InternalTls, Platform, StartError, TlsSettings, tls};

/// How long a connection may take to send the head of its first request.
const SLOWEST_REQUEST: std::time::Duration = std::time::Duration::from_secs(30);

/// How long an idle connection is kept: longer than other processes keep it in their pools, and
/// nginx in its own (60 s), so that no request is sent into a connection that is being closed.
const IDLE: std::time::Duration = std::time::Duration::from_secs(75);

/// Sockets that are bound but do not answer yet.
pub struct Bound {
    tenants: Vec<TcpListener>,
    admin: TcpListener,
    internal: Option<TcpListener>,
}

/// What to listen on, and how.
pub struct Listeners {
    /// The sockets.
    pub bound: Bound,
    /// Certificate and key of the tenants' listeners.
    pub tls: Option<TlsSettings>,
    /// Certificates of the internal listener, and whose others must have.
    pub internal_tls: Option<InternalTls>,
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
        let tenants = tenants.iter().map(|address| bind("listen", *address)).collect::<Result<_, _>>()?;
        Ok(Self { tenants, admin: bind("admin_listen", admin)?, internal: None })
    }

    /// The same with an address for other processes of the deployment.
    pub fn and_internal(self, address: Option<SocketAddr>) -> Result<Self, StartError> {
        let internal = address.map(|address| bind("internal.listen", address)).transpose()?;
        Ok(Self { internal, ..self })
    }

    /// The tenants' addresses, in the order asked for.
    pub fn tenants(&self) -> Vec<SocketAddr> {
        self.tenants.iter().filter_map(|listener| listener.local_addr().ok()).collect()
    }

    /// The address for other processes.
    pub fn internal(&self) -> Option<SocketAddr> {
        self.internal.as_ref().and_then(|listener| listener.local_addr().ok())
    }

    /// The operators' address.
    pub fn admin(&self) -> Option<SocketAddr> {
        self.admin.local_addr().ok()
    }
}

fn bind(setting: &'static str, address: SocketAddr) -> Result<TcpListener, StartError> {
    let failed = |cause| StartError::Listen { setting, address: address.to_string(), cause };
    // The standard library's bind lets a port be used again at once: a listener of ours that has
    // just been killed must not keep it.
    let listener = TcpListener::bind(address).map_err(failed)?;
    listener.set_nonblocking(true).map_err(|cause| StartError::Listen {
        setting,
        address: address.to_string(),
        cause,
    })?;
    Ok(listener)
}

fn failed(setting: &'static str) -> impl FnOnce(std::io::Error) -> StartError {
    move |cause| StartError::Listen { setting, address: "its socket".to_owned(), cause }
}

/// The server of a listener whose callers are machines of this deployment.
fn machines(
    listener: TcpListener,
    dispatcher: Arc<AdminDispatcher>,
    workers: usize,
    tls: Option<rustls::ServerConfig>,
    setting: &'static str,
) -> Result<actix_web::dev::Server, StartError> {
    let server = HttpServer::new(move || {
        let dispatcher = Arc::clone(&dispatcher);
        App::new().default_service(web::to(move |request: HttpRequest, payload: web::Payload| {
            let dispatcher = Arc::clone(&dispatcher);
            async move { dispatcher.answer(request, payload, false).await }
        }))
    })
    .workers(workers)
    .client_request_timeout(SLOWEST_REQUEST)
    .keep_alive(IDLE)
    .shutdown_timeout(5)
    .disable_signals();
    let server = match tls {
        Some(config) => server.listen_rustls_0_23(listener, config),
        None => server.listen(listener),
    };
    server.map(HttpServer::run).map_err(failed(setting))
}

impl Server {
    /// Starts to answer.
    pub fn start(listeners: Listeners, platform: &Platform) -> Result<Self, StartError> {
        let Listeners { bound, tls, internal_tls, workers } = listeners;
        let tenants = Arc::clone(&platform.tenants);
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
        .keep_alive(IDLE)
        .shutdown_timeout(5)
        .disable_signals();
        let faces = !bound.tenants.is_empty() && !platform.tenants.routes().is_empty();
        for listener in bound.tenants {
            server = match &secured {
                Some(config) => server.listen_rustls_0_23(listener, config.clone()).map_err(failed("listen"))?,
                None => server.listen(listener).map_err(failed("listen"))?,
            };
        }
        let mut running = vec![machines(bound.admin, Arc::clone(&platform.admin), 1, None, "admin_listen")?];
        if faces {
            running.push(server.run());
        }
        if let Some(listener) = bound.internal {
            let secured = internal_tls.as_ref().map(tls::mutual).transpose()?;
            let internal = Arc::clone(&platform.internal);
            running.push(machines(listener, internal, workers, secured, "internal.listen")?);
        }
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
