//! Endpoints over a real store.

mod fold;
mod golden;
mod lifecycle;
mod secrets;
mod world;
