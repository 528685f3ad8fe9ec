//! A resource server to try tokens on: end-of-day prices, customers and accounts, made up. Mounted by the demo only.
//!
//! It shows what an API behind Grantor does: it takes the token from the `Authorization`
//! header, asks what it is worth (RFC 7662), and refuses as RFC 6750 says.

mod accounts;
mod authorize;
mod customers;
mod eod;
mod sample;

use std::sync::Arc;

use grantor_ports::{Clock, Flows, Tokens};
use grantor_web::{Method, PathSpec, Route, handler};

const GET: &[Method] = &[Method::GET];

/// The demo's resource server.
pub struct DemoApi {
    tokens: Arc<dyn Tokens>,
    flows: Arc<dyn Flows>,
    clock: Arc<dyn Clock>,
}

impl DemoApi {
    /// Tokens are checked by introspection at `tokens`, chosen accounts asked of `flows`; prices end
    /// on the clock's yesterday.
    pub fn new(tokens: Arc<dyn Tokens>, flows: Arc<dyn Flows>, clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self { tokens, flows, clock })
    }

    /// Its endpoints, on every tenant's API authority.
    pub fn routes(self: &Arc<Self>) -> Vec<Route> {
        let api = Arc::clone(self);
        let eod = handler(move |call| {
            let api = Arc::clone(&api);
            async move { eod::answer(&api, &call).await }
        });
        let api = Arc::clone(self);
        let customers = handler(move |call| {
            let api = Arc::clone(&api);
            async move { customers::answer(&api, &call).await }
        });
        let api = Arc::clone(self);
        let accounts = handler(move |call| {
            let api = Arc::clone(&api);
            async move { accounts::answer(&api, &call).await }
        });
        vec![
            Route::new("demo-api", "demo_accounts", GET, PathSpec::Fixed("/accounts"), accounts).on_api(),
            Route::new("demo-api", "demo_eod", GET, PathSpec::Fixed("/data/eod"), eod).on_api(),
            Route::new("demo-api", "demo_customers", GET, PathSpec::Fixed("/customers"), customers).on_api(),
        ]
    }
}
