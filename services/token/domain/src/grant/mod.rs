//! The grant: code → refresh family → end.

mod event;
mod exchange_code;
mod expire;
mod issue_code;
mod open;
mod revoke;
mod rotate_refresh;
mod state;

pub use event::{EndReason, GrantEvent, Whose};
pub use exchange_code::{ExchangeCode, ExchangeRefusal, Exchanged, RedirectDemand, exchange_code};
pub use expire::{NotOver, expire};
pub use issue_code::{AlreadyThere, issue_code};
pub use open::{OpenGrant, OpenRefusal, open_grant};
pub use revoke::{NotLive, Revoke, revoke};
pub use rotate_refresh::{RefreshRefusal, Refreshed, RotateRefresh, rotate_refresh};
pub use state::{Approval, Family, Grant};

#[cfg(test)]
mod tests;
