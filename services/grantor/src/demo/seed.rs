use std::{path::Path, time::Duration};

use grantor_eventsourcing::{Actor, Meta};
use grantor_host::Platform;
use grantor_ids::TenantId;
use grantor_ports::{
    AdminError, Authority, AuthorityRole, Branding, Claims, ClientKind, CreateTenant, CreateUser, NewClient,
    TenantKind, Terms,
};
use grantor_profile::Profile;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::credentials::{Credentials, Login, Tenant};
use crate::failure::Failure;

const TERMS: &str = "You may connect your application to our API for the customers who ask you to.\n\n\
You keep client secrets and tokens on your servers, tell us without delay when one may have leaked, and delete a \
customer's data when they withdraw access.\n\n\
You may not imply that your application was made by us. We review every application before it can be used, and may \
suspend one that puts customers at risk.";

/// Brings the demo to its end state. Every step that was done before is found, so that a seeding
/// that was cut short is gone on with; a folder that is seeded is left alone.
pub async fn seed(platform: &Platform, mut credentials: Credentials, data: &Path) -> Result<Credentials, Failure> {
    if credentials.seeded {
        return Ok(credentials);
    }
    eprintln!("Seeding the demo …");
    platform.stores.mark_demo().await?;
    let feast = &credentials.tenants.financefeast;
    let feast_id = tenant(platform, financefeast(feast)?).await?;
    let openid_id = tenant(platform, openid(&credentials.tenants.openid)?).await?;
    let finx_id = tenant(platform, finx(&credentials.tenants.finx)?).await?;
    let finexer_id = tenant(platform, plain("finexer", "Finexer", &credentials.tenants.finexer, "#1d4ed8")?).await?;
    let generic_id = tenant(platform, plain("generic", "Example", &credentials.tenants.generic, "#6d28d9")?).await?;
    for id in [feast_id, openid_id, finexer_id, generic_id] {
        user(platform, id, &credentials.user, ada()).await?;
        user(platform, id, &credentials.developer, dev()).await?;
    }
    let feast = client(platform, feast_id, &credentials.tenants.financefeast, &["openid", "profile", "plan"]).await?;
    let scopes = ["openid", "profile", "email", "address", "phone", "offline_access"];
    let openid = client(platform, openid_id, &credentials.tenants.openid, &scopes).await?;
    let finapi_id = tenant(platform, finapi(&credentials.tenants.finapi)?).await?;
    user(platform, finapi_id, &credentials.developer, dev()).await?;
    let finapi = client(platform, finapi_id, &credentials.tenants.finapi, &["all"]).await?;
    credentials.tenants.finapi = finapi;
    let scopes = ["accounts=ro", "balance=ro", "transactions=ro", "offline"];
    credentials.tenants.finx = client(platform, finx_id, &credentials.tenants.finx, &scopes).await?;
    let scopes = ["customer_read", "customer_write"];
    let finexer = client(platform, finexer_id, &credentials.tenants.finexer, &scopes).await?;
    let generic = client(platform, generic_id, &credentials.tenants.generic, &["read_write", "read"]).await?;
    credentials.tenants.finexer = finexer;
    credentials.tenants.generic = generic;
    credentials.tenants.financefeast = feast;
    credentials.tenants.openid = openid;
    credentials.seeded = true;
    credentials.write(data)?;
    platform.settle(Duration::from_secs(10)).await;
    Ok(credentials)
}

fn meta() -> Meta {
    Meta::by(Actor::System)
}

fn authority(url: &str) -> String {
    url.trim_start_matches("http://").to_owned()
}

fn preset(name: &str) -> Result<Profile, Failure> {
    Profile::preset(name).ok_or_else(|| Failure::Usage(format!("there is no preset {name}")))
}

