//! One scenario at every shape of a deployment; ports at both of their forms; what a process
//! says before it does not start.

mod away;
mod bad_configuration;
mod bad_servers;
mod calls;
mod deploy;
mod encrypted;
mod explorer;
mod left_behind;
mod operators;
mod served;
mod shapes;
mod webhooks;
