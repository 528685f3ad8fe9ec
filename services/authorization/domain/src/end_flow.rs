use grantor_eventsourcing::{Decision, Timestamp};
use grantor_ids::{ConsentId, UserId};

use crate::{Flow, FlowEvent, FlowFailure};

/// How a flow shall end.
#[derive(Debug, Clone)]
pub enum EndFlow {
    /// The person agreed.
    Complete {
        /// On whose behalf the grant is.
        user: UserId,
        /// What they agreed to.
        consent: ConsentId,
        /// How many accounts they chose.
        accounts: u16,
    },
    /// The person gave up.
    Cancel,
    /// It cannot go on.
    Fail(FlowFailure),
    /// Its time is over.
    Expire,
}

/// Why a flow does not end so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlowOver {
    /// There is none.
    Unknown,
    /// It has ended already.
    Ended,
    /// Its time is over; that is written down now.
    Expired,
    /// Its time is not over yet.
    StillOpen,
}

/// Ends a flow, once. After its time nobody can agree or give up any more.
pub fn end_flow(flow: &Flow, command: &EndFlow, now: Timestamp) -> Decision<FlowEvent, (), FlowOver> {
    let terms = match flow {
        Flow::Unknown => return Decision::refuse(FlowOver::Unknown, []),
        Flow::Ended { .. } => return Decision::refuse(FlowOver::Ended, []),
        Flow::Open(terms) => terms,
    };
    let over = now >= terms.expires_at;
    match command {
        EndFlow::Expire if over => Decision::accept((), [FlowEvent::Expired]),
        EndFlow::Expire => Decision::refuse(FlowOver::StillOpen, []),
        _ if over => Decision::refuse(FlowOver::Expired, [FlowEvent::Expired]),
        EndFlow::Cancel => Decision::accept((), [FlowEvent::Cancelled]),
        EndFlow::Fail(reason) => Decision::accept((), [FlowEvent::Failed(*reason)]),
        EndFlow::Complete { user, consent, accounts } => {
            Decision::accept((), [FlowEvent::Completed { user: *user, consent: *consent, accounts: *accounts }])
        }
    }
}
