use std::sync::Arc;

use grantor_eventsourcing::Meta;
use grantor_ids::ClientKey;
use grantor_ports::{ClientChange, ClientView, TenantView};
use grantor_profile::Onboarding;
use grantor_registry_domain::client::{Editor, Settings, UpdateClient};

use super::{Failure, Offer, limits_of, reviewed};
use crate::Registry;

/// A change of settings and whose it is.
#[derive(Debug, Clone)]
pub(crate) struct Patch {
    /// Absent members stay; an empty text takes its member away.
    pub(crate) change: ClientChange,
    /// The developer's own change, or else an operator's.
    pub(crate) by_developer: bool,
}

impl Registry {
    /// Changes a client's settings.
    pub(crate) async fn update(
        &self,
        tenant: &TenantView,
        key: ClientKey,
        patch: Patch,
        meta: &Meta,
    ) -> Result<Arc<ClientView>, Failure> {
        let offer = Offer::of(tenant);
        let needs_approval = tenant.profile.clients.onboarding != Onboarding::SelfService;
        let editor = if patch.by_developer { Editor::Developer { needs_approval } } else { Editor::Operator };
        self.change_on_client(tenant.id, key, meta, |client| {
            let old = client.record().map(|record| record.settings.clone()).unwrap_or_default();
            let limits = limits_of(&offer, client, patch.by_developer && reviewed(client));
            UpdateClient::decide(client, &UpdateClient { settings: patched(old, &patch.change), editor, limits })
        })
        .await
    }
}

fn patched(old: Settings, change: &ClientChange) -> Settings {
    let text = |old: Option<String>, new: &Option<String>| match new {
        None => old,
        Some(new) => Some(new.clone()).filter(|new| !new.is_empty()),
    };
    Settings {
        name: change.name.as_deref().map_or(old.name, |name| name.trim().to_owned()),
        website: text(old.website, &change.website),
        logo_url: text(old.logo_url, &change.logo_url),
        redirect_uris: change.redirect_uris.clone().unwrap_or(old.redirect_uris),
        post_logout_redirect_uris: change.post_logout_redirect_uris.clone().unwrap_or(old.post_logout_redirect_uris),
        origins: change.origins.clone().unwrap_or(old.origins),
        scopes: change.scopes.clone().unwrap_or(old.scopes),
        jwks: change.jwks.clone().unwrap_or(old.jwks),
        id_token_alg: text(old.id_token_alg, &change.id_token_alg),
        password_grant: change.password_grant.unwrap_or(old.password_grant),
        lifetimes: change.lifetimes.or(old.lifetimes),
    }
}
