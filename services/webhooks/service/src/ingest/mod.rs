//! From what happened to whom it is told: matches endpoints, writes bodies once, and adds a delivery
//! for each who hears it, all in the commit that moves the cursor. Nothing is sent here, so that
//! nobody who is slow to answer holds anything up.

mod known;
mod prepared;
mod recent;
mod told;

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use chrono::TimeDelta;
use grantor_bus::{Consumer, HandleError};
use grantor_eventsourcing::Envelope;
use grantor_ids::{ClientKey, TenantId};
use grantor_ports::{AdminError, Clock, PortError, Registry, TenantView};
use grantor_store::{Delivered, DeliveryChange, DeliveryKey, NewDelivery, NewMessage, Store, StoreError, Write};
use grantor_webhooks_domain::{
    Audience, EventType, Urgency,
    body::{Format, Notice, Sender, render},
    endpoint::Status,
    event_type, message_id,
};

use crate::{Endpoints, Hearer, endpoints::Directory};
use known::Known;
use prepared::Prepared;

/// For so long a message can be sent again; who reads the log anew tells of nothing older.
pub(crate) const KEEP: TimeDelta = TimeDelta::days(30);

/// Follows what happens.
pub(crate) struct Ingest {
    clock: Arc<dyn Clock>,
    tenants: Arc<dyn Registry>,
    endpoints: Arc<Endpoints>,
    known: Arc<Known>,
    prepared: Prepared,
}

impl Ingest {
    pub fn new(store: Store, clock: Arc<dyn Clock>, tenants: Arc<dyn Registry>, endpoints: Arc<Endpoints>) -> Self {
        let known = Arc::new(Known::new(store, Arc::clone(&tenants)));
        Self { clock, tenants, endpoints, known, prepared: Prepared::default() }
    }

    /// One more, for another source: what one has learned, all know.
    pub fn beside(&self) -> Arc<Self> {
        Arc::new(Self {
            clock: Arc::clone(&self.clock),
            tenants: Arc::clone(&self.tenants),
            endpoints: Arc::clone(&self.endpoints),
            known: Arc::clone(&self.known),
            prepared: Prepared::default(),
        })
    }

    async fn directory(&self, tenant: TenantId) -> Result<Arc<Directory>, HandleError> {
        match self.prepared.directory(tenant) {
            Some(directory) => Ok(directory),
            None => self.endpoints.directory(tenant).await.map_err(again),
        }
    }

    async fn tenant(&self, tenant: TenantId) -> Result<Arc<TenantView>, HandleError> {
        if let Some(tenant) = self.prepared.tenant(tenant) {
            return Ok(tenant);
        }
        let found = self.tenants.tenant(tenant).await.map_err(away)?;
        found.ok_or_else(|| HandleError::Again("the tenant is not known yet".into()))
    }

    async fn tell(
        &self,
        event: &Envelope,
        kind: &EventType,
        told: told::Told,
        directory: &Directory,
    ) -> Result<Write, HandleError> {
        let now = self.clock.real();
        if event.recorded_at < now - KEEP {
            return Ok(Write::default());
        }
        let mut hearers = directory.hearers(&told.clients, &event.event_type);
        // What was before an endpoint is not for it.
        hearers.retain(|hearer| hearer.record.created_at <= event.occurred_at);
        if hearers.is_empty() {
            return Ok(Write::default());
        }
        let tenant = self.tenant(event.tenant).await?;
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
        let delivery = |hearer: &Arc<Hearer>| {
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
    async fn tell_the_new_one(
        &self,
        grant: &Envelope,
        directory: &Directory,
        write: &mut Write,
    ) -> Result<(), HandleError> {
        let past = self.prepared.past(grant.event_id);
        for event in self.known.happened_to(grant, past).await? {
            let Some(kind) = event_type(&event.event_type) else { continue };
            let told =
                told::of_user_to(&event, vec![ClientKey::from_uuid(known::uuid(&known::created(grant)?.client_key)?)]);
            let more = self.tell(&event, kind, told, directory).await?;
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

    /// Who hears what, who the tenants are, and what had happened to people whose grants are new is asked
    /// once for all of a batch.
    async fn prepare(&self, events: &[&Envelope]) {
        self.prepared.of(events, self.endpoints.as_ref(), self.tenants.as_ref(), &self.known).await;
    }

    async fn handle(&self, event: &Envelope) -> Result<Write, HandleError> {
        let mut rows = self.known.learn(event).await?;
        if event.event_type == known::CLIENT_DELETED {
            let client = ClientKey::from_uuid(event.aggregate_id);
            self.endpoints.delete_all_of(event.tenant, client, &event.meta).await.map_err(refused)?;
            self.prepared.forget(event.tenant);
        }
        let directory = self.directory(event.tenant).await?;
        // Most tenants have no endpoints, and then nothing has to be looked up.
        if directory.is_empty() {
            return Ok(Write { rows, ..Write::default() });
        }
        let Some(kind) = event_type(&event.event_type) else { return Ok(Write { rows, ..Write::default() }) };
        if kind.audience == Audience::User {
            rows.push(self.known.keep(event));
        }
        let mut write = match told::told(event, kind, &self.known).await? {
            Some(told) => self.tell(event, kind, told, &directory).await?,
            None => Write::default(),
        };
        if known::begins(&event.event_type) {
            self.tell_the_new_one(event, &directory, &mut write).await?;
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
