//! How an endpoint does, and so whether and how fast it is called.
//!
//! After five failures in a row, of two messages or more, its lane is closed: nothing is sent but a
//! probe now and then, with the oldest message. A success opens it again, slowly at first, and whatever
//! waited then is due.

use chrono::TimeDelta;
use grantor_eventsourcing::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Sign, Verdict};

/// Failures in a row that close a lane.
const TOO_MANY: u32 = 5;
/// Seconds before the first probes; then it is the last of them.
const FIRST_PROBES: [i64; 5] = [5, 10, 20, 40, 60];
/// For so long probes come every minute, afterwards every five.
const EAGER: TimeDelta = TimeDelta::hours(6);
const LATE_PROBES: TimeDelta = TimeDelta::minutes(5);
/// Who answers nothing good for so long is not called any more.
const DISABLE_AFTER: TimeDelta = TimeDelta::days(5);
const DISABLE_ATTEMPTS: u32 = 20;
/// Calls that may be on their way at once: at first, and at most.
const FIRST_LIMIT: u32 = 4;
const LARGEST_LIMIT: u32 = 32;
/// Who takes longer has few calls of all on their way.
const SLOW_MS: u32 = 2000;

/// Whether a lane is open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Lane {
    /// It is.
    #[default]
    Open,
    /// It is not: only probes go.
    Closed {
        /// Since when.
        since: Timestamp,
        /// How many probes have failed.
        probes: u32,
        /// When the next may go.
        next_probe_at: Timestamp,
    },
}

/// What may be sent to an endpoint now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// Nothing before this.
    NotBefore(Timestamp),
    /// One, if none is on its way.
    Probe,
    /// So many may be on their way.
    UpTo(u32),
}

/// How an endpoint does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Health {
    /// Whether its lane is open.
    pub lane: Lane,
    /// It asked to be left alone until then.
    pub paused_until: Option<Timestamp>,
    /// The last success.
    pub last_success_at: Option<Timestamp>,
    /// The first failure since then.
    pub failing_since: Option<Timestamp>,
    /// Failures since then.
    pub failures: u32,
    /// Failures in a row that count for the lane.
    ill: u32,
    /// The message of the first of them, and whether there was another.
    first: Option<Uuid>,
    several: bool,
    /// Calls that may be on their way at once, and successes since it was changed.
    limit: u32,
    successes: u32,
    /// Doubling instead of counting: the lane was closed a moment ago.
    starting: bool,
    /// When a closed lane was opened, until all that waited then has been taken up.
    opened_at: Option<Timestamp>,
    /// Whether the last call took all its time, and how long calls take, smoothed, in milliseconds.
    timed_out: bool,
    latency_ms: u32,
}

impl Default for Health {
    fn default() -> Self {
        Self {
            lane: Lane::Open,
            paused_until: None,
            last_success_at: None,
            failing_since: None,
            failures: 0,
            ill: 0,
            first: None,
            several: false,
            limit: FIRST_LIMIT,
            successes: 0,
            starting: false,
            opened_at: None,
            timed_out: false,
            latency_ms: 0,
        }
    }
}

impl Health {
    /// What may be sent.
    pub fn admits(&self, now: Timestamp) -> Admission {
        if let Some(until) = self.paused_until.filter(|until| *until > now) {
            return Admission::NotBefore(until);
        }
        match self.lane {
            Lane::Open => Admission::UpTo(self.limit),
            Lane::Closed { next_probe_at, .. } if next_probe_at > now => Admission::NotBefore(next_probe_at),
            Lane::Closed { .. } => Admission::Probe,
        }
    }

    /// Whether it has answered nothing good for so long that it is not called any more.
    pub fn is_hopeless(&self, now: Timestamp) -> bool {
        self.failures >= DISABLE_ATTEMPTS && self.failing_since.is_some_and(|since| now - since >= DISABLE_AFTER)
    }

