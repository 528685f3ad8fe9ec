use super::{Endpoint, Event, Refusal, Verdict, changed, refuse};

/// Somebody looks at the newest key again. That they did is worth an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RevealKey;

impl RevealKey {
    /// Decides.
    pub fn decide(state: &Endpoint, _: &Self) -> Verdict {
        match state.record().and_then(|record| record.keys.first()) {
            Some(key) => changed([Event::KeyRevealed { id: key.id.clone() }]),
            None => refuse(Refusal::Unknown),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::testing::{active, check, deleted, rotated};

    #[test]
    fn the_newest_key_is_shown() {
        let shown = |id: &str| changed([Event::KeyRevealed { id: id.into() }]);
        check(&active(), RevealKey::decide, &RevealKey, &shown("k1"));
        let given = [active(), vec![rotated("k2", 10, 20)]].concat();
        check(&given, RevealKey::decide, &RevealKey, &shown("k2"));
        check(&deleted(), RevealKey::decide, &RevealKey, &refuse(Refusal::Unknown));
    }
}
