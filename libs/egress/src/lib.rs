//! The only way out: connections that Grantor opens to somebody else's machine.
//!
//! Mail so far. Every connection has a time limit, TLS unless it stays on this machine, and
//! logs no address, no content and no answer that could quote them.

mod smtp;

pub use smtp::{SmtpConfig, SmtpConfigError, SmtpCredentials, SmtpMailer, SmtpSecurity};

#[cfg(test)]
mod tests;