    /// Whether this verdict, coming now, opens a closed lane.
    pub fn is_opened_by(&self, verdict: &Verdict) -> bool {
        matches!(self.lane, Lane::Closed { .. }) && matches!(verdict.sign, Sign::Well | Sign::Refuses)
    }

    /// What was not tried since then is due, whenever its schedule says: the lane was opened again.
    pub fn untried_since(&self) -> Option<Timestamp> {
        self.opened_at
    }

    /// All that waited when the lane was opened has been taken up.
    pub fn caught_up(&mut self) {
        self.opened_at = None;
    }

    /// Whether it takes so long to answer that it waits in a queue of its own.
    pub fn is_slow(&self) -> bool {
        self.timed_out || self.latency_ms > SLOW_MS
    }

    /// Whether the last thing that is known of it is good.
    pub fn is_well(&self) -> bool {
        self.last_success_at.is_some() && self.failing_since.is_none() && !self.is_slow()
    }

    /// Whether somebody who goes on from what it was before would do something else: counters that
    /// move with every call are none, and of the last success ten seconds are enough.
    pub fn is_news_after(&self, before: &Self) -> bool {
        let rounded = |at: Option<Timestamp>| at.map(|at| at.timestamp() / 10);
        let same = Self {
            successes: before.successes,
            latency_ms: before.latency_ms,
            last_success_at: before.last_success_at,
            ..self.clone()
        };
        same != *before
            || self.is_slow() != before.is_slow()
            || rounded(self.last_success_at) != rounded(before.last_success_at)
    }

    /// After a call that took so long.
    #[must_use]
    pub fn took(self, millis: u32, timed_out: bool) -> Self {
        let smoothed = (u64::from(self.latency_ms) * 3 + u64::from(millis)) / 4;
        Self { timed_out, latency_ms: u32::try_from(smoothed).unwrap_or(u32::MAX), ..self }
    }

    /// After an attempt with this message.
    #[must_use]
    pub fn after(mut self, message: Uuid, verdict: &Verdict, now: Timestamp) -> Self {
        if let Some(pause) = verdict.pause {
            self.paused_until = Some(now + pause);
        }
        if verdict.overloaded {
            (self.limit, self.successes, self.starting) = ((self.limit / 2).max(1), 0, false);
        }
        match verdict.sign {
            Sign::Well => self.well(now),
            // It answers: that is enough for a lane, and not for being called a success.
            Sign::Refuses | Sign::Gone => {
                self.failed(now);
                self.recovered(now);
            }
            Sign::Ill => {
                self.failed(now);
                self.ill(message, now);
            }
        }
        self
    }

    /// Forgets what was bad: somebody wants it to be called again.
    #[must_use]
    pub fn resumed(self) -> Self {
        Self { last_success_at: self.last_success_at, ..Self::default() }
    }

    fn well(&mut self, now: Timestamp) {
        (self.last_success_at, self.failing_since, self.failures) = (Some(now), None, 0);
        self.recovered(now);
        self.successes += 1;
        if self.starting {
            self.limit = (self.limit * 2).min(LARGEST_LIMIT);
            (self.starting, self.successes) = (self.limit < LARGEST_LIMIT, 0);
        } else if self.successes >= self.limit {
            (self.limit, self.successes) = ((self.limit + 1).min(LARGEST_LIMIT), 0);
        }
    }

    fn recovered(&mut self, now: Timestamp) {
        if matches!(self.lane, Lane::Closed { .. }) {
            self.opened_at = Some(now);
            (self.lane, self.limit, self.successes, self.starting) = (Lane::Open, 1, 0, true);
        }
        (self.ill, self.first, self.several) = (0, None, false);
    }

    fn failed(&mut self, now: Timestamp) {
        self.failing_since = self.failing_since.or(Some(now));
        self.failures = self.failures.saturating_add(1);
    }

