use super::{Endpoint, Event, Refusal, Status, Verdict, already, changed, refuse};

/// Calls an endpoint again, whether somebody or its own silence stopped it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResumeEndpoint;

impl ResumeEndpoint {
    /// Decides.
    pub fn decide(state: &Endpoint, _: &Self) -> Verdict {
        match state.record().map(|record| &record.status) {
            None => refuse(Refusal::Unknown),
            Some(Status::Active) => already(),
            Some(Status::Paused | Status::Disabled { .. }) => changed([Event::Resumed]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::testing::{active, check, deleted, disabled, paused};

    #[test]
    fn what_is_not_called_can_be_resumed() {
        check(&active(), ResumeEndpoint::decide, &ResumeEndpoint, &already());
        check(&paused(), ResumeEndpoint::decide, &ResumeEndpoint, &changed([Event::Resumed]));
        check(&disabled(), ResumeEndpoint::decide, &ResumeEndpoint, &changed([Event::Resumed]));
        check(&deleted(), ResumeEndpoint::decide, &ResumeEndpoint, &refuse(Refusal::Unknown));
    }
}
