use grantor_console_domain::DisableOperator;
use grantor_eventsourcing::Meta;
use grantor_ids::OperatorId;
use grantor_ports::AdminError;

use super::step;
use crate::{
    Console, DEPLOYMENT, OperatorCodec,
    consume::{OperatorItem, READER, item},
    failure::{not_commanded, refused},
};

impl Console {
    /// Takes everything from an operator, for good.
    pub(crate) async fn disable_operator(&self, operator: OperatorId, meta: &Meta) -> Result<OperatorItem, AdminError> {
        let before = self.ways_in(operator).await?;
        let command = DisableOperator { operator, by: meta.actor };
        let now = self.clock.now(DEPLOYMENT);
        let done = self.store.execute::<OperatorCodec, _, _>(DEPLOYMENT, operator.uuid(), meta, now, |loaded| {
            step(DisableOperator::decide(&loaded.state, &command), || before.close())
        });
        let done = done.await.map_err(not_commanded)?;
        done.outcome.map_err(refused)?;
        self.store.wait_for_reader(READER, crate::LOG, done.position).await;
        item(operator, &done.state).ok_or(AdminError::NotFound("operator"))
    }
}
