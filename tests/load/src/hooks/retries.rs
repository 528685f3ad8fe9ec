//! How late retries begin, read from what is written of them.

use std::collections::HashMap;

use grantor_eventsourcing::Timestamp;
use grantor_ids::WebhookId;
use grantor_store::{Delivered, DeliveryKey, DeliveryQuery, Store};

use crate::Failure;

/// When those that have failed once are due again.
pub type Dues = HashMap<DeliveryKey, Timestamp>;

/// When each delivery that was tried once, in vain, is due again.
pub async fn dues(store: &Store, endpoints: &[WebhookId]) -> Result<Dues, Failure> {
    let mut dues = Dues::new();
    for endpoint in endpoints {
        let query = DeliveryQuery { limit: 100, state: Some(Delivered::NotYet), ..DeliveryQuery::default() };
        let found = store.deliveries(endpoint.uuid(), query).await?;
        dues.extend(found.into_iter().filter(|found| found.attempts == 1).map(|found| (found.key, found.due_at)));
    }
    Ok(dues)
}

/// Milliseconds after they were due that their second attempts began.
pub async fn late(store: &Store, dues: &Dues) -> Result<Vec<i64>, Failure> {
    let mut late = Vec::new();
    for (key, due) in dues {
        let second = store.attempts(*key).await?.into_iter().find(|attempt| attempt.number == 2);
        late.extend(second.map(|second| (second.started_at - *due).num_milliseconds()));
    }
    Ok(late)
}
