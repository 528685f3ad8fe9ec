//! Domain state → what other services see.

use std::sync::Arc;

use grantor_eventsourcing::Version;
use grantor_ids::{ClientKey, TenantId};
use grantor_ports as ports;
use grantor_registry_domain::{
    client::{self, Client},
    tenant::{self, Tenant},
};

/// A tenant as every service sees it; `None` when there is none.
pub fn tenant_view(id: TenantId, tenant: &Tenant, version: Version) -> Option<ports::TenantView> {
    let record = tenant.record()?;
    let state = match tenant {
        Tenant::Suspended(_) => ports::TenantState::Suspended,
        Tenant::Unknown | Tenant::Active(_) => ports::TenantState::Active,
    };
    let tenant::Identity { slug, kind, issuer, api, authorities } = record.identity.clone();
    let tenant::Presentation { name, branding, contact, terms } = record.presentation.clone();
    let authority = |entry: tenant::Authority| ports::Authority {
        role: match entry.role {
            tenant::Role::Identity => ports::AuthorityRole::Identity,
            tenant::Role::Api => ports::AuthorityRole::Api,
            tenant::Role::Widget => ports::AuthorityRole::Widget,
        },
        authority: entry.authority,
    };
    Some(ports::TenantView {
        id,
        slug,
        name,
        kind: match kind {
            tenant::Kind::Production => ports::TenantKind::Production,
            tenant::Kind::Development => ports::TenantKind::Development,
            tenant::Kind::Sandbox => ports::TenantKind::Sandbox,
        },
        state,
        issuer,
        api,
        authorities: authorities.into_iter().map(authority).collect(),
        profile: Arc::clone(&record.profile),
        branding: ports::Branding { colour: branding.colour, monogram: branding.monogram },
        contact,
        terms: ports::Terms { version: terms.version, text: terms.text },
        mail_server: record.mail_server.clone().map(mail_server),
        team: record.team.iter().map(|(user, role)| (*user, port_role(*role))).collect(),
        clock_ahead_ms: record.clock_ahead_ms,
        version,
    })
}

const fn port_role(role: tenant::StaffRole) -> ports::StaffRole {
    match role {
        tenant::StaffRole::Viewer => ports::StaffRole::Viewer,
        tenant::StaffRole::Reviewer => ports::StaffRole::Reviewer,
        tenant::StaffRole::Owner => ports::StaffRole::Owner,
    }
}

/// The rules' word for a role.
pub(crate) const fn domain_role(role: ports::StaffRole) -> tenant::StaffRole {
    match role {
        ports::StaffRole::Viewer => tenant::StaffRole::Viewer,
        ports::StaffRole::Reviewer => tenant::StaffRole::Reviewer,
        ports::StaffRole::Owner => tenant::StaffRole::Owner,
    }
}

fn mail_server(server: tenant::MailServer) -> ports::MailServer {
    let tenant::MailServer { host, port, security, username, from } = server;
    let security = match security {
        tenant::MailSecurity::Tls => ports::MailSecurity::Tls,
        tenant::MailSecurity::StartTls => ports::MailSecurity::StartTls,
        tenant::MailSecurity::Plain => ports::MailSecurity::Plain,
    };
    ports::MailServer { host, port, security, username, from }
}

/// A client as every service sees it; `None` when there is none or it is deleted.
pub fn client_view(tenant: TenantId, key: ClientKey, client: &Client, version: Version) -> Option<ports::ClientView> {
    let record = client.record()?.clone();
    let client::Settings {
        name,
        website,
        logo_url,
        redirect_uris,
        post_logout_redirect_uris,
        origins,
        scopes,
        jwks,
        id_token_alg,
        password_grant,
        lifetimes,
    } = record.settings;
    let digest = |secret: client::Secret| ports::ClientSecretDigest {
        id: secret.id,
        sha256: secret.sha256,
        created_at: secret.created_at,
        expires_at: secret.expires_at,
    };
    Some(ports::ClientView {
        key,
        tenant,
        client_id: record.client_id,
        state: state(record.status),
        kind: match record.kind {
            client::Kind::Confidential => ports::ClientKind::Confidential,
            client::Kind::Public => ports::ClientKind::Public,
            client::Kind::Native => ports::ClientKind::Native,
        },
        name,
        website,
        logo_url,
        contact: record.contact,
        redirect_uris,
        post_logout_redirect_uris,
        origins,
        scopes,
        secrets: record.secrets.into_iter().map(digest).collect(),
        jwks,
        id_token_alg,
        password_grant,
        lifetimes,
        resource: record.resource,
        created_at: record.created_at,
        version,
    })
}

fn state(status: client::Status) -> ports::ClientState {
    match status {
        client::Status::Draft => ports::ClientState::Draft,
        client::Status::Pending => ports::ClientState::Pending,
        client::Status::Approved => ports::ClientState::Approved,
        client::Status::Rejected { reason } => ports::ClientState::Rejected { reason },
        client::Status::Suspended { reason } => ports::ClientState::Suspended { reason },
    }
}

/// The domain's word for a kind of client.
pub(crate) const fn kind(kind: ports::ClientKind) -> client::Kind {
    match kind {
        ports::ClientKind::Confidential => client::Kind::Confidential,
        ports::ClientKind::Public => client::Kind::Public,
        ports::ClientKind::Native => client::Kind::Native,
    }
}
