//! The attackers of the security document (RFC 9700 3), each row by a test that plays one.

mod assertions;
mod codes;
mod dpop;
mod endings;
mod front_channel;
mod guessing;
mod pages;
mod pushed;
mod redirects;
mod refresh;
mod reset;
mod rest;
mod transport;
