//! Moves the write-ahead log into the file.
//!
//! A thread of its own copies pages beside the writer, so that no request pays for it. That alone
//! never reaches the end of a log that is being written: the log would grow for as long as there
//! is load, and every read would search it. So once it is long, the thread hurries, and as soon as
//! little is left the writer copies that, between two batches, and starts the log anew.

use std::{sync::mpsc, thread, time::Duration};

use rusqlite::Connection;

/// Pages that may wait to be copied (4 KiB each).
const COPY_AT: i64 = 1000;
/// Pages after which the writer starts the log anew.
const RESTART_AT: i64 = 8000;
/// Pages that the writer may copy while requests wait for it: a few milliseconds.
const LITTLE: i64 = 400;
/// Pages after which it copies whatever is left.
const RESTART_ANYHOW_AT: i64 = RESTART_AT + RESTART_AT / 2;
const TICK: Duration = Duration::from_millis(100);
/// While the log is long.
const HURRY: Duration = Duration::from_millis(5);
/// How long the writer waits for those who still read the old log.
const PATIENCE: Duration = Duration::from_millis(50);

/// How a log stands, in pages; nothing is there yet when both are -1.
#[derive(Debug, Clone, Copy)]
struct Log {
    pages: i64,
    copied: i64,
}

/// `mode` is one of SQLite's: `NOOP` only looks.
fn checkpoint(connection: &Connection, mode: &'static str) -> rusqlite::Result<Log> {
    let statement = match mode {
        "PASSIVE" => "PRAGMA wal_checkpoint(PASSIVE)",
        "RESTART" => "PRAGMA wal_checkpoint(RESTART)",
        _ => "PRAGMA wal_checkpoint(NOOP)",
    };
    let mut statement = connection.prepare_cached(statement)?;
    statement.query_row([], |row| Ok(Log { pages: row.get(1)?, copied: row.get(2)? }))
}

/// The thread beside the writer; stops when dropped.
pub(super) struct Checkpointer {
    stop: mpsc::Sender<()>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Checkpointer {
    pub fn start(connection: Connection) -> Self {
        let (stop, stopped) = mpsc::channel();
        let thread = thread::Builder::new().name("checkpoint".into()).spawn(move || {
            let mut pause = TICK;
            while let Err(mpsc::RecvTimeoutError::Timeout) = stopped.recv_timeout(pause) {
                pause = match copy_if_long(&connection) {
                    Ok(log) if log.pages >= RESTART_AT && log.copied < log.pages => HURRY,
                    Ok(_) => TICK,
                    Err(cause) => {
                        tracing::warn!(%cause, "a checkpoint failed");
                        TICK
                    }
                };
            }
        });
        Self { stop, thread: thread.ok() }
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        let _ = self.stop.send(());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn copy_if_long(connection: &Connection) -> rusqlite::Result<Log> {
    let log = checkpoint(connection, "NOOP")?;
    let left = log.pages - log.copied;
    if left >= COPY_AT || (log.pages >= RESTART_AT && left > LITTLE / 2) {
        return checkpoint(connection, "PASSIVE");
    }
    Ok(log)
}

/// The writer's part.
pub(super) struct Restarts {
    /// Pages at which to try next.
    at: i64,
}

impl Restarts {
    pub const fn new() -> Self {
        Self { at: RESTART_AT }
    }

    /// Starts the log anew if it is long. A reader in the way is not waited for again before
    /// the log has grown by as much as the other thread copies.
    pub fn after_commit(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let log = checkpoint(connection, "NOOP")?;
        let left = log.pages - log.copied;
        if log.pages < RESTART_AT {
            self.at = RESTART_AT;
        } else if log.pages >= self.at && left > 0 && (left <= LITTLE || log.pages >= RESTART_ANYHOW_AT) {
            connection.busy_timeout(PATIENCE)?;
            let log = checkpoint(connection, "RESTART");
            connection.busy_timeout(super::open::BUSY_TIMEOUT)?;
            self.at = log?.pages + COPY_AT;
        }
        Ok(())
    }
}
