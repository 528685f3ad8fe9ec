use super::{Endpoint, Event, Refusal, Verdict, changed, refuse};

/// Takes an endpoint away for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeleteEndpoint;

impl DeleteEndpoint {
    /// Decides.
    pub fn decide(state: &Endpoint, _: &Self) -> Verdict {
        match state {
            Endpoint::Known(_) => changed([Event::Deleted]),
            Endpoint::Unknown | Endpoint::Deleted => refuse(Refusal::Unknown),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::testing::{active, check, deleted, disabled, paused};

    #[test]
    fn it_is_deleted_from_any_status() {
        for given in [active(), paused(), disabled()] {
            check(&given, DeleteEndpoint::decide, &DeleteEndpoint, &changed([Event::Deleted]));
        }
        check(&[], DeleteEndpoint::decide, &DeleteEndpoint, &refuse(Refusal::Unknown));
        check(&deleted(), DeleteEndpoint::decide, &DeleteEndpoint, &refuse(Refusal::Unknown));
    }
}
