//! The running binary against the client libraries that partners use (FF-12), and the promises
//! of `make run`.

mod demo;
mod libraries;
