//! What the tests of faults are made of: partners that keep on asking while the server dies, the
//! history of what they were told, and a look into the files behind it all. A fleet is the same with
//! each service in a process of its own, on files or on PostgreSQL, with or without Apache Kafka, and with
//! partners who are called.

mod bus;
mod errands;
mod files;
mod fleet;
mod fleet_calls;
mod fleet_data;
mod gateway;
mod history;
mod hooks;
mod judge;
mod judge_calls;
mod load;
mod partner;
mod process;
mod scout;
mod seed;
mod visitor;

pub use bus::{Bus, Told};
pub use errands::Errands;
pub use files::{Cell, broken_streams, cells, databases, keyed_row, redeemed_twice};
pub use fleet::Fleet;
pub use fleet_data::LogEnd;
pub use gateway::Gateway;
pub use history::{Answer, History, Operation, Outcome, What};
pub use hooks::Hooks;
pub use judge::judge;
pub use judge_calls::{Arrival, Calls, Due, Whose, trace_of};
pub use load::Load;
pub use partner::{Lost, Partner};
pub use scout::Scout;
pub use seed::Seed;
pub use visitor::{Page, Visitor};

/// Whether the long form is wanted: `make faults`.
pub fn is_long() -> bool {
    std::env::var("FAULT_LONG").is_ok_and(|text| !text.is_empty())
}
