//! What the tests of the guides share: a tenant with a client and a person, calls over real
//! HTTP, raw exchanges over a socket, and files of exchanges with named random parts.

mod golden;
mod raw;
mod scene;
mod smtp;
mod tokens;

pub use golden::{Values, compare, fill, jar, send};
pub use raw::{Raw, exchange};
pub use scene::{Answer, Scene, state_of};
pub use smtp::{SmtpServer, Taken};
pub use tokens::{claims_of, kid_of, sha256_hex, verified};
