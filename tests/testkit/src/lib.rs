//! A platform for a test: its own folder, ports, clock and tenants; and a browser to visit it.
//!
//! Nothing is shared between tests, so they run in any order, alone, twice, side by side.

mod browser;
mod databases;
mod flow;
mod html;
mod receiver;
mod widget;
mod world;

pub use browser::{Browser, Visit};
pub use flow::{AuthorizeUrl, Pkce, Tokens};
pub use grantor_host::Role;
pub use html::{Form, forms, hidden};
pub use receiver::{Received, Receiver};
pub use world::{Engine, Partner, PartnerTenant, Person, Settings, World, acknowledged};
