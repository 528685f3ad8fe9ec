//! The two cookies of a tenant (C25). Cookies ignore ports and paths here, so the name carries
//! the tenant; the rows they lead to are the tenant's own as well.

use grantor_ids::TenantId;
use grantor_web::{Call, SetCookie};

use crate::secret::Secret;

/// Which cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Jar {
    /// Who is signed in.
    Session,
    /// Which browser a visit belongs to.
    Browser,
}

/// `__Host-grantor-<tag>` on https; without the prefix on http, which exists on loopback only.
/// The tag is the end of the tenant's id, its random part.
pub(crate) fn name(tenant: TenantId, https: bool, jar: Jar) -> String {
    let id = tenant.uuid().simple().to_string();
    let prefix = if https { "__Host-" } else { "" };
    let suffix = match jar {
        Jar::Session => "",
        Jar::Browser => "-browser",
    };
    format!("{prefix}grantor-{}{suffix}", &id[id.len() - 12..])
}

pub(crate) fn read(call: &Call, jar: Jar) -> Option<Secret> {
    Secret::parse(&call.cookie(&name(call.tenant.id, call.https, jar))?)
}

/// Until the browser closes; how long a session lasts is for its row to say.
pub(crate) fn set(call: &Call, jar: Jar, value: &Secret) -> SetCookie {
    let name = name(call.tenant.id, call.https, jar);
    SetCookie { name, value: value.as_str().to_owned(), max_age: None, secure: call.https }
}

pub(crate) fn clear(call: &Call, jar: Jar) -> SetCookie {
    let name = name(call.tenant.id, call.https, jar);
    SetCookie { name, value: String::new(), max_age: Some(0), secure: call.https }
}
