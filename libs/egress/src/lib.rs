//! The only way out: connections that Grantor opens to another process or machine.
//!
//! Mail, calls of configured peers, and calls of addresses that strangers have chosen. Every connection has a time limit, TLS unless it stays on this machine, and
//! logs no address, no content and no answer that could quote them.

mod outbound;
mod peer;
mod reach;
mod smtp;
mod tenant_mailer;

pub use outbound::{
    CallClient, Destinations, LARGEST_ANSWER, Names, NoDestination, OutboundAnswer, OutboundCall, OutboundConfigError,
    OutboundError, OutboundTimes, SystemNames,
};
pub use peer::{PeerAnswer, PeerClient, PeerConfigError, PeerError, PeerTls};
pub use reach::Reach;
pub use smtp::{SmtpConfig, SmtpConfigError, SmtpCredentials, SmtpMailer, SmtpSecurity};
pub use tenant_mailer::TenantMailer;

#[cfg(test)]
mod tests;
