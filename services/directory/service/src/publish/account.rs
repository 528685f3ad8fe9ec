//! The stored form of accounts' events: `proto/directory/v1/account.proto`.

use grantor_contracts::{
    directory::v1 as wire,
    stored::{decoded, encoded, id, id_bytes, instant, unreadable},
};
use grantor_directory_domain::{AccountEvent, AccountKind, AccountState};
use grantor_eventsourcing::{Codec, DecodeError, Encoded, Envelope};

const LINKED: &str = "identity.account.linked";
const UNLINKED: &str = "identity.account.unlinked";

/// Events of accounts.
pub struct AccountCodec;

impl Codec for AccountCodec {
    type Aggregate = AccountState;

    fn encode(event: &AccountEvent) -> Encoded {
        match event {
            AccountEvent::Linked { user, kind, at } => encoded(
                LINKED,
                &wire::AccountLinked {
                    user_id: id_bytes(*user),
                    kind: word(*kind).to_owned(),
                    at_ms: at.timestamp_millis(),
                },
            ),
            AccountEvent::Unlinked { user, at } => {
                encoded(UNLINKED, &wire::AccountUnlinked { user_id: id_bytes(*user), at_ms: at.timestamp_millis() })
            }
        }
    }

    fn decode(envelope: &Envelope) -> Result<AccountEvent, DecodeError> {
        let at = |millis| instant(envelope, millis);
        Ok(match envelope.event_type.as_str() {
            LINKED => {
                let wire::AccountLinked { user_id, kind, at_ms } = decoded(envelope)?;
                let kind =
                    [AccountKind::Personal, AccountKind::Business].into_iter().find(|known| word(*known) == kind);
                let kind = kind.ok_or_else(|| unreadable(envelope, "an unknown kind"))?;
                AccountEvent::Linked { user: id(envelope, &user_id)?, kind, at: at(at_ms)? }
            }
            UNLINKED => {
                let wire::AccountUnlinked { user_id, at_ms } = decoded(envelope)?;
                AccountEvent::Unlinked { user: id(envelope, &user_id)?, at: at(at_ms)? }
            }
            _ => return Err(unreadable(envelope, "unknown type")),
        })
    }
}

const fn word(kind: AccountKind) -> &'static str {
    match kind {
        AccountKind::Personal => "personal",
        AccountKind::Business => "business",
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use grantor_ids::UserId;
    use uuid::Uuid;

    use super::*;
    use crate::publish::tests::bytes_of::envelope;

    #[test]
    fn stored_bytes_never_change() {
        let at = DateTime::from_timestamp_millis(1_700_000_000_123).unwrap();
        let user = UserId::from_uuid(Uuid::from_u128(7));
        let id = "0a1000000000000000000000000000000007";
        for (event_type, bytes, event) in [
            (
                LINKED,
                format!("{id}1208706572736f6e616c18fbd095ffbc31"),
                AccountEvent::Linked { user, kind: AccountKind::Personal, at },
            ),
            (
                LINKED,
                format!("{id}1208627573696e65737318fbd095ffbc31"),
                AccountEvent::Linked { user, kind: AccountKind::Business, at },
            ),
            (UNLINKED, format!("{id}10fbd095ffbc31"), AccountEvent::Unlinked { user, at }),
        ] {
            let encoded = AccountCodec::encode(&event);
            let hex: String = encoded.payload.iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!((encoded.event_type, hex.as_str()), (event_type, bytes.as_str()));
            assert_eq!(AccountCodec::decode(&envelope(&encoded)).unwrap(), event);
        }
    }
}
