use grantor_ids::{TenantId, WebhookId};
use parking_lot::Mutex;
use tokio::sync::Notify;

/// Tells the dispatcher of this process that an endpoint has something to come which is no new row.
/// One in another process finds it within seconds by itself.
#[derive(Default)]
pub(crate) struct Nudges {
    of: Mutex<Vec<(TenantId, WebhookId)>>,
    bell: Notify,
}

impl Nudges {
    pub fn nudge(&self, tenant: TenantId, endpoint: WebhookId) {
        self.of.lock().push((tenant, endpoint));
        self.bell.notify_one();
    }

    pub fn take(&self) -> Vec<(TenantId, WebhookId)> {
        std::mem::take(&mut self.of.lock())
    }

    pub async fn wait(&self) {
        self.bell.notified().await;
    }
}
