//! Consumers on a real file, behind a source that delivers late and twice.

mod followed;
mod parking;
mod replay;
