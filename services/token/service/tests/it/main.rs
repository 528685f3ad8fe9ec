//! The token service on a real file: commands, endpoints, races, keys.

mod bad_input;
mod codes;
mod doubled;
mod dpop;
mod families;
mod folds;
mod forms;
mod golden;
mod introspection;
mod keys;
mod mass_revocation;
mod metadata;
mod revocation;
mod userinfo;
mod world;
