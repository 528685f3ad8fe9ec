use grantor_console_domain::RotateToken;
use grantor_eventsourcing::Meta;
use grantor_ids::OperatorId;
use grantor_ports::AdminError;
use grantor_store::{Row, RowChange, RowKey};
use secrecy::SecretString;

use super::step;
use crate::{
    Console, DEPLOYMENT, OperatorCodec,
    failure::{not_commanded, refused},
    rows, token,
};

/// What an operator gets in with: tokens and browser sessions.
pub(super) struct WaysIn(Vec<(&'static str, Row)>);

impl WaysIn {
    /// Closes them. Rows must be as they were read, so that a token that came meanwhile does
    /// not stay behind unseen.
    pub fn close(&self) -> Vec<RowChange> {
        let delete = |(kind, row): &(&'static str, Row)| RowChange::Delete {
            key: RowKey::new(DEPLOYMENT, kind, row.key.clone()),
            expected: Some(row.revision),
        };
        self.0.iter().map(delete).collect()
    }
}

impl Console {
    pub(super) async fn ways_in(&self, operator: OperatorId) -> Result<WaysIn, AdminError> {
        let mut found = Vec::new();
        for kind in [rows::TOKEN, rows::SESSION] {
            let rows = self.store.rows_of(DEPLOYMENT, kind, operator.uuid()).await?;
            found.extend(rows.into_iter().map(|row| (kind, row)));
        }
        Ok(WaysIn(found))
    }

    /// Gives an operator another token, shown once; the one before is worth nothing, and their
    /// browser sessions are over.
    pub(crate) async fn rotate_operator_token(
        &self,
        operator: OperatorId,
        meta: &Meta,
    ) -> Result<SecretString, AdminError> {
        let before = self.ways_in(operator).await?;
        let token = token::fresh(self.entropy.as_ref());
        let now = self.clock.now(DEPLOYMENT);
        let done = self.store.execute::<OperatorCodec, _, _>(DEPLOYMENT, operator.uuid(), meta, now, |loaded| {
            step(RotateToken::decide(&loaded.state, &RotateToken), || {
                let mut rows = before.close();
                rows.push(token::row(&token, operator));
                rows
            })
        });
        done.await.map_err(not_commanded)?.outcome.map_err(refused)?;
        Ok(token)
    }
}
