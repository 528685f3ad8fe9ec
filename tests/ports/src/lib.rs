//! What servers that tests start need: ports on loopback that nobody else takes between looking and
//! listening, nor while a server that was killed is down; and an end, when the tests end by force.

mod children;

use std::{
    fs::{self, File},
    net::{SocketAddr, TcpListener},
};

pub use children::spawn;

/// Below the ports that the system gives to connections and to listeners at port 0.
const FIRST: u16 = 10_000;
/// Ports are claimed in blocks of so many.
const BLOCK: u16 = 4;
const BLOCKS: u16 = 5_500;

/// The first of so many neighbouring ports that are this process's until it ends.
///
/// # Panics
/// When `count` is 0 or more than a quarter of all, and without randomness.
pub fn free_ports(count: u16) -> u16 {
    let blocks = count.div_ceil(BLOCK);
    assert!((1..=BLOCKS / 4).contains(&blocks), "{count} ports are not to be had");
    loop {
        let mut bytes = [0; 2];
        #[expect(clippy::disallowed_methods, reason = "no two tests should look at the same ports first")]
        getrandom::fill(&mut bytes).expect("randomness");
        let first = u16::from_le_bytes(bytes) % (BLOCKS - blocks);
        let claims: Vec<File> = (first..first + blocks).map_while(claim).collect();
        let port = FIRST + first * BLOCK;
        let free = |port| TcpListener::bind(("127.0.0.1", port)).is_ok();
        if claims.len() == usize::from(blocks) && (port..port + count).all(free) {
            // The locks end with the process, however it ends.
            claims.into_iter().for_each(std::mem::forget);
            return port;
        }
    }
}

/// The address of one such port.
///
/// # Panics
/// As [`free_ports`] does.
pub fn free_address() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], free_ports(1)))
}

/// A lock on a block, unless another process, or this one, has it.
fn claim(block: u16) -> Option<File> {
    let folder = std::env::temp_dir().join("grantor-tests-ports");
    fs::create_dir_all(&folder).ok()?;
    let file = File::options().create(true).truncate(false).write(true).open(folder.join(block.to_string())).ok()?;
    file.try_lock().ok().map(|()| file)
}
