//! What no dispatcher on this client library can be faster than: the same bodies posted, nothing
//! signed, nothing read, nothing written.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use bytes::Bytes;
use grantor_egress::{CallClient, OutboundCall};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::Failure;

/// The length of a body, in bytes.
const LENGTH: usize = 1024;

/// Posts so many, so many at a time; answers in how many seconds.
pub async fn post(client: &Arc<CallClient>, url: &str, count: u64, at_once: u64) -> Result<f64, Failure> {
    let (next, started, mut posting) = (Arc::new(AtomicU64::new(0)), Instant::now(), JoinSet::new());
    for owner in 0..at_once {
        let (client, next) = (Arc::clone(client), Arc::clone(&next));
        let call = OutboundCall {
            owner: Uuid::from_u128(u128::from(owner)),
            url: url.to_owned(),
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: Bytes::from(vec![b'x'; LENGTH]),
        };
        posting.spawn(async move {
            while next.fetch_add(1, Ordering::Relaxed) < count {
                let answer = client.call(&call).await.0?;
                if answer.status != 200 {
                    return Err(format!("a bare call was answered with {}", answer.status).into());
                }
            }
            Ok::<_, Failure>(())
        });
    }
    while let Some(done) = posting.join_next().await {
        done??;
    }
    Ok(started.elapsed().as_secs_f64())
}
