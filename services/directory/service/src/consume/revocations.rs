use std::sync::Arc;

use async_trait::async_trait;
use chrono::TimeDelta;
use grantor_bus::{Consumer, HandleError};
use grantor_contracts::{Message as _, token::v1 as proto};
use grantor_eventsourcing::Envelope;
use grantor_ids::UserId;
use grantor_ports::PortError;
use grantor_store::Write;
use uuid::Uuid;

use crate::{
    Directory,
    mail::{Language, Letter, Message},
    profile::login_key,
    requests,
};

const NAME: &str = "revocation_notices";
const REVOKED: &str = "oauth.authorization.revoked";
/// Who ends something without the person knowing of it.
const TOLD: [&str; 3] = ["platform", "api", "operator"];
/// After this it is no news any more.
const USEFUL: TimeDelta = TimeDelta::days(2);

/// Tells people by mail that somebody else has ended what they gave to an app, where their tenant
/// has a text for it (FX-06).
pub struct Revocations(Arc<Directory>);

impl Revocations {
    pub(crate) fn new(directory: Arc<Directory>) -> Self {
        Self(directory)
    }

    async fn letter(
        &self,
        event: &Envelope,
        found: &proto::AuthorizationRevoked,
    ) -> Result<Option<Letter>, HandleError> {
        let directory = &self.0;
        let away = |cause: PortError| HandleError::Away(format!("the registry: {cause}"));
        let Ok(user) = Uuid::from_slice(&found.user_id).map(UserId::from_uuid) else { return Ok(None) };
        let Some(tenant) = directory.tenants.tenant(event.tenant).await.map_err(away)? else { return Ok(None) };
        if tenant.profile.mails.revocation.is_none() {
            return Ok(None);
        }
        let Some(profile) = (match directory.find(event.tenant, user).await.map_err(again)? {
            Some(found) => found.profile().map_err(again)?,
            None => None,
        }) else {
            return Ok(None);
        };
        let Some(to) = profile.email else { return Ok(None) };
        let client = directory.tenants.client(event.tenant, &found.client_id).await.map_err(away)?;
        let app = client.map_or_else(|| found.client_id.clone(), |client| client.name.clone());
        let language = Language::of(profile.claims.get("locale").and_then(|locale| locale.as_str()));
        let useful_until = directory.clock.real() + USEFUL;
        Ok(Some(Letter { to, language, message: Message::Revoked { app }, useful_until }))
    }
}

#[async_trait]
impl Consumer for Revocations {
    fn name(&self) -> &'static str {
        NAME
    }

    fn wants(&self, event_type: &str) -> bool {
        event_type == REVOKED
    }

    async fn handle(&self, event: &Envelope) -> Result<Write, HandleError> {
        let found = proto::AuthorizationRevoked::decode(event.payload.clone())
            .map_err(|cause| HandleError::Poison(cause.to_string()))?;
        // What is old news when it comes, as after a long outage, is none.
        let old = self.0.clock.real() - event.recorded_at > USEFUL;
        if old || !TOLD.contains(&found.revoked_by.as_str()) {
            return Ok(Write::default());
        }
        let Some(letter) = self.letter(event, &found).await? else { return Ok(Write::default()) };
        let keys = self.0.keys.of(event.tenant).await.map_err(again)?;
        let hash = keys.email_hash(&login_key(&letter.to));
        let (task, trace) = requests::post(&self.0, event.tenant, &keys, &letter, &hash).map_err(again)?;
        let inbox = Some((NAME, event.event_id.uuid()));
        Ok(Write { tasks: vec![task], rows: vec![trace], inbox, ..Write::default() })
    }
}

/// Something of this service's own.
fn again(cause: PortError) -> HandleError {
    HandleError::Again(cause.to_string())
}
