//! Which grants a user gave, an account has, a client got. The list only says where to look: whether a grant lives is read
//! from its state.

use async_trait::async_trait;
use grantor_bus::{Consumer, HandleError};
use grantor_eventsourcing::{Codec, Envelope};
use grantor_ids::{AccountId, GrantId, TenantId, UserId};
use grantor_ports::PortError;
use grantor_store::{ListChange, Log, Store, Write};
use grantor_token_domain::grant::GrantEvent;
use serde::{Deserialize, Serialize};

use crate::{
    NAME,
    publish::{CREATED, EXPIRED, GrantCodec, OPENED, REVOKED},
};

/// By who gave them, by the account they are for, by the client that has them.
const LISTS: [&str; 3] = ["grants", "grants_of_account", "grants_to_client"];
const CONSUMER: &str = "grants";
const PAGE: u32 = 200;

/// One grant of a user.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Listed {
    /// Its id.
    pub id: GrantId,
}

/// Keeps the list.
pub struct GrantList;

#[async_trait]
impl Consumer for GrantList {
    fn name(&self) -> &'static str {
        CONSUMER
    }

    fn wants(&self, event_type: &str) -> bool {
        matches!(event_type, CREATED | OPENED | REVOKED | EXPIRED)
    }

    async fn handle(&self, event: &Envelope) -> Result<Write, HandleError> {
        let poison = |cause: &dyn std::fmt::Display| HandleError::Poison(cause.to_string());
        let id = GrantId::from_uuid(event.aggregate_id);
        let tenant = event.tenant;
        let lists = match GrantCodec::decode(event).map_err(|cause| poison(&cause))? {
            GrantEvent::Created(approval) | GrantEvent::Opened { approval, .. } => {
                let data = serde_json::to_vec(&Listed { id }).map_err(|cause| poison(&cause))?;
                let owners = [
                    Some(Owner::User(approval.user)),
                    approval.account.map(Owner::Account),
                    Some(Owner::Client(&approval.client_id)),
                ];
                let put = |owner: Owner<'_>| ListChange::Put {
                    tenant,
                    list: owner.list(),
                    owner: owner.key(),
                    sort: format!("{:020}", approval.created_at.timestamp_millis()),
                    id: id.to_string(),
                    version: event.version,
                    data: data.clone(),
                };
                owners.into_iter().flatten().map(put).collect()
            }
            _ => LISTS.map(|list| ListChange::Remove { tenant, list, id: id.to_string() }).into(),
        };
        Ok(Write { lists, ..Write::default() })
    }
}

/// Whose grants to list.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Owner<'a> {
    /// Those that a user gave.
    User(UserId),
    /// Those of an account.
    Account(AccountId),
    /// Those to a client, by its id on the wire.
    Client(&'a str),
}

impl Owner<'_> {
    const fn list(self) -> &'static str {
        match self {
            Self::User(_) => LISTS[0],
            Self::Account(_) => LISTS[1],
            Self::Client(_) => LISTS[2],
        }
    }

    fn key(self) -> String {
        match self {
            Self::User(user) => user.to_string(),
            Self::Account(account) => account.to_string(),
            Self::Client(client_id) => client_id.to_owned(),
        }
    }
}

/// The listed grants that may still live, those included that were made a moment ago.
pub(crate) async fn grants_of(store: &Store, tenant: TenantId, owner: Owner<'_>) -> Result<Vec<Listed>, PortError> {
    // A list that lags is still a list: the not-before rows do not depend on it.
    store.wait_until_read(CONSUMER, NAME, Log::Events).await;
    let (mut found, mut after): (Vec<Listed>, Option<String>) = (Vec::new(), None);
    loop {
        let page = store.list(tenant, owner.list(), &owner.key(), after.as_deref(), PAGE).await?;
        let full = page.len() == PAGE as usize;
        after = page.last().map(|(_, cursor)| cursor.clone());
        found.extend(page.iter().filter_map(|(data, _)| serde_json::from_slice::<Listed>(data).ok()));
        if !full {
            return Ok(found);
        }
    }
}
