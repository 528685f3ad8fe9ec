//! What partners do with a tenant's API, in their own words: tasks with fields, the request each
//! comes to, the `curl` that sends it, and the documents other tools read. Everything comes from
//! the profile, so a knob that is turned shows at once.

mod openapi;
mod postman;
mod request;
mod tasks;

pub use request::ApiRequest;
pub use tasks::{FieldKind, FieldPlace, Task, TaskAuth, TaskBody, TaskField, TaskId};
