//! The composition root: configuration, the data folder, and one process made of services.
//!
//! Nothing here is static, so one test process can boot several platforms. Only this crate
//! knows which adapter stands behind a port.

mod config;
mod error;
mod folder;
mod late;
mod listen;
mod platform;
mod services;
mod stores;
mod tls;
mod wiring;

pub use config::{Config, Mode, SmtpSettings, TelemetrySettings, TlsSettings};
pub use error::StartError;
pub use folder::{DataFolder, Held, Running};
pub use listen::{Bound, Listeners, Server};
pub use platform::{BusKind, Options, Platform};
pub use stores::{SERVICES, Stores};
