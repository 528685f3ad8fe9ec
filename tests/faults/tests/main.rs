//! The real process under real faults, and what its files say afterwards.

mod canary;
mod collector;
mod erasure;
mod fleets;
mod folder;
mod judging;
mod kill;
mod marks;
mod postgres;
mod revocation;
mod run;
mod split;
mod tenants;
mod widget;