fn financefeast(urls: &Tenant) -> Result<CreateTenant, Failure> {
    let named = |role, host: &str| Authority { role, authority: host.to_owned() };
    let port = urls.issuer.rsplit(':').next().and_then(|port| port.parse::<u16>().ok()).unwrap_or_default();
    // On the main listener it is also reached by host name.
    let main = port.saturating_sub(1);
    Ok(CreateTenant {
        slug: "financefeast".into(),
        name: "Financefeast".into(),
        kind: TenantKind::Development,
        issuer: urls.issuer.clone(),
        api: Some(urls.api.clone()),
        authorities: vec![
            named(AuthorityRole::Identity, &authority(&urls.issuer)),
            named(AuthorityRole::Api, &authority(&urls.api)),
            named(AuthorityRole::Identity, &format!("identity.financefeast.localhost:{main}")),
            named(AuthorityRole::Api, &format!("api.financefeast.localhost:{main}")),
        ],
        profile: preset("financefeast")?,
        branding: Branding { colour: Some("#0f766e".into()), monogram: None },
        contact: Some("partnership@Financefeast.io".into()),
        terms: Terms { version: "2026-11".into(), text: TERMS.into() },
    })
}

fn openid(urls: &Tenant) -> Result<CreateTenant, Failure> {
    Ok(CreateTenant {
        slug: "openid".into(),
        name: "OpenID Demo".into(),
        kind: TenantKind::Development,
        issuer: urls.issuer.clone(),
        api: Some(urls.api.clone()),
        authorities: vec![Authority { role: AuthorityRole::Identity, authority: authority(&urls.issuer) }],
        profile: preset("openid")?,
        branding: Branding::default(),
        contact: Some("partners@example.com".into()),
        terms: Terms { version: "2026-11".into(), text: TERMS.into() },
    })
}

fn finapi(urls: &Tenant) -> Result<CreateTenant, Failure> {
    Ok(CreateTenant {
        slug: "finapi".into(),
        name: "finAPI Access".into(),
        kind: TenantKind::Development,
        issuer: urls.issuer.clone(),
        api: Some(urls.api.clone()),
        authorities: vec![Authority { role: AuthorityRole::Identity, authority: authority(&urls.issuer) }],
        profile: preset("finapi")?,
        branding: Branding { colour: Some("#1d4f91".into()), monogram: None },
        contact: Some("partners@example.com".into()),
        terms: Terms { version: "2026-11".into(), text: TERMS.into() },
    })
}

fn finx(urls: &Tenant) -> Result<CreateTenant, Failure> {
    let named = |role, authority: String| Authority { role, authority };
    let (host, port) = urls.issuer.rsplit_once(':').unwrap_or((&urls.issuer, ""));
    // The widget listens on the next port.
    let widget = port.parse::<u16>().unwrap_or_default().saturating_add(1);
    Ok(CreateTenant {
        slug: "finx".into(),
        name: "finX".into(),
        kind: TenantKind::Development,
        issuer: urls.issuer.clone(),
        api: Some(urls.api.clone()),
        authorities: vec![
            named(AuthorityRole::Identity, authority(&urls.issuer)),
            named(AuthorityRole::Widget, format!("{}:{widget}", authority(host))),
            named(AuthorityRole::Api, authority(&urls.api)),
        ],
        profile: preset("finx")?,
        branding: Branding { colour: Some("#4338ca".into()), monogram: None },
        contact: Some("partners@example.com".into()),
        terms: Terms { version: "2026-11".into(), text: TERMS.into() },
    })
}

/// A tenant whose slug is its preset's name, at its own addresses.
fn plain(preset_name: &str, name: &str, urls: &Tenant, colour: &str) -> Result<CreateTenant, Failure> {
    let mut authorities = vec![Authority { role: AuthorityRole::Identity, authority: authority(&urls.issuer) }];
    if urls.api != urls.issuer {
        authorities.push(Authority { role: AuthorityRole::Api, authority: authority(&urls.api) });
    }
    Ok(CreateTenant {
        slug: preset_name.into(),
        name: name.into(),
        kind: TenantKind::Development,
        issuer: urls.issuer.clone(),
        api: Some(urls.api.clone()),
        authorities,
        profile: preset(preset_name)?,
        branding: Branding { colour: Some(colour.into()), monogram: None },
        contact: Some("partners@example.com".into()),
        terms: Terms { version: "2026-11".into(), text: TERMS.into() },
    })
}

