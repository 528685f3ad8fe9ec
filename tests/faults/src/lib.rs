//! What the tests of faults are made of: partners that keep on asking while the server dies, the
//! history of what they were told, and a look into the files behind it all.

mod files;
mod history;
mod judge;
mod load;
mod partner;
mod seed;
mod visitor;

pub use files::{Cell, broken_streams, cells, databases, keyed_row, redeemed_twice};
pub use history::{Answer, History, Operation, Outcome, What};
pub use judge::judge;
pub use load::Load;
pub use partner::{Lost, Partner};
pub use seed::Seed;
pub use visitor::{Page, Visitor};
