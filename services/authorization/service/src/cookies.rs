//! The cookies of a tenant (C25). Cookies ignore ports and paths here, so the name carries
//! the tenant; the rows they lead to are the tenant's own as well.

use grantor_ids::TenantId;
use grantor_ports::session_cookie_name;
use grantor_web::{Answer, Call, SetCookie};

use crate::secret::Secret;

/// Which cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Jar {
    /// Who is signed in.
    Session,
    /// Which browser a visit belongs to.
    Browser,
    /// Which browser a flow of the widget belongs to.
    Widget,
    /// The same for a frame of another site, where the connection is plain (loopback only).
    WidgetFramed,
}

/// The session's cookie is known to others by its name; that of a visit is named after it.
pub(crate) fn name(tenant: TenantId, https: bool, jar: Jar) -> String {
    let session = session_cookie_name(tenant, https);
    match jar {
        Jar::Session => session,
        Jar::Browser => format!("{session}-browser"),
        Jar::Widget => format!("{session}-widget"),
        Jar::WidgetFramed => format!("{session}-widget-framed"),
    }
}

pub(crate) fn read(call: &Call, jar: Jar) -> Option<Secret> {
    Secret::parse(&call.cookie(&name(call.tenant.id, call.https, jar))?)
}

/// Until the browser closes; how long a session lasts is for its row to say.
pub(crate) fn set(call: &Call, jar: Jar, value: &Secret) -> SetCookie {
    let name = name(call.tenant.id, call.https, jar);
    SetCookie { name, value: value.as_str().to_owned(), max_age: None, secure: call.https, framed: false }
}

pub(crate) fn clear(call: &Call, jar: Jar) -> SetCookie {
    let name = name(call.tenant.id, call.https, jar);
    SetCookie { name, value: String::new(), max_age: Some(0), secure: call.https, framed: false }
}

/// The widget's cookie, in every form it may come back in.
pub(crate) fn of_widget(call: &Call) -> impl Iterator<Item = Secret> {
    [read(call, Jar::Widget), read(call, Jar::WidgetFramed)].into_iter().flatten()
}

/// The widget's cookie for an answer. Over https one cookie serves a frame and a window alike. On
/// loopback http some browsers refuse `Secure`, and no other can cross sites: there are two, and
/// each browser keeps what it can.
pub(crate) fn set_widget(call: &Call, answer: Answer, value: &Secret) -> Answer {
    let framed = |jar| SetCookie { framed: true, ..set(call, jar, value) };
    match call.https {
        true => answer.cookie(framed(Jar::Widget)),
        false => answer.cookie(set(call, Jar::Widget, value)).cookie(framed(Jar::WidgetFramed)),
    }
}
