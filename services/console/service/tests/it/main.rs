//! The console on a real database, between ports that only remember what they were told.

mod admin;
mod knobs;
mod listener;
mod mailbox;
mod openapi;
mod operators;
mod panel;
mod parsing;
mod ports;
mod support;
