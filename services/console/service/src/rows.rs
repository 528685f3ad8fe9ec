//! The kinds of this service's keyed rows. What is secret is a hash, what is personal is sealed
//! or a keyed hash.

/// There is a first operator. One row, so there is one of them.
pub(crate) const FIRST: &str = "first_operator";
/// SHA-256 of an operator's token → operator.
pub(crate) const TOKEN: &str = "operator_token";
/// SHA-256 of a browser session's id → operator.
pub(crate) const SESSION: &str = "operator_session";
/// Keyed hash of a network address → wrong tokens that came from there.
pub(crate) const FAILURES: &str = "operator_failure";
/// Instant and number of a mail → the mail, sealed; leads to the head of its address' keyed hash.
pub(crate) const MAIL: &str = "mail";
/// Tenant → there are mails of it.
pub(crate) const MAIL_TENANT: &str = "mail_tenant";