async fn tenant(platform: &Platform, tenant: CreateTenant) -> Result<TenantId, Failure> {
    let known = platform.registry.tenant_by_slug(&tenant.slug).await.map_err(AdminError::from)?;
    match known {
        Some(known) => Ok(known.id),
        None => Ok(platform.registry_admin.create_tenant(tenant, &meta()).await?.id),
    }
}

async fn user(platform: &Platform, tenant: TenantId, login: &Login, claims: Claims) -> Result<(), Failure> {
    if platform.directory_admin.user_by_email(tenant, &login.username).await?.is_some() {
        return Ok(());
    }
    let attributes = json!({ "plan": { "name": "premium", "currency": "NZD", "renews": "2027-01-01" } });
    let user = CreateUser {
        email: login.username.clone(),
        email_verified: true,
        password: Some(SecretString::from(login.password.clone())),
        claims,
        attributes: attributes.as_object().cloned().unwrap_or_default(),
    };
    platform.directory_admin.create_user(tenant, user, &meta()).await?;
    Ok(())
}

fn ada() -> Claims {
    let claims = json!({
        "name": "Ada Lovelace", "given_name": "Ada", "family_name": "Lovelace", "nickname": "ada",
        "preferred_username": "ada", "profile": "https://example.com/ada", "picture": "https://example.com/ada.png",
        "website": "https://example.com", "gender": "female", "birthdate": "1815-12-10", "zoneinfo": "Europe/London",
        "locale": "en-GB", "phone_number": "+44 20 7946 0000", "phone_number_verified": true,
        "middle_name": "King",
        "address": {
            "formatted": "12 St James's Square\nLondon SW1Y 4JH\nUnited Kingdom", "street_address": "12 St James's Square",
            "locality": "London", "region": "Greater London", "postal_code": "SW1Y 4JH", "country": "GB"
        }
    });
    claims.as_object().cloned().unwrap_or_default()
}

fn dev() -> Claims {
    json!({ "name": "Devin Partner", "locale": "en" }).as_object().cloned().unwrap_or_default()
}

/// The approved demo client. A secret is known only when it is made: after a seeding that was
/// cut short in between it is rotated.
async fn client(platform: &Platform, tenant: TenantId, urls: &Tenant, scopes: &[&str]) -> Result<Tenant, Failure> {
    let listed = platform.registry_admin.clients(tenant, None, grantor_ports::Page { after: None, limit: 50 }).await?;
    if let Some(known) = listed.items.iter().find(|known| known.name == NAME) {
        let secret = platform.registry_admin.rotate_client_secret(tenant, &known.client_id, &meta()).await?;
        let client_secret = secret.secret.expose_secret().to_owned();
        return Ok(Tenant { client_id: known.client_id.clone(), client_secret, ..urls.clone() });
    }
    let wanted = NewClient {
        name: NAME.into(),
        kind: ClientKind::Confidential,
        website: Some("https://example.com".into()),
        logo_url: None,
        redirect_uris: vec![urls.redirect_uri.clone()],
        post_logout_redirect_uris: vec![urls.redirect_uri.clone()],
        origins: vec![origin(&urls.redirect_uri)],
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        jwks: Default::default(),
        id_token_alg: None,
        // It counts only where the tenant's profile has that grant.
        password_grant: true,
        lifetimes: Default::default(),
        resource: None,
    };
    let (client, secret) = platform.registry_admin.create_client(tenant, wanted, &meta()).await?;
    let secret = secret.ok_or_else(|| Failure::Usage("the demo client got no secret".into()))?;
    let client_secret = secret.secret.expose_secret().to_owned();
    Ok(Tenant { client_id: client.client_id.clone(), client_secret, ..urls.clone() })
}

/// Where the demo client's own pages would be; they may frame the widget.
fn origin(redirect_uri: &str) -> String {
    redirect_uri.splitn(4, '/').take(3).collect::<Vec<_>>().join("/")
}

const NAME: &str = "Portfolio Planner";
