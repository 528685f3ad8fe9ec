//! From what happened to whom it is told: matches endpoints, writes bodies once, and adds a delivery
//! for each who hears it, all in the commit that moves the cursor. Nothing is sent here, so that
//! nobody who is slow to answer holds anything up.

mod known;
mod recent;
mod told;

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use chrono::TimeDelta;
use grantor_bus::{Consumer, HandleError};
use grantor_eventsourcing::Envelope;
use grantor_ids::ClientKey;
use grantor_ports::{AdminError, Clock, PortError, Registry, TenantView};
use grantor_store::{Delivered, DeliveryChange, DeliveryKey, NewDelivery, NewMessage, Store, StoreError, Write};
use grantor_webhooks_domain::{
    Audience, EventType, Urgency,
    body::{Format, Notice, Sender, render},
    endpoint::Status,
    event_type, message_id,
};

use crate::{Endpoints, Hearer};
use known::Known;

/// For so long a message can be sent again; who reads the log anew tells of nothing older.
pub(crate) const KEEP: TimeDelta = TimeDelta::days(30);

/// Follows what happens.
pub(crate) struct Ingest {
    clock: Arc<dyn Clock>,
    tenants: Arc<dyn Registry>,
    endpoints: Arc<Endpoints>,
    known: Known,
}

impl Ingest {
    pub fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        tenants: Arc<dyn Registry>,
        endpoints: Arc<Endpoints>,
    ) -> Arc<Self> {
        let known = Known::new(store, Arc::clone(&tenants));
        Arc::new(Self { clock, tenants, endpoints, known })
    }

    /// Everybody who hears of this, each once.
    async fn hearers(&self, event: &Envelope, told: &told::Told) -> Result<Vec<Hearer>, StoreError> {
        let mut found = self.endpoints.hearers(event.tenant, &told.clients, &event.event_type).await?;
        // What was before an endpoint is not for it.
        found.retain(|hearer| hearer.record.created_at <= event.occurred_at);
        Ok(found)
    }

    async fn tell(&self, event: &Envelope, kind: &EventType, told: told::Told) -> Result<Write, HandleError> {
        let now = self.clock.real();
        if event.recorded_at < now - KEEP {
            return Ok(Write::default());
        }
        let hearers = self.hearers(event, &told).await.map_err(again)?;
        if hearers.is_empty() {
            return Ok(Write::default());
        }
        let tenant = self.tenants.tenant(event.tenant).await.map_err(away)?;
        let Some(tenant) = tenant else { return Err(HandleError::Again("the tenant is not known yet".into())) };
        tenant.tell(self.clock.as_ref());
        let id = message_id(event.tenant, event.event_id);
        let notice = Notice {
            id: id.to_string(),
            event: event.event_type.clone(),
            at: self.clock.wire(event.tenant, event.occurred_at),
            subject: Some(told.subject),
            sequence: Some(event.version.into()),
            trace: event.meta.trace.clone(),
            data: told.data,
        };
        let forms: BTreeMap<&'static str, Format> =
            hearers.iter().map(|hearer| hearer.record.settings.format).map(|form| (form.as_str(), form)).collect();
        let message = |(form, format): (&&'static str, &Format)| NewMessage {
            id: id.uuid(),
            form,
            tenant: event.tenant,
            event_type: event.event_type.clone(),
            trace: event.meta.trace.clone(),
            body: body(*format, &notice, &tenant),
            expires_at: now + KEEP,
        };
        let delivery = |hearer: &Hearer| {
            let disabled = matches!(hearer.record.status, Status::Disabled { .. });
            DeliveryChange::Add(NewDelivery {
                key: DeliveryKey { endpoint: hearer.id.uuid(), message: id.uuid() },
                tenant: event.tenant,
                form: hearer.record.settings.format.as_str(),
                event_type: event.event_type.clone(),
                occurred_at: event.occurred_at,
                urgent: kind.urgency == Urgency::Revocation,
                // Kept for whoever resumes it and wants to know.
                state: if disabled { Delivered::GivenUp } else { Delivered::NotYet },
                why: "schedule",
                due_at: now,
            })
        };
        Ok(Write {
            messages: forms.iter().map(message).collect(),
            deliveries: hearers.iter().map(delivery).collect(),
            ..Write::default()
        })
    }
}

impl Ingest {
    /// What happened to a person, for the client of a grant that they had given before and that is heard
    /// of only now: each service's log comes at its own pace. Who was told already is not told again.
    async fn tell_the_new_one(&self, grant: &Envelope, write: &mut Write) -> Result<(), HandleError> {
        for event in self.known.happened_to(grant).await? {
            let Some(kind) = event_type(&event.event_type) else { continue };
            let told =
                told::of_user_to(&event, vec![ClientKey::from_uuid(known::uuid(&known::created(grant)?.client_key)?)]);
            let more = self.tell(&event, kind, told).await?;
            write.messages.extend(more.messages);
            write.deliveries.extend(more.deliveries);
        }
        Ok(())
    }
}

/// The body of a notice at this tenant.
pub(crate) fn body(format: Format, notice: &Notice, tenant: &TenantView) -> Vec<u8> {
    render(format, notice, Sender { issuer: &tenant.issuer, profile: &tenant.profile })
}

#[async_trait]
impl Consumer for Ingest {
    fn name(&self) -> &'static str {
        "webhooks.ingest"
    }

    fn wants(&self, kind: &str) -> bool {
        event_type(kind).is_some() || known::wants(kind)
    }

    /// A busy service's grants are learned many to a commit.
    fn remembers_its_rows(&self) -> bool {
        true
    }

    async fn handle(&self, event: &Envelope) -> Result<Write, HandleError> {
        let mut rows = self.known.learn(event).await?;
        if event.event_type == known::CLIENT_DELETED {
            let client = ClientKey::from_uuid(event.aggregate_id);
            self.endpoints.delete_all_of(event.tenant, client, &event.meta).await.map_err(refused)?;
        }
        if !self.endpoints.any(event.tenant).await.map_err(again)? {
            return Ok(Write { rows, ..Write::default() });
        }
        let Some(kind) = event_type(&event.event_type) else { return Ok(Write { rows, ..Write::default() }) };
        if kind.audience == Audience::User {
            rows.push(self.known.keep(event));
        }
        let mut write = match told::told(event, kind, &self.known).await? {
            Some(told) => self.tell(event, kind, told).await?,
            None => Write::default(),
        };
        if known::begins(&event.event_type) {
            self.tell_the_new_one(event, &mut write).await?;
        }
        write.rows.extend(rows);
        Ok(write)
    }
}

fn again(cause: StoreError) -> HandleError {
    HandleError::Again(cause.to_string())
}

fn refused(cause: AdminError) -> HandleError {
    match cause {
        AdminError::Port(cause) => away(cause),
        other => HandleError::Again(other.to_string()),
    }
}

/// Who is asked for a tenant or a client will be back: no event is set aside for that.
fn away(cause: PortError) -> HandleError {
    HandleError::Away(cause.to_string())
}
