//! The real process under real faults, and what its files say afterwards.

mod arrivals;
mod calls;
mod canary;
mod collector;
mod erasure;
mod fall;
mod fleets;
mod folder;
mod judging;
mod judging_calls;
mod kafka;
mod kill;
mod marks;
mod points;
mod postgres;
mod revocation;
mod rotation;
mod run;
mod split;
mod tenants;
mod widget;
