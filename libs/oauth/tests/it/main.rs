//! The words of the RFCs, and what is not one.

mod credentials;
mod dpop;
mod errors;
mod oidc;
mod params;
mod pkce;
mod redirect;
mod scope;
