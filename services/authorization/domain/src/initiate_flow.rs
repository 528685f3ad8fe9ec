use grantor_eventsourcing::Decision;

use crate::{Flow, FlowEvent, FlowTerms};

/// Begins a flow; one that exists stays as it is.
pub fn initiate_flow(flow: &Flow, terms: FlowTerms) -> Decision<FlowEvent, (), ()> {
    match flow {
        Flow::Unknown => Decision::accept((), [FlowEvent::Initiated(terms)]),
        Flow::Open(_) | Flow::Ended { .. } => Decision::refuse((), []),
    }
}
