//! The rules of grants and signing keys. Pure: time, randomness and what other services say
//! come with the command.
//!
//! A **grant** is one approval; its code, its refresh family and its tokens are states of that
//! one stream, so redemption, rotation and revocation are each one command with one guard.
//! A **signing key** is published before it signs and stays published after it has signed.

pub mod grant;
pub mod key;
mod policy;

pub use policy::{ClientStanding, Denial, Marks, NotBefore, Standing, Use, UserStanding, permit};
