use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use grantor_store::{TaskChange, Write};

use crate::{Directory, commands::SCRUB, mail};

/// How long to wait when nothing says that there is work.
const IDLE: Duration = Duration::from_secs(1);

/// For so long no other process scrubs for the same erasures.
const LEASE: TimeDelta = TimeDelta::minutes(1);

/// Sends mails, at once when one is queued here, and those of others or of yesterday by looking.
pub(crate) async fn mail(directory: Arc<Directory>) {
    loop {
        match mail::deliver_due(&directory).await {
            Ok(0) => {
                let _ = tokio::time::timeout(IDLE, directory.mail_queued.notified()).await;
            }
            Ok(_) => {}
            Err(cause) => {
                tracing::warn!(%cause, "mails cannot be sent now");
                tokio::time::sleep(IDLE).await;
            }
        }
    }
}

/// Finishes erasures whose files could not be scrubbed at once.
pub(crate) async fn scrub(directory: Arc<Directory>) {
    loop {
        tokio::time::sleep(IDLE).await;
        let now = directory.clock.real();
        let Ok(due) = directory.store.claim_tasks(SCRUB, now, LEASE, 100).await else { continue };
        if due.is_empty() {
            continue;
        }
        if let Err(cause) = directory.store.scrub().await {
            tracing::warn!(%cause, "erased data are still in the write-ahead log");
            continue;
        }
        let tasks = due.into_iter().map(|task| TaskChange::Done(task.id)).collect();
        if directory.store.commit(Write { tasks, ..Write::default() }).await.is_err() {
            tracing::warn!("a scrub is done, and will be done again");
        }
    }
}
