//! From where a user has logged in, as keyed hashes: whoever fails from elsewhere does not keep
//! them out (see `throttle`).

use std::net::IpAddr;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as B64};
use chrono::TimeDelta;
use grantor_eventsourcing::Timestamp;
use grantor_ids::{TenantId, UserId};
use grantor_ports::{PortError, network};
use grantor_store::{OnTaken, RowChange};
use serde::{Deserialize, Serialize};

use crate::{Directory, failure::not_read, keys::DirectoryKeys, rows};

const MOST: usize = 8;
const REMEMBERED_FOR: TimeDelta = TimeDelta::days(90);
/// A login from an address that was seen within a day writes nothing.
const SEEN_AGAIN_AFTER: TimeDelta = TimeDelta::days(1);

/// A user's known addresses, the latest first.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct KnownAddresses(Vec<Known>);

#[derive(Serialize, Deserialize)]
struct Known {
    /// Keyed hash of user and address.
    mac: String,
    seen_at: Timestamp,
}

fn mac(keys: &DirectoryKeys, user: UserId, address: IpAddr) -> String {
    B64.encode(keys.counter(&[b"known", user.uuid().as_bytes(), network(address).as_bytes()]))
}

impl KnownAddresses {
    /// Whether the user has logged in from there.
    pub fn has(&self, keys: &DirectoryKeys, user: UserId, address: Option<IpAddr>) -> bool {
        let Some(address) = address else { return false };
        let mac = mac(keys, user, address);
        self.0.iter().any(|known| known.mac == mac)
    }

    /// The row with one more, if that is news.
    pub fn with(
        mut self,
        tenant: TenantId,
        keys: &DirectoryKeys,
        user: UserId,
        address: Option<IpAddr>,
        real: Timestamp,
    ) -> Result<Option<RowChange>, PortError> {
        let Some(address) = address else { return Ok(None) };
        let mac = mac(keys, user, address);
        if self.0.iter().any(|known| known.mac == mac && real - known.seen_at < SEEN_AGAIN_AFTER) {
            return Ok(None);
        }
        self.0.retain(|known| known.mac != mac);
        self.0.insert(0, Known { mac, seen_at: real });
        self.0.truncate(MOST);
        Ok(Some(RowChange::Insert {
            key: rows::of_user(tenant, rows::KNOWN_ADDRESSES, user),
            aggregate: Some(user.uuid()),
            data: serde_json::to_vec(&self).map_err(not_read("known addresses"))?,
            expires_at: Some(real + REMEMBERED_FOR),
            on_taken: OnTaken::Replace,
        }))
    }
}

impl Directory {
    /// From where a user has logged in.
    pub(crate) async fn known_addresses(&self, tenant: TenantId, user: UserId) -> Result<KnownAddresses, PortError> {
        let row = self.store.row(tenant, rows::KNOWN_ADDRESSES, user.uuid().as_bytes()).await?;
        let Some(row) = row else { return Ok(KnownAddresses::default()) };
        serde_json::from_slice(&row.data).map_err(not_read("known addresses"))
    }
}
