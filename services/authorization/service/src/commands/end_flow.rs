use grantor_authorization_domain::{EndFlow, FlowOver, end_flow};
use grantor_eventsourcing::Meta;
use grantor_ids::{FlowId, TenantId};
use grantor_ports::PortError;
use grantor_store::{RowChange, Step, TaskChange, not_written};
use uuid::Uuid;

use crate::{Authorization, flow::key, publish::FlowCodec, shared};

/// What is written along with the end of a flow.
#[derive(Debug, Default)]
pub(crate) struct Along {
    /// The task that is done with it.
    pub task: Option<Uuid>,
    /// The accounts that were chosen, sealed.
    pub shared: Option<Vec<u8>>,
}

impl Authorization {
    /// Ends a flow: its event, and away with what was typed and sent, in one commit.
    pub(crate) async fn end_flow(
        &self,
        tenant: TenantId,
        id: FlowId,
        command: EndFlow,
        along: Along,
        meta: &Meta,
    ) -> Result<Result<(), FlowOver>, PortError> {
        let now = self.clock.now(tenant);
        let done = self.store.execute::<FlowCodec, (), FlowOver>(tenant, id.uuid(), meta, now, |loaded| {
            let decision = end_flow(&loaded.state, &command, now);
            let over = decision.outcome != Err(FlowOver::StillOpen);
            let gone = over.then_some(RowChange::Delete { key: key(tenant, id), expected: None });
            let kept = along.shared.clone().filter(|_| decision.outcome.is_ok());
            let rows = gone.into_iter().chain(kept.map(|data| shared::kept(tenant, id, data)));
            Step::from(decision).rows(rows).tasks(along.task.filter(|_| over).map(TaskChange::Done))
        });
        done.await.map(|done| done.outcome).map_err(not_written)
    }
}
