//! The directory on a real SQLite file.

mod admin;
mod erasure;
mod fold;
mod login;
mod mail;
mod reset;
mod sign_up;
mod world;
