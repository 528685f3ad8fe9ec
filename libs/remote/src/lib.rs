//! Ports whose owner is another process, or not there yet.
//!
//! Each port of `grantor-ports` has two more forms here: [`Remote`] calls the owner over HTTP,
//! and [`Late`] is named before its owner is made. The owner's side is [`methods`]: the routes
//! of its internal listener. One table, `src/tables.rs`, lists every method once, with who may
//! call it; all three forms are made from it.
//!
//! Calls are authenticated both ways with a key of that pair of services (`src/sign.rs`), have a
//! deadline, and fail fast while the owner is away (`src/peer.rs`).

mod call;
mod circuit;
mod endpoints;
mod events;
mod health;
mod late;
mod peer;
mod port;
mod role;
mod serve;
mod sign;
mod tables;

pub use endpoints::{RemoteEndpoints, endpoints};
pub use events::{Feed, RemoteLog, feed};
pub use health::{RemoteHealth, health};
pub use late::Late;
pub use peer::{Caller, Deadlines, Peer};
pub use role::{Role, UnknownRole};
pub use serve::{Gate, Method, Served, methods, routes};

use std::marker::PhantomData;

/// A port whose owner is in another process.
pub struct Remote<P: ?Sized> {
    caller: Caller,
    port: PhantomData<fn() -> Box<P>>,
}

impl<P: ?Sized> Remote<P> {
    /// The port, as this caller sees it.
    pub fn new(caller: Caller) -> Self {
        Self { caller, port: PhantomData }
    }
}
