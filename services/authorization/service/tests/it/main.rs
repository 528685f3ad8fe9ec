//! The service on a real database, asked as a browser asks; other services are doubles that
//! behave as their ports say.

mod apps;
mod browser;
mod errors;
mod flow;
mod forms;
mod logout;
mod others;
mod prompts;
mod reset;
mod sessions;
mod sign_up;
mod stored;
mod world;
