use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as B64};
use grantor_crypto::sha256;
use grantor_ids::OperatorId;
use grantor_ports::{Entropy, EntropyExt};
use grantor_store::{OnTaken, RowChange, RowKey};
use secrecy::{ExposeSecret, SecretString};

use crate::{DEPLOYMENT, rows};

/// So that secret scanners know what they have found.
const PREFIX: &str = "grantor_op_";

/// An operator's token: 256 random bits, shown once.
pub(crate) fn fresh(entropy: &dyn Entropy) -> SecretString {
    SecretString::from(format!("{PREFIX}{}", B64.encode(entropy.bytes::<32>())))
}

/// What is kept of it.
pub(crate) fn key(token: &SecretString) -> RowKey {
    RowKey::new(DEPLOYMENT, rows::TOKEN, sha256(token.expose_secret()))
}

/// The row that lets it in.
pub(crate) fn row(token: &SecretString, operator: OperatorId) -> RowChange {
    RowChange::Insert {
        key: key(token),
        aggregate: Some(operator.uuid()),
        data: Vec::new(),
        expires_at: None,
        on_taken: OnTaken::Refuse,
    }
}
