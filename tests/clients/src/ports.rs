use std::net::TcpListener;

/// Ports that a demo takes from its first one on: its listeners, and its clients' callback.
const SPAN: u16 = 12;

/// The first of [`SPAN`] neighbouring loopback ports that are free now. Somebody else may take
/// one before the server does; then the server says so and the next try gets others.
pub(crate) fn free_block() -> u16 {
    loop {
        let first = TcpListener::bind(("127.0.0.1", 0))
            .and_then(|listener| listener.local_addr())
            .expect("a free port on loopback")
            .port();
        let Some(last) = first.checked_add(SPAN - 1) else { continue };
        if (first..=last).all(|port| TcpListener::bind(("127.0.0.1", port)).is_ok()) {
            return first;
        }
    }
}
