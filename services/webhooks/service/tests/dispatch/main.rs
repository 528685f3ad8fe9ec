//! From an event to a receiver on loopback.

mod arriving;
mod failing;
mod limits;
mod matching;
mod receiver;
mod world;
