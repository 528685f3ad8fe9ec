use super::{Endpoint, Event, Refusal, Status, Verdict, already, changed, refuse};

/// Stops calling an endpoint that is gone, or has answered nothing good for days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisableEndpoint {
    /// `gone` or `failing`.
    pub reason: String,
}

impl DisableEndpoint {
    /// Decides.
    pub fn decide(state: &Endpoint, command: &Self) -> Verdict {
        match state.record().map(|record| &record.status) {
            None => refuse(Refusal::Unknown),
            Some(Status::Active | Status::Paused) => changed([Event::Disabled { reason: command.reason.clone() }]),
            Some(Status::Disabled { .. }) => already(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::testing::{active, check, deleted, disabled, paused};

    #[test]
    fn it_is_disabled_once() {
        let disable = DisableEndpoint { reason: "gone".into() };
        let event = Event::Disabled { reason: "gone".into() };
        check(&active(), DisableEndpoint::decide, &disable, &changed([event.clone()]));
        check(&paused(), DisableEndpoint::decide, &disable, &changed([event]));
        check(&disabled(), DisableEndpoint::decide, &disable, &already());
        check(&deleted(), DisableEndpoint::decide, &disable, &refuse(Refusal::Unknown));
    }
}
