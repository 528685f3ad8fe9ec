//! The composition root: configuration, the data folder, and one process made of services.
//!
//! Nothing here is static, so one test process can boot several platforms. Only this crate
//! knows which adapter stands behind a port.

mod config;
mod config_bus;
mod config_internal;
mod config_webhooks;
mod databases;
mod drill;
mod error;
mod folder;
mod following;
mod listen;
mod neighbours;
mod passwords;
mod platform;
mod roles;
mod rotation;
mod services;
mod stores;
mod tables;
mod tls;
mod wiring;

pub use config::{Config, Mode, SmtpSettings, TelemetrySettings, TlsSettings};
pub use config_bus::{BusSettings, KafkaTlsWords, KafkaWords, SaslWord, SaslWords};
pub use config_internal::{InternalSettings, InternalTls};
pub use config_webhooks::{Outbound, WebhookSettings};
pub use databases::{DatabaseSettings, PostgresDatabases};
pub use drill::drill;
pub use error::StartError;
pub use folder::{DataFolder, Held, Running};
pub use grantor_remote::Role;
pub use grantor_web::{PathSpec, Route};
pub use listen::{Bound, Listeners, Server};
pub use neighbours::{Internal, Ports};
pub use platform::{BusKind, Options, Platform};
pub use roles::Roles;
pub use rotation::Wrapped;
pub use stores::{SERVICES, Stores};
pub use tables::tenant_routes;
