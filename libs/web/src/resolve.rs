//! Which tenant a request is for.

use std::sync::Arc;

use grantor_ports::{AuthorityRole, PortError, Registry, TenantView};

/// A request's tenant.
pub(crate) struct Resolved {
    pub(crate) tenant: Arc<TenantView>,
    /// Empty, or `/t/{slug}`.
    pub(crate) base: String,
    /// What the authority serves; `None`: everything.
    pub(crate) role: Option<AuthorityRole>,
    /// The path below the base.
    pub(crate) path: String,
}

/// From the authority first; else from the path. An authority of a tenant is that tenant's
/// alone: no other can be reached there.
pub(crate) async fn resolve(
    registry: &dyn Registry,
    authority: &str,
    path: &str,
) -> Result<Option<Resolved>, PortError> {
    if let Some((tenant, role)) = registry.tenant_by_authority(authority).await? {
        return Ok(Some(Resolved { tenant, base: String::new(), role: Some(role), path: path.to_owned() }));
    }
    let Some((slug, below)) = split_slug(path) else { return Ok(None) };
    let Some(tenant) = registry.tenant_by_slug(slug).await? else { return Ok(None) };
    let base = format!("/t/{slug}");
    Ok(Some(Resolved { tenant, base, role: None, path: below }))
}

/// `/t/{slug}/rest` → (slug, `/rest`). The well-known documents of a path issuer are also
/// asked for as `/.well-known/{document}/t/{slug}` (RFC 8414 3.1).
fn split_slug(path: &str) -> Option<(&str, String)> {
    if let Some(rest) = path.strip_prefix("/t/") {
        let (slug, below) =
            rest.split_once('/').map_or((rest, String::from("/")), |(slug, below)| (slug, format!("/{below}")));
        return (!slug.is_empty()).then_some((slug, below));
    }
    let (document, rest) = path.strip_prefix("/.well-known/")?.split_once('/')?;
    let slug = rest.strip_prefix("t/")?.trim_end_matches('/');
    (!slug.is_empty() && !slug.contains('/')).then(|| (slug, format!("/.well-known/{document}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_issuer_is_found_in_both_well_known_forms() {
        let inserted = split_slug("/.well-known/oauth-authorization-server/t/openid");
        assert_eq!(inserted, Some(("openid", "/.well-known/oauth-authorization-server".to_owned())));
        let appended = split_slug("/t/openid/.well-known/openid-configuration");
        assert_eq!(appended, Some(("openid", "/.well-known/openid-configuration".to_owned())));
    }

    #[test]
    fn what_is_not_below_a_tenant_has_no_slug() {
        for path in ["/", "/t", "/t/", "/tenant/x", "/.well-known/x", "/.well-known/x/t/", "/.well-known/x/t/a/b"] {
            assert_eq!(split_slug(path), None, "{path}");
        }
    }
}
