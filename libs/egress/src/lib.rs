//! The only way out: connections that Grantor opens to another process or machine.
//!
//! Mail, and calls of configured peers. Every connection has a time limit, TLS unless it stays on this machine, and
//! logs no address, no content and no answer that could quote them.

mod peer;
mod reach;
mod smtp;
mod tenant_mailer;

pub use peer::{PeerAnswer, PeerClient, PeerConfigError, PeerError, PeerTls};
pub use reach::Reach;
pub use smtp::{SmtpConfig, SmtpConfigError, SmtpCredentials, SmtpMailer, SmtpSecurity};
pub use tenant_mailer::TenantMailer;

#[cfg(test)]
mod tests;
