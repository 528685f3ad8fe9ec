//! What an answer, or none, means for the delivery and for its endpoint.

use chrono::TimeDelta;

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// With an answer.
    Answered {
        /// Its status.
        status: u16,
        /// Its `Retry-After` (RFC 9110 10.2.3), as a time from now.
        retry_after: Option<TimeDelta>,
    },
    /// Without one.
    Failed(Failure),
}

/// Why there was no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The name has no address.
    Dns,
    /// An address that may not be called.
    Blocked,
    /// No connection.
    Connect,
    /// No TLS.
    Tls,
    /// The time was over.
    Timeout,
    /// The connection broke, or what came was no HTTP.
    Broken,
    /// The URL is none that can be called.
    Address,
}

impl Failure {
    /// The word in logs and answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Blocked => "blocked",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::Broken => "broken",
            Self::Address => "address",
        }
    }
}

/// What an attempt says of its endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// It works.
    Well,
    /// It answers, and refuses this message.
    Refuses,
    /// It does not work: several in a row, and it is left alone for a while.
    Ill,
    /// It is gone for good.
    Gone,
}

/// What to do about an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// What was wrong, as a word; `None` when the message arrived.
    pub error: Option<&'static str>,
    /// What it says of the endpoint.
    pub sign: Sign,
    /// Whether fewer calls should be on their way at once.
    pub overloaded: bool,
    /// For how long the endpoint wants to be left alone.
    pub pause: Option<TimeDelta>,
}

/// Longer is no pause but an end.
const LONGEST_PAUSE: TimeDelta = TimeDelta::hours(24);
/// Where "too many" comes without a time.
const USUAL_PAUSE: TimeDelta = TimeDelta::seconds(60);

impl Ended {
    /// Judges it.
    pub fn verdict(self) -> Verdict {
        let (status, retry_after) = match self {
            Self::Answered { status, retry_after } => (status, retry_after),
            Self::Failed(failure) => {
                // What may not be called, or cannot, is no illness that passes with time.
                let sign =
                    if matches!(failure, Failure::Blocked | Failure::Address) { Sign::Refuses } else { Sign::Ill };
                let error = Some(failure.as_str());
                return Verdict { error, sign, overloaded: failure == Failure::Timeout, pause: None };
            }
        };
        let asked = retry_after.map(|time| time.clamp(TimeDelta::zero(), LONGEST_PAUSE));
        let failed = |error, sign| Verdict { error: Some(error), sign, overloaded: false, pause: None };
        match status {
            200..=299 => Verdict { error: None, sign: Sign::Well, overloaded: false, pause: None },
            300..=399 => failed("redirect", Sign::Refuses),
            410 => failed("gone", Sign::Gone),
            408 | 429 => Verdict {
                overloaded: status == 429,
                pause: Some(asked.unwrap_or(USUAL_PAUSE)),
                ..failed("busy", Sign::Refuses)
            },
            400..=499 => failed("refused", Sign::Refuses),
            502..=504 => Verdict { overloaded: true, pause: asked, ..failed("server", Sign::Ill) },
            _ => Verdict { overloaded: true, ..failed("server", Sign::Ill) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16, retry_after: Option<i64>) -> Verdict {
        Ended::Answered { status, retry_after: retry_after.map(TimeDelta::seconds) }.verdict()
    }

    #[test]
    fn every_status_has_its_meaning() {
        for (statuses, error, sign) in [
            (200..=299, None, Sign::Well),
            (300..=399, Some("redirect"), Sign::Refuses),
            (400..=407, Some("refused"), Sign::Refuses),
            (410..=410, Some("gone"), Sign::Gone),
            (429..=429, Some("busy"), Sign::Refuses),
            (430..=499, Some("refused"), Sign::Refuses),
            (500..=599, Some("server"), Sign::Ill),
        ] {
            for status in statuses {
                let verdict = answered(status, None);
                assert_eq!((verdict.error, verdict.sign), (error, sign), "{status}");
            }
        }
    }

    #[test]
    fn retry_after_pauses_where_it_has_a_meaning() {
        let pause = |status, seconds| answered(status, seconds).pause.map(|time| time.num_seconds());
        assert_eq!(pause(429, Some(7)), Some(7));
        assert_eq!(pause(429, None), Some(60));
        assert_eq!(pause(408, None), Some(60));
        assert_eq!(pause(503, Some(120)), Some(120));
        assert_eq!(pause(503, None), None);
        assert_eq!(pause(500, Some(120)), None);
        assert_eq!(pause(400, Some(120)), None);
        assert_eq!(pause(429, Some(40 * 24 * 3600)), Some(24 * 3600), "no longer than a day");
        assert_eq!(pause(429, Some(-5)), Some(0));
    }

    #[test]
    fn without_an_answer_the_endpoint_is_ill_unless_it_may_not_be_called() {
        for failure in [Failure::Dns, Failure::Connect, Failure::Tls, Failure::Timeout, Failure::Broken] {
            let verdict = Ended::Failed(failure).verdict();
            assert_eq!((verdict.error, verdict.sign), (Some(failure.as_str()), Sign::Ill));
            assert_eq!(verdict.overloaded, failure == Failure::Timeout);
        }
        assert_eq!(Ended::Failed(Failure::Blocked).verdict().sign, Sign::Refuses);
        assert!(answered(500, None).overloaded && answered(429, None).overloaded && !answered(400, None).overloaded);
    }
}
