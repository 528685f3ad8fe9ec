use super::{Endpoint, Event, Refusal, Status, Verdict, already, changed, refuse};

/// Stops calling an endpoint; what happens meanwhile waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PauseEndpoint;

impl PauseEndpoint {
    /// Decides.
    pub fn decide(state: &Endpoint, _: &Self) -> Verdict {
        match state.record().map(|record| &record.status) {
            None => refuse(Refusal::Unknown),
            Some(Status::Active) => changed([Event::Paused]),
            Some(Status::Paused) => already(),
            Some(Status::Disabled { .. }) => refuse(Refusal::Disabled),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::testing::{active, check, deleted, disabled, paused};

    #[test]
    fn only_what_is_called_can_be_paused() {
        check(&active(), PauseEndpoint::decide, &PauseEndpoint, &changed([Event::Paused]));
        check(&paused(), PauseEndpoint::decide, &PauseEndpoint, &already());
        check(&disabled(), PauseEndpoint::decide, &PauseEndpoint, &refuse(Refusal::Disabled));
        check(&deleted(), PauseEndpoint::decide, &PauseEndpoint, &refuse(Refusal::Unknown));
    }
}
