//! A service's process with nothing but writers and a relay, to be killed.
//!
//!   grantor-drill PLACE BROKERS PREFIX write POINT NTH   writes; kills itself the NTH time the
//!                                                        relay is at POINT (or is killed before);
//!                                                        says when the broker has acknowledged
//!   grantor-drill PLACE BROKERS PREFIX only-write        writes, and leaves the relay to others
//!   grantor-drill PLACE BROKERS PREFIX drain             relays until all is sent
//!
//! PLACE is a file, or the URL of a database on PostgreSQL.

use std::{
    io::Write as _,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use grantor_bus::{Kafka, KafkaSettings, Relay};
use grantor_ports::{Drill, Point};
use grantor_store::Log;
use grantor_telemetry::Metrics;
use grantor_tests_drills::{SERVICE, Writers, open};

const WRITERS: usize = 12;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let [place, brokers, prefix, what @ ..] = &words[..] else { panic!("PLACE BROKERS PREFIX write|drain …") };
    let (brokers, prefix) = ((*brokers).to_owned(), (*prefix).to_owned());
    let kafka = Kafka::new(KafkaSettings { brokers, prefix, ..KafkaSettings::default() }).expect("settings");
    let store = open(place).await;
    let relay = Relay::new(SERVICE, store.clone(), kafka, Metrics::new().relay(SERVICE));
    match what {
        ["write", point, nth] => {
            let point = match *point {
                "produced" => Some(Point::Produced),
                "acknowledged" => Some(Point::Acknowledged),
                _ => None,
            };
            let left = AtomicU32::new(nth.parse().expect("a number"));
            let writers = Writers::start(&store, WRITERS);
            relay.with_drill(Arc::new(Kill { point, left })).run().await;
            drop(writers);
        }
        ["only-write"] => {
            let _writers = Writers::start(&store, WRITERS);
            std::future::pending::<()>().await;
        }
        ["drain"] => {
            let relaying = tokio::spawn(relay.run());
            let head = store.newest(Log::Events).await.expect("a position");
            while store.cursor("relay", SERVICE).await.expect("a cursor") < head {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            relaying.abort();
        }
        other => panic!("what is {other:?}?"),
    }
}

/// Ends this process as `kill -9` does; says a line whenever the broker has acknowledged.
struct Kill {
    point: Option<Point>,
    left: AtomicU32,
}

#[async_trait]
impl Drill for Kill {
    async fn at(&self, point: Point) {
        if point == Point::Acknowledged {
            // Whoever listened may be gone.
            let _ = writeln!(std::io::stdout(), "acknowledged");
        }
        if self.point == Some(point) && self.left.fetch_sub(1, Ordering::SeqCst) == 1 {
            let _ = std::process::Command::new("kill").arg("-9").arg(std::process::id().to_string()).status();
            std::process::abort();
        }
    }
}
