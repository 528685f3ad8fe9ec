//! Who is asking: an operator's token, or a browser session that was opened with one.

use std::net::IpAddr;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as B64};
use chrono::TimeDelta;
use grantor_console_domain::Operator;
use grantor_crypto::sha256;
use grantor_ids::OperatorId;
use grantor_oauth::bearer_token;
use grantor_ports::{EntropyExt, PortError, network};
use grantor_store::{OnTaken, Row, RowChange, RowKey, Write};
use grantor_web::Request;
use secrecy::SecretString;

use crate::{Console, DEPLOYMENT, failure::not_written, keys::address_hash, rows, token};

/// Wrong tokens from one network address: this many in a window, then 429 until it ends. Right
/// ones always pass, so nobody can keep an operator out.
const MOST_FAILURES: u64 = 20;
const WINDOW: TimeDelta = TimeDelta::minutes(1);
/// A browser session ends after this, whatever happens in it.
pub(crate) const SESSION: TimeDelta = TimeDelta::hours(8);

/// Why somebody is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Denied {
    /// They brought no token.
    Nothing,
    /// What they brought is no token.
    Malformed,
    /// Nobody's token, or that of an operator who is disabled.
    Wrong,
    /// Too many wrong ones; seconds to wait.
    Throttled(u32),
    /// It cannot be known now.
    Port(PortError),
}

impl From<PortError> for Denied {
    fn from(cause: PortError) -> Self {
        Self::Port(cause)
    }
}

impl Console {
    /// The operator whose token is in the `Authorization` header.
    pub(crate) async fn authenticate(&self, request: &Request) -> Result<OperatorId, Denied> {
        let sent = match request.headers_all("authorization")[..] {
            [] => None,
            [one] => Some(one),
            _ => return Err(Denied::Malformed),
        };
        match bearer_token(sent, None) {
            Ok(Some(token)) => self.operator_with(&token, request.peer).await,
            Ok(None) => Err(Denied::Nothing),
            Err(_) => Err(Denied::Malformed),
        }
    }

    /// The operator with this token.
    pub(crate) async fn operator_with(&self, token: &SecretString, peer: Option<IpAddr>) -> Result<OperatorId, Denied> {
        let key = token::key(token);
        let row = self.store.row(DEPLOYMENT, rows::TOKEN, &key.key).await.map_err(PortError::from)?;
        match self.active(row).await? {
            Some((operator, _)) => Ok(operator),
            None => Err(self.count_failure(peer).await?),
        }
    }

    /// Opens a browser session; answers the cookie's value.
    pub(crate) async fn open_session(&self, operator: OperatorId) -> Result<String, PortError> {
        let cookie = B64.encode(self.entropy.bytes::<32>());
        let row = RowChange::Insert {
            key: RowKey::new(DEPLOYMENT, rows::SESSION, sha256(&cookie)),
            aggregate: Some(operator.uuid()),
            data: Vec::new(),
            expires_at: Some(self.clock.real() + SESSION),
            on_taken: OnTaken::Refuse,
        };
        self.store.commit(Write { rows: vec![row], ..Write::default() }).await.map_err(not_written)?;
        Ok(cookie)
    }

    /// The operator whose session this cookie names, and what the others call them.
    pub(crate) async fn operator_in_session(&self, cookie: &str) -> Result<Option<(OperatorId, String)>, PortError> {
        let row = self.store.row(DEPLOYMENT, rows::SESSION, &sha256(cookie)).await?;
        self.active(row).await
    }

    /// What the others call an operator.
    pub(crate) async fn operator_name(&self, operator: OperatorId) -> Result<Option<String>, PortError> {
        let loaded = self.store.load::<Operator>(DEPLOYMENT, operator.uuid()).await?;
        Ok(loaded.state.record().map(|record| record.name.clone()))
    }

    /// Ends a browser session.
    pub(crate) async fn close_session(&self, cookie: &str) -> Result<(), PortError> {
        let row = RowChange::Delete { key: RowKey::new(DEPLOYMENT, rows::SESSION, sha256(cookie)), expected: None };
        self.store.commit(Write { rows: vec![row], ..Write::default() }).await.map(drop).map_err(not_written)
    }

    /// Rows of an operator are gone when they are disabled; their state says so all the same.
    async fn active(&self, row: Option<Row>) -> Result<Option<(OperatorId, String)>, PortError> {
        let Some(id) = row.and_then(|row| row.aggregate) else { return Ok(None) };
        let loaded = self.store.load::<Operator>(DEPLOYMENT, id).await?;
        let name = loaded.state.record().map(|record| record.name.clone());
        Ok(name.filter(|_| loaded.state.is_active()).map(|name| (OperatorId::from_uuid(id), name)))
    }

    async fn count_failure(&self, peer: Option<IpAddr>) -> Result<Denied, PortError> {
        let from = peer.map_or_else(|| "unknown".to_owned(), network);
        let hash = address_hash(self.keys.of(DEPLOYMENT).await?.as_ref(), "network", &from);
        let seen = self.store.row(DEPLOYMENT, rows::FAILURES, &hash).await?;
        if let Some(row) = seen.filter(|row| row.revision >= MOST_FAILURES) {
            let left = row.expires_at.map_or(WINDOW, |end| end - self.clock.real());
            return Ok(Denied::Throttled(u32::try_from(left.num_seconds()).unwrap_or_default() + 1));
        }
        let key = RowKey::new(DEPLOYMENT, rows::FAILURES, hash);
        let count = RowChange::Count { key, expires_at: self.clock.real() + WINDOW };
        self.store.commit(Write { rows: vec![count], ..Write::default() }).await.map_err(not_written)?;
        tracing::warn!("a wrong operator token was refused");
        Ok(Denied::Wrong)
    }
}
