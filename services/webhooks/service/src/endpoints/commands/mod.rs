//! One command, one file: load, decide, append, answer.

mod change;
mod command;
mod create;
mod reveal;
mod rotate;

use grantor_eventsourcing::Timestamp;
use grantor_ids::{TenantId, WebhookId};
use grantor_ports::{EntropyExt, PortError, WebhookSecret};
use grantor_webhooks_domain::{
    endpoint::Key,
    signature::{SIGNING_KEY_BYTES, SigningKey},
};
use zeroize::Zeroizing;

use super::{Endpoints, rows};

/// A key in its three forms.
struct FreshKey {
    shown: WebhookSecret,
    kept: Key,
    sealed: Vec<u8>,
}

impl Endpoints {
    /// A key, made now.
    async fn fresh_key(&self, tenant: TenantId, id: WebhookId, now: Timestamp) -> Result<FreshKey, PortError> {
        let bytes = Zeroizing::new(self.entropy.bytes::<SIGNING_KEY_BYTES>());
        let key = SigningKey::from_bytes(bytes.as_slice()).map_err(|_| PortError::Unavailable)?;
        let name: String = self.entropy.bytes::<6>().iter().map(|byte| format!("{byte:02x}")).collect();
        let sealed = self.keys.of(tenant).await?.seal(rows::KEY, &rows::of_key(id, &name), key.expose());
        Ok(FreshKey {
            shown: shown(&name, &key),
            sealed,
            kept: Key { id: name, public_key: key.public_key(), created_at: now, expires_at: None },
        })
    }
}

fn shown(id: &str, key: &SigningKey) -> WebhookSecret {
    let secret = key.secret().as_str().into();
    WebhookSecret { id: id.to_owned(), secret, public_key: key.public_key() }
}
