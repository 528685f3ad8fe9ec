use grantor_eventsourcing::{Actor, Meta};
use grantor_pages::{Frame, MenuPage, PageError, SignedIn};
use grantor_ports::{Person, SessionView, StaffRole};
use grantor_web::{Answer, Call, error_page};

use super::{team::TEAM, webhooks};
use crate::Registry;

/// Where the authorization service brings somebody back to after login: words of a fixed list,
/// never an address (C2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// The tenant's root page.
    Home,
    /// The form that registers a client.
    CreateClient,
    /// The developer's dashboard.
    Dashboard,
    /// What a new client can be started from.
    Templates,
    /// The tenant's own staff.
    Team,
}

impl Next {
    /// The path of the login page that leads on to it, without the base.
    pub(super) const fn login_path(self) -> &'static str {
        match self {
            Self::Home => "/login?next=home",
            Self::CreateClient => "/login?next=create_client",
            Self::Dashboard => "/login?next=dashboard",
            Self::Templates => "/login?next=templates",
            Self::Team => "/login?next=team",
        }
    }
}

/// Somebody signed in.
pub(super) struct Visitor {
    /// Their session.
    pub(super) session: SessionView,
    /// Who they are, for pages that they themselves look at.
    pub(super) person: Person,
    /// What they may do for the tenant, if they belong to its staff.
    pub(super) role: Option<StaffRole>,
}

impl Visitor {
    /// Whether a form was posted within this session (C25).
    pub(super) fn sent(&self, csrf: &str) -> bool {
        grantor_crypto::constant_time_eq(csrf, &self.session.csrf)
    }

    /// The circumstances of what they do.
    pub(super) fn meta(&self, call: &Call) -> Meta {
        call.meta(Actor::User(self.session.user))
    }

    /// The frame with their name in it.
    pub(super) fn frame(&self, call: &Call, mut frame: Frame) -> Frame {
        if let (Some(menu), Some(_)) = (&mut frame.menu, self.role) {
            menu.pages.push((MenuPage::Team, TEAM.to_owned()));
            if webhooks::has_webhooks(call) {
                menu.pages.push((MenuPage::Webhooks, webhooks::OWN.to_owned()));
            }
            if call.path.starts_with(TEAM) {
                menu.current = Some(MenuPage::Team);
            }
            if call.path.starts_with(webhooks::OWN) {
                menu.current = Some(MenuPage::Webhooks);
            }
        }
        frame.signed_in = Some(SignedIn {
            name: self.person.display_name.clone(),
            sign_out_path: call.tenant.profile.paths.end_session.path.clone(),
        });
        frame
    }

    /// `Name (address)`, or the address alone.
    pub(super) fn contact(&self) -> String {
        let Person { display_name, email, .. } = &self.person;
        match email {
            Some(email) if email != display_name => format!("{display_name} ({email})"),
            Some(_) | None => display_name.clone(),
        }
    }
}

/// Who is signed in, if anybody is.
pub(super) async fn present(registry: &Registry, call: &Call) -> Result<Option<Visitor>, Answer> {
    let unavailable = |_| error_page(call, PageError::Unavailable);
    let tenant = call.tenant.id;
    let name = registry.sessions.cookie_name(tenant, call.https);
    let Some(cookie) = call.cookie(&name) else { return Ok(None) };
    let Some(session) = registry.sessions.session(tenant, &cookie).await.map_err(unavailable)? else {
        return Ok(None);
    };
    let person = registry.directory.person(tenant, session.user).await.map_err(unavailable)?;
    let Some(person) = person else { return Ok(None) };
    let role = registry.role_of(tenant, session.user).await.map_err(super::unavailable(call))?;
    Ok(Some(Visitor { session, person, role }))
}

/// Who is signed in, or the way to the login page.
pub(super) async fn required(registry: &Registry, call: &Call, next: Next) -> Result<Visitor, Answer> {
    let login = || Answer::see_other(&call.link(next.login_path()));
    present(registry, call).await?.ok_or_else(login)
}
