use grantor_authorization_domain::{GiveConsent, consent_id, give_consent};
use grantor_eventsourcing::{Actor, Meta};
use grantor_ids::{TenantId, UserId};
use grantor_oauth::ScopeSet;
use grantor_ports::{ClientView, PortError};
use grantor_profile::Profile;
use grantor_store::{OnTaken, RowChange, RowKey, Step, not_written};

use crate::{Authorization, publish::ConsentCodec};

/// Consent → its user; all of a user's are found by it.
pub(crate) const KIND: &str = "consent";

/// What a user chose of what was asked for.
pub(crate) struct Choice {
    /// What they agreed to.
    pub given: ScopeSet,
    /// What they unticked.
    pub left_out: ScopeSet,
}

impl Choice {
    /// All of it.
    pub fn all(given: ScopeSet) -> Self {
        Self { given, left_out: ScopeSet::empty() }
    }
}

impl Authorization {
    /// Records what a user agreed to.
    pub(crate) async fn give_consent(
        &self,
        tenant: TenantId,
        profile: &Profile,
        user: UserId,
        client: &ClientView,
        choice: &Choice,
        meta: Meta,
    ) -> Result<(), PortError> {
        let (id, now) = (consent_id(user, client.key), self.clock.now(tenant));
        let command = GiveConsent {
            user,
            client: client.key,
            client_id: client.client_id.clone(),
            scopes: choice.given.clone(),
            left_out: choice.left_out.clone(),
            text_version: text_version(profile, &choice.given.union(&choice.left_out)),
            expires_days: profile.interaction.consent.expires_days,
            now,
        };
        let meta = Meta { actor: Actor::User(user), ..meta };
        let done = self.store.execute::<ConsentCodec, _, _>(tenant, id.uuid(), &meta, now, |loaded| {
            Step::from(give_consent(&loaded.state, &command)).rows([RowChange::Insert {
                key: RowKey::new(tenant, KIND, *id.uuid().as_bytes()),
                aggregate: Some(user.uuid()),
                data: Vec::new(),
                expires_at: None,
                on_taken: OnTaken::Keep,
            }])
        });
        done.await.map(drop).map_err(not_written)
    }
}

/// Names the sentences that were shown, in whatever language.
fn text_version(profile: &Profile, scopes: &ScopeSet) -> String {
    let mut text = String::new();
    if let Some(own) = &profile.interaction.consent.text {
        text.extend([&*own.en, "\n", &own.de, "\n"]);
    }
    for entry in profile.scopes.entries(scopes) {
        text.extend([&*entry.name, "\n", &entry.description.en, "\n", &entry.description.de, "\n"]);
    }
    grantor_crypto::sha256(text).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
