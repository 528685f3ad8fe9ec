//! PostgreSQL for tests: one cluster for a whole test program (or a run of all of them), a
//! database of its own for each test, or one for each service of a test's deployment.
//!
//! `GRANTOR_TEST_POSTGRES=postgres://user:password@host:port/database` names a server of one's
//! own, whose user may make databases; `tools/test` starts one for the whole run that way.
//! Without it the first test that asks starts a private one, which ends with the process, however
//! that ends.

mod cluster;
mod database;
mod services;

pub use cluster::Cluster;
pub use database::TestDatabase;
pub use services::ServiceDatabases;
