//! The registry on a real SQLite file.

mod clients;
mod contract;
mod fold;
mod isolation;
mod pages;
mod races;
mod tenants;
mod world;
