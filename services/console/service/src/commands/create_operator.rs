use grantor_console_domain::CreateOperator;
use grantor_eventsourcing::Meta;
use grantor_ids::OperatorId;
use grantor_ports::{AdminError, EntropyExt};
use secrecy::SecretString;

use super::step;
use crate::{
    Console, DEPLOYMENT, OperatorCodec,
    consume::{OperatorItem, READER, item},
    failure::{not_commanded, refused},
    token,
};

impl Console {
    /// Makes an operator; answers them and their token, once.
    pub(crate) async fn create_operator(
        &self,
        name: String,
        meta: &Meta,
    ) -> Result<(OperatorItem, SecretString), AdminError> {
        let id: OperatorId = self.entropy.id(self.clock.real());
        let token = token::fresh(self.entropy.as_ref());
        let command = CreateOperator { name, now: self.clock.now(DEPLOYMENT) };
        let done = self.store.execute::<OperatorCodec, _, _>(DEPLOYMENT, id.uuid(), meta, command.now, |loaded| {
            step(CreateOperator::decide(&loaded.state, &command), || vec![token::row(&token, id)])
        });
        let done = done.await.map_err(not_commanded)?;
        done.outcome.map_err(refused)?;
        self.store.wait_for_reader(READER, crate::LOG, done.position).await;
        let item = item(id, &done.state).ok_or(AdminError::NotFound("operator"))?;
        Ok((item, token))
    }
}
