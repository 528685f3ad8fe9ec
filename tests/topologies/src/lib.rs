//! One deployment in several shapes: all in one process, or each service in its own behind an
//! ingress; on files, or on PostgreSQL and Apache Kafka. The scenario knows nothing of that.

mod authority;
mod deployment;
mod ingress;
mod process;
mod scenario;
mod servers;

pub use authority::Authority;
pub use deployment::{Deployment, Shape};
pub use ingress::Ingress;
pub use process::Process;
pub use scenario::Scenario;
pub use servers::Servers;
