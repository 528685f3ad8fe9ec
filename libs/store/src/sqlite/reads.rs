//! Point reads. Those that wait at the same moment share one read transaction: taking and giving
//! back SQLite's lock, and reading the upper pages of the trees anew after each commit, costs
//! more than the reads themselves. The transaction starts after the last of them was asked for,
//! so none is stale.

use parking_lot::Mutex;
use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::StoreError;

type Query = Box<dyn FnOnce(&Connection) + Send>;

/// The read connections of a file, and the reads that wait for the next transaction.
pub(super) struct Reads {
    connections: Vec<Mutex<Connection>>,
    waiting: Mutex<Vec<Query>>,
}

impl Reads {
    /// At least one connection.
    pub fn new(connections: Vec<Connection>) -> Self {
        Self { connections: connections.into_iter().map(Mutex::new).collect(), waiting: Mutex::default() }
    }

    /// One read on a free connection, made where it is asked.
    pub fn now<T>(&self, query: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        self.with(query).map_err(failed)
    }

    /// One read, together with those that are asked for before this thread has nothing else to do.
    pub async fn shared<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let first = {
            let mut waiting = self.waiting.lock();
            // Whoever asked may be gone.
            waiting.push(Box::new(move |connection| drop(reply.send(query(connection)))));
            waiting.len() == 1
        };
        if first {
            let turn = Turn(self);
            tokio::task::yield_now().await;
            drop(turn);
        }
        answer.await.map_err(|_| StoreError::Failed)?.map_err(failed)
    }

    fn with<T>(&self, work: impl FnOnce(&Connection) -> T) -> T {
        let free = self.connections.iter().find_map(Mutex::try_lock);
        work(&free.unwrap_or_else(|| self.connections[0].lock()))
    }

    fn run(&self, queries: Vec<Query>) {
        self.with(|connection| {
            // Without it each read is a transaction of its own, which is as right.
            let together = queries.len() > 1 && step(connection, "BEGIN").is_ok();
            queries.into_iter().for_each(|query| query(connection));
            if together && let Err(cause) = step(connection, "COMMIT") {
                tracing::error!(%cause, "a read transaction does not end");
            }
        });
    }
}

/// The first of those who wait reads for all, even if it is dropped meanwhile.
struct Turn<'r>(&'r Reads);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let queries = std::mem::take(&mut *self.0.waiting.lock());
        self.0.run(queries);
    }
}

fn step(connection: &Connection, statement: &'static str) -> rusqlite::Result<()> {
    connection.prepare_cached(statement)?.execute([]).map(drop)
}

fn failed(cause: rusqlite::Error) -> StoreError {
    tracing::error!(%cause, "a read failed");
    StoreError::Failed
}

#[cfg(test)]
mod tests {
    use futures_util::future::{join_all, poll_immediate};

    use super::*;

    fn reads() -> Reads {
        let connection = Connection::open_in_memory().expect("a database");
        connection
            .execute_batch("CREATE TABLE seen (n INTEGER); INSERT INTO seen VALUES (1), (2), (3);")
            .expect("rows");
        Reads::new(vec![connection])
    }

    fn number(connection: &Connection, n: i64) -> rusqlite::Result<(i64, bool)> {
        let found = connection.query_row("SELECT n FROM seen WHERE n = ?1", [n], |row| row.get(0))?;
        Ok((found, connection.is_autocommit()))
    }

    #[tokio::test]
    async fn reads_that_wait_together_share_a_transaction_and_get_their_own_answers() {
        let reads = reads();
        let answers = join_all((1..=3).map(|n| reads.shared(move |c| number(c, n)))).await;
        let answers: Vec<_> = answers.into_iter().map(|answer| answer.expect("a row")).collect();
        assert_eq!(answers, [(1, false), (2, false), (3, false)]);
        assert_eq!(reads.shared(|c| number(c, 2)).await.expect("a row"), (2, true), "alone it needs none");
    }

    #[tokio::test]
    async fn a_failing_read_fails_alone() {
        let reads = reads();
        let (good, bad) = tokio::join!(reads.shared(|c| number(c, 1)), reads.shared(|c| number(c, 9)));
        assert_eq!(good.expect("a row").0, 1);
        assert_eq!(bad.expect_err("no row"), StoreError::Failed);
    }

    #[tokio::test]
    async fn when_the_first_goes_away_the_others_are_answered_all_the_same() {
        let reads = reads();
        let mut first = Box::pin(reads.shared(|c| number(c, 1)));
        assert!(poll_immediate(&mut first).await.is_none(), "it waits for company");
        let mut second = Box::pin(reads.shared(|c| number(c, 2)));
        assert!(poll_immediate(&mut second).await.is_none());
        drop(first);
        assert_eq!(second.await.expect("a row").0, 2);
    }
}
