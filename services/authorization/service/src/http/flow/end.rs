use grantor_pages::{WidgetEnd, WidgetEndKind};
use grantor_profile::CallbackOutcome;
use grantor_web::{Answer, Call, frame, page};

use super::visit::FlowVisit;

fn back(call: &Call, visit: &FlowVisit, outcome: CallbackOutcome<'_>) -> String {
    call.tenant.profile.callback(&visit.stored.work.back(), outcome, &call.tenant.issuer).url()
}

/// The way out of a flow: straight to the client, or, from a frame, by a page whose link takes the
/// whole window there.
pub(crate) fn leave(call: &Call, visit: &FlowVisit, kind: WidgetEndKind, outcome: CallbackOutcome<'_>) -> Answer {
    if visit.framed { page_of(call, visit, kind, outcome) } else { Answer::see_other(&back(call, visit, outcome)) }
}

/// The last page of a flow.
pub(crate) fn page_of(call: &Call, visit: &FlowVisit, kind: WidgetEndKind, outcome: CallbackOutcome<'_>) -> Answer {
    let model = WidgetEnd {
        frame: frame(call, visit.lang),
        kind,
        client_name: visit.client.name.clone(),
        back: back(call, visit, outcome),
    };
    page(200, &model).frame_ancestors(visit.origins.iter().cloned())
}
