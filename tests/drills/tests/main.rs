//! A real broker and real processes, killed and stopped under load.

mod judging;
mod killed;
mod outage;
mod platform;
