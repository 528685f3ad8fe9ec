use grantor_console_domain::{CreateOperator, NameRefusal, Refusal};
use grantor_eventsourcing::{Actor, Meta};
use grantor_ids::OperatorId;
use grantor_ports::{EntropyExt, PortError};
use grantor_store::{CommitError, OnTaken, RowChange, RowKey, Store};
use secrecy::SecretString;

use super::step;
use crate::{DEPLOYMENT, OperatorCodec, failure::not_written, rows, token};

/// Who may do everything from now on.
#[derive(Debug)]
pub struct FirstOperator {
    /// Who.
    pub id: OperatorId,
    /// Their token. It is shown here and never again.
    pub token: SecretString,
}

/// Why there is no first operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FirstOperatorRefusal {
    /// The deployment has one already.
    #[error("there is an operator already; they can make others")]
    Exists,
    /// The name cannot be shown.
    #[error("the name {0}")]
    Name(NameRefusal),
    /// The database does not answer.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// Makes the operator that a deployment starts with, once. `grantor init` calls this on the
/// console's own database; from then on operators make operators, over the admin API.
pub async fn first_operator(store: &Store, name: &str) -> Result<FirstOperator, FirstOperatorRefusal> {
    let token = token::fresh(store.entropy().as_ref());
    let id: OperatorId = store.entropy().id(store.clock().real());
    let command = CreateOperator { name: name.to_owned(), now: store.clock().now(DEPLOYMENT) };
    let meta = Meta::by(Actor::System);
    let done = store.execute::<OperatorCodec, _, _>(DEPLOYMENT, id.uuid(), &meta, command.now, |loaded| {
        step(CreateOperator::decide(&loaded.state, &command), || vec![only(id), token::row(&token, id)])
    });
    match done.await {
        Ok(done) => match done.outcome {
            Ok(_) => Ok(FirstOperator { id, token }),
            Err(Refusal::Name(name)) => Err(FirstOperatorRefusal::Name(name)),
            Err(_) => Err(FirstOperatorRefusal::Exists),
        },
        Err(CommitError::Taken(rows::FIRST)) => Err(FirstOperatorRefusal::Exists),
        Err(cause) => Err(not_written(cause).into()),
    }
}

fn only(operator: OperatorId) -> RowChange {
    RowChange::Insert {
        key: RowKey::new(DEPLOYMENT, rows::FIRST, *b"first"),
        aggregate: Some(operator.uuid()),
        data: Vec::new(),
        expires_at: None,
        on_taken: OnTaken::Refuse,
    }
}
