use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::sync::watch;

use crate::Lost;

/// What was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// For a code.
    Authorize,
    /// The code for tokens.
    Exchange,
    /// Whether this token is active.
    Introspect(String),
    /// This refresh token for its successor.
    Refresh(String),
    /// This token is given back.
    Revoke(String),
    /// For a new client.
    Register,
    /// That the client may be used.
    Approve,
    /// How far the client is.
    Look,
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Tokens.
    Tokens {
        /// The access token.
        access: String,
        /// The refresh token.
        refresh: Option<String>,
    },
    /// Whether the token is active.
    Active(bool),
    /// The client's state.
    State(String),
    /// Yes.
    Done,
}

/// How it ended, for the one who asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Acknowledged.
    Acknowledged(Answer),
    /// Refused by a rule: a 4xx.
    Refused(u16),
    /// The connection died, or 503, for this reason: it may have happened or not.
    Unknown(String),
    /// A 5xx that must not be.
    Broken(u16),
}

impl Outcome {
    /// Whether nobody who asked knows whether it happened.
    pub const fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown(_))
    }
}

/// One question and its answer.
#[derive(Debug, Clone)]
pub struct Operation {
    /// The code whose grant it is about, or the client's id.
    pub subject: String,
    /// What was asked.
    pub what: What,
    /// Since the history began.
    pub start: Duration,
    /// Since the history began.
    pub end: Duration,
    /// How it ended.
    pub outcome: Outcome,
}

/// All that was asked in a run.
pub struct History {
    began: Instant,
    operations: Mutex<Vec<Operation>>,
    acknowledged: watch::Sender<usize>,
}

impl Default for History {
    fn default() -> Self {
        Self { began: Instant::now(), operations: Mutex::default(), acknowledged: watch::Sender::new(0) }
    }
}

impl History {
    /// Waits for an answer and writes it down. The answer decides about the subject where that is
    /// not known before: `read` gives both.
    pub async fn record(
        &self,
        subject: &str,
        what: What,
        answer: impl Future<Output = Result<Outcome, Lost>>,
    ) -> Outcome {
        let start = self.now();
        let outcome = answer.await.unwrap_or_else(|lost| Outcome::Unknown(lost.reason));
        self.note(subject, what, start, outcome.clone());
        outcome
    }

    /// Writes down what ended now.
    pub fn note(&self, subject: &str, what: What, start: Duration, outcome: Outcome) {
        let acknowledged = matches!(outcome, Outcome::Acknowledged(_));
        let operation = Operation { subject: subject.to_owned(), what, start, end: self.now(), outcome };
        self.operations.lock().push(operation);
        if acknowledged {
            self.acknowledged.send_modify(|count| *count += 1);
        }
    }

    /// The time since it began.
    pub fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// How many were acknowledged, now and from now on.
    pub fn acknowledged(&self) -> watch::Receiver<usize> {
        self.acknowledged.subscribe()
    }

    /// Everything from the n-th operation on.
    pub fn since(&self, n: usize) -> Vec<Operation> {
        self.operations.lock()[n..].to_vec()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.operations.lock().len()
    }

    /// Whether nothing has been asked yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
