//! Lists, fed by this service's own log; never on a request's hot path.

mod grants;

pub use grants::GrantList;
pub(crate) use grants::{Listed, Owner, grants_of};
