//! The guides, line by line; the attackers of the security document; OpenID Connect Core's code
//! flow. All against a running platform over HTTP.

mod attacks;
mod fa;
mod ff;
mod finx;
mod fx;
mod ge;
mod hooks;
mod oidc;
mod rows;
mod rust_client;
mod sandbox;