    fn ill(&mut self, message: Uuid, now: Timestamp) {
        self.ill = self.ill.saturating_add(1);
        self.several |= *self.first.get_or_insert(message) != message;
        self.lane = match self.lane {
            Lane::Open if self.ill >= TOO_MANY && self.several => {
                Lane::Closed { since: now, probes: 0, next_probe_at: now + probe_in(0, TimeDelta::zero()) }
            }
            Lane::Open => Lane::Open,
            // Calls that were on their way when it closed are no probes.
            Lane::Closed { next_probe_at, .. } if next_probe_at > now => self.lane,
            Lane::Closed { since, probes, .. } => {
                let probes = probes.saturating_add(1);
                Lane::Closed { since, probes, next_probe_at: now + probe_in(probes, now - since) }
            }
        };
    }
}

fn probe_in(probes: u32, closed_for: TimeDelta) -> TimeDelta {
    if closed_for >= EAGER {
        return LATE_PROBES;
    }
    let last = FIRST_PROBES.len() - 1;
    let index = usize::try_from(probes).map_or(last, |probes| probes.min(last));
    TimeDelta::seconds(FIRST_PROBES[index])
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;

    use super::*;
    use crate::{Ended, Failure};

    fn at(seconds: i64) -> Timestamp {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).expect("an instant")
    }

    fn status(status: u16) -> Verdict {
        Ended::Answered { status, retry_after: None }.verdict()
    }

    fn timeout() -> Verdict {
        Ended::Failed(Failure::Timeout).verdict()
    }

    fn message(n: u128) -> Uuid {
        Uuid::from_u128(n)
    }

    fn closed() -> Health {
        (0..5).fold(Health::default(), |health, n| health.after(message(n), &status(500), at(0)))
    }

    #[test]
    fn five_failures_of_two_messages_close_a_lane() {
        let four = (0..4).fold(Health::default(), |health, n| health.after(message(n), &status(500), at(0)));
        assert!(matches!(four.admits(at(0)), Admission::UpTo(_)));
        assert_eq!(closed().admits(at(0)), Admission::NotBefore(at(5)));
        assert_eq!(closed().admits(at(5)), Admission::Probe);
        let one = (0..9).fold(Health::default(), |health, _| health.after(message(1), &status(500), at(0)));
        assert!(matches!(one.admits(at(0)), Admission::UpTo(_)), "one message may be what is wrong");
        let between = four.after(message(8), &status(200), at(0)).after(message(9), &status(500), at(0));
        assert!(matches!(between.admits(at(0)), Admission::UpTo(_)), "a success between");
        let refused = (0..9).fold(Health::default(), |health, n| health.after(message(n), &status(400), at(0)));
        assert!(matches!(refused.admits(at(0)), Admission::UpTo(_)), "refusals are answers");
    }

    #[test]
    fn probes_come_less_and_less_often_and_a_success_opens_the_lane() {
        let (mut health, mut now, mut waits) = (closed(), at(0), Vec::new());
        loop {
            let Admission::NotBefore(next) = health.admits(now) else { panic!("{health:?}") };
            waits.push((next - now).num_seconds());
            now = next;
            if now > at(7 * 3600) {
                break;
            }
            assert_eq!(health.admits(now), Admission::Probe);
            health = health.after(message(0), &timeout(), now);
        }
        assert_eq!(waits[..7], [5, 10, 20, 40, 60, 60, 60]);
        assert_eq!(waits.last(), Some(&300));
        assert!(health.is_opened_by(&status(204)) && !health.is_opened_by(&timeout()));
        assert_eq!(health.untried_since(), None);
        health = health.after(message(0), &status(204), now);
        assert_eq!(health.untried_since(), Some(now), "what has waited is due");
        let mut limits = Vec::new();
        for n in 1..8 {
            let Admission::UpTo(limit) = health.admits(now) else { panic!("{health:?}") };
            limits.push(limit);
            health = health.after(message(n), &status(204), now);
        }
        assert_eq!(limits, [2, 4, 8, 16, 32, 32, 32], "slowly at first");
    }

    #[test]
    fn what_was_on_its_way_when_a_lane_closed_is_no_probe() {
        let health = closed().after(message(9), &timeout(), at(3));
        assert_eq!(health.admits(at(3)), Admission::NotBefore(at(5)));
    }

    #[test]
    fn who_asks_to_be_left_alone_is() {
        let busy = Ended::Answered { status: 429, retry_after: Some(TimeDelta::seconds(30)) }.verdict();
        let health = Health::default().after(message(1), &busy, at(0));
        assert_eq!(health.admits(at(29)), Admission::NotBefore(at(30)));
        assert_eq!(health.admits(at(30)), Admission::UpTo(2), "half of what was before");
    }

    #[test]
    fn what_is_the_same_as_before_is_no_news() {
        let well = Health::default().after(message(0), &status(200), at(0));
        assert!(well.is_news_after(&Health::default()) && well.is_well());
        let next = well.clone().took(900, false).after(message(1), &status(200), at(9));
        assert!(!next.is_news_after(&well), "one more success");
        assert!(next.clone().after(message(1), &status(200), at(10)).is_news_after(&next), "the page shows when");
        assert!(well.clone().took(20_000, true).is_news_after(&well), "it is slow now");
        let failed = well.clone().after(message(2), &status(400), at(9));
        assert!(failed.is_news_after(&well) && !failed.is_well());
        assert!(!Health::default().is_well(), "nothing is known of it");
    }

    #[test]
    fn who_is_slow_is_told_from_who_was_slow_once() {
        let quick = (0..9).fold(Health::default(), |health, _| health.took(20, false));
        assert!(!quick.is_slow());
        assert!(quick.clone().took(20_000, true).is_slow(), "a call took all its time");
        assert!(!quick.clone().took(3_000, false).is_slow(), "once is no habit");
        assert!((0..9).fold(quick, |health, _| health.took(3_000, false)).is_slow());
    }

    #[test]
    fn nothing_good_for_five_days_is_hopeless() {
        let mut health = Health::default().after(message(0), &status(400), at(0));
        let days = |n: i64| at(n * 24 * 3600);
        assert!(!health.is_hopeless(days(6)), "one attempt says little");
        for n in 1..20 {
            health = health.after(message(n), &timeout(), days(4));
        }
        assert!(!health.is_hopeless(days(4)));
        assert!(health.is_hopeless(days(5)));
        assert!(!health.clone().resumed().is_hopeless(days(5)));
        assert!(!health.after(message(30), &status(200), days(5)).is_hopeless(days(5)));
    }

    proptest! {
        #[test]
        fn there_is_always_a_way_back(codes in proptest::collection::vec((0_u16..6, 0_u128..3, 0_i64..90), 0..60)) {
            let (mut health, mut now) = (Health::default(), at(0));
            for (code, which, wait) in codes {
                now += TimeDelta::seconds(wait);
                let verdict = match code { 0 => timeout(), n => status(n * 100) };
                health = health.after(message(which), &verdict, now);
            }
            // Whatever happened: after some waiting something may be sent, and a success counts.
            while let Admission::NotBefore(later) = health.admits(now) {
                prop_assert!(later > now && later - now <= TimeDelta::hours(24));
                now = later;
            }
            let health = health.after(message(9), &status(200), now);
            prop_assert!(matches!(health.admits(now), Admission::UpTo(limit) if (1..=32).contains(&limit)));
            prop_assert_eq!(health.failing_since, None);
        }

        #[test]
        fn it_is_kept_as_it_is(n in 0_u128..9) {
            let health = closed().after(message(n), &timeout(), at(60));
            let kept: Health = serde_json::from_str(&serde_json::to_string(&health).expect("JSON")).expect("the same");
            prop_assert_eq!(kept, health);
        }
    }
}
