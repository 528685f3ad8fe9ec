use std::sync::Arc;

use grantor_contracts::{
    registry::v1 as proto,
    stored::{decoded, encoded, id, id_bytes, instant, member, unreadable},
};
use grantor_eventsourcing::{Codec, DecodeError, Encoded, Envelope};
use grantor_profile::Profile;
use grantor_registry_domain::tenant::{
    Authority, Branding, Event, Identity, Kind, MailSecurity, MailServer, Presentation, Record, Role, StaffRole, Team,
    Tenant, Terms,
};

pub(super) const CREATED: &str = "platform.tenant.created";
pub(super) const PROFILE_CHANGED: &str = "platform.tenant.profile_changed";
pub(super) const PRESENTATION_CHANGED: &str = "platform.tenant.presentation_changed";
pub(super) const MAIL_SERVER_CHANGED: &str = "platform.tenant.mail_server_changed";
pub(super) const MEMBER_INVITED: &str = "platform.tenant.member_invited";
pub(super) const INVITATION_WITHDRAWN: &str = "platform.tenant.invitation_withdrawn";
pub(super) const MEMBER_JOINED: &str = "platform.tenant.member_joined";
pub(super) const MEMBER_ROLE_CHANGED: &str = "platform.tenant.member_role_changed";
pub(super) const MEMBER_LEFT: &str = "platform.tenant.member_left";
pub(super) const SUSPENDED: &str = "platform.tenant.suspended";
pub(super) const RESTORED: &str = "platform.tenant.restored";
pub(super) const CLOCK_ADVANCED: &str = "platform.tenant.clock_advanced";

/// Events of tenants.
pub struct TenantCodec;

impl Codec for TenantCodec {
    type Aggregate = Tenant;

    fn encode(event: &Event) -> Encoded {
        match event {
            Event::Created(record) => encoded(CREATED, &created(record)),
            Event::ProfileChanged(profile) => {
                encoded(PROFILE_CHANGED, &proto::TenantProfileChanged { profile: profile.to_json() })
            }
            Event::PresentationChanged(presentation) => encoded(
                PRESENTATION_CHANGED,
                &proto::TenantPresentationChanged { presentation: Some(to_proto(presentation)) },
            ),
            Event::MailServerChanged(server) => encoded(
                MAIL_SERVER_CHANGED,
                &proto::TenantMailServerChanged { server: server.as_deref().map(server_to_proto) },
            ),
            Event::MemberInvited { role } => {
                encoded(MEMBER_INVITED, &proto::TenantMemberInvited { role: staff_word(*role).to_owned() })
            }
            Event::InvitationWithdrawn { role } => {
                let role = staff_word(*role).to_owned();
                encoded(INVITATION_WITHDRAWN, &proto::TenantInvitationWithdrawn { role })
            }
            Event::MemberJoined { user, role } => {
                let message =
                    proto::TenantMemberJoined { user_id: id_bytes(*user), role: staff_word(*role).to_owned() };
                encoded(MEMBER_JOINED, &message)
            }
            Event::MemberRoleChanged { user, role } => {
                let role = staff_word(*role).to_owned();
                encoded(MEMBER_ROLE_CHANGED, &proto::TenantMemberRoleChanged { user_id: id_bytes(*user), role })
            }
            Event::MemberLeft { user } => encoded(MEMBER_LEFT, &proto::TenantMemberLeft { user_id: id_bytes(*user) }),
            Event::Suspended => encoded(SUSPENDED, &proto::TenantSuspended {}),
            Event::Restored => encoded(RESTORED, &proto::TenantRestored {}),
            Event::ClockAdvanced { by_ms, ahead_ms } => {
                encoded(CLOCK_ADVANCED, &proto::TenantClockAdvanced { by_ms: *by_ms, ahead_ms: *ahead_ms })
            }
        }
    }

    fn decode(envelope: &Envelope) -> Result<Event, DecodeError> {
        match envelope.event_type.as_str() {
            CREATED => Ok(Event::Created(Box::new(record(envelope, decoded(envelope)?)?))),
            PROFILE_CHANGED => {
                let message: proto::TenantProfileChanged = decoded(envelope)?;
                Ok(Event::ProfileChanged(profile(envelope, &message.profile)?))
            }
            PRESENTATION_CHANGED => {
                let message: proto::TenantPresentationChanged = decoded(envelope)?;
                let presentation = member(envelope, "presentation", message.presentation)?;
                Ok(Event::PresentationChanged(Box::new(from_proto(presentation))))
            }
            MAIL_SERVER_CHANGED => {
                let message: proto::TenantMailServerChanged = decoded(envelope)?;
                let server = message.server.map(|server| server_from_proto(envelope, server)).transpose()?;
                Ok(Event::MailServerChanged(server.map(Box::new)))
            }
            MEMBER_INVITED => {
                let message: proto::TenantMemberInvited = decoded(envelope)?;
                Ok(Event::MemberInvited { role: member(envelope, "role", staff(&message.role))? })
            }
            INVITATION_WITHDRAWN => {
                let message: proto::TenantInvitationWithdrawn = decoded(envelope)?;
                Ok(Event::InvitationWithdrawn { role: member(envelope, "role", staff(&message.role))? })
            }
            MEMBER_JOINED => {
                let message: proto::TenantMemberJoined = decoded(envelope)?;
                let (user, role) = (id(envelope, &message.user_id)?, member(envelope, "role", staff(&message.role))?);
                Ok(Event::MemberJoined { user, role })
            }
            MEMBER_ROLE_CHANGED => {
                let message: proto::TenantMemberRoleChanged = decoded(envelope)?;
                let (user, role) = (id(envelope, &message.user_id)?, member(envelope, "role", staff(&message.role))?);
                Ok(Event::MemberRoleChanged { user, role })
            }
            MEMBER_LEFT => {
                let message: proto::TenantMemberLeft = decoded(envelope)?;
                Ok(Event::MemberLeft { user: id(envelope, &message.user_id)? })
            }
            SUSPENDED => Ok(Event::Suspended),
            RESTORED => Ok(Event::Restored),
            CLOCK_ADVANCED => {
                let message: proto::TenantClockAdvanced = decoded(envelope)?;
                Ok(Event::ClockAdvanced { by_ms: message.by_ms, ahead_ms: message.ahead_ms })
            }
            _ => Err(unreadable(envelope, "not an event of a tenant")),
        }
    }
}

fn created(record: &Record) -> proto::TenantCreated {
    let identity = &record.identity;
    let authorities = identity
        .authorities
        .iter()
        .map(|entry| proto::Authority { role: role_word(entry.role).to_owned(), authority: entry.authority.clone() });
    proto::TenantCreated {
        slug: identity.slug.clone(),
        kind: kind_word(identity.kind).to_owned(),
        issuer: identity.issuer.clone(),
        api: identity.api.clone(),
        authorities: authorities.collect(),
        profile: record.profile.to_json(),
        presentation: Some(to_proto(&record.presentation)),
        created_at_ms: record.created_at.timestamp_millis(),
    }
}

fn record(envelope: &Envelope, message: proto::TenantCreated) -> Result<Record, DecodeError> {
    let authority = |entry: proto::Authority| {
        let role = member(envelope, "role", role(&entry.role))?;
        Ok(Authority { role, authority: entry.authority })
    };
    Ok(Record {
        identity: Identity {
            slug: message.slug,
            kind: member(envelope, "kind", kind(&message.kind))?,
            issuer: message.issuer,
            api: message.api,
            authorities: message.authorities.into_iter().map(authority).collect::<Result<_, DecodeError>>()?,
        },
        profile: profile(envelope, &message.profile)?,
        presentation: from_proto(member(envelope, "presentation", message.presentation)?),
        created_at: instant(envelope, message.created_at_ms)?,
        mail_server: None,
        team: Team::new(),
        clock_ahead_ms: 0,
    })
}

/// Stored profiles were validated when they were written, by rules that may have been others.
fn profile(envelope: &Envelope, json: &str) -> Result<Arc<Profile>, DecodeError> {
    let profile: Result<Profile, _> = serde_json::from_str(json);
    profile.map(Arc::new).map_err(|cause| unreadable(envelope, format!("not a profile: {cause}")))
}

fn to_proto(presentation: &Presentation) -> proto::Presentation {
    let Presentation { name, branding, contact, terms } = presentation.clone();
    proto::Presentation {
        name,
        colour: branding.colour,
        monogram: branding.monogram,
        contact,
        terms_version: terms.version,
        terms_text: terms.text,
    }
}

fn from_proto(message: proto::Presentation) -> Presentation {
    Presentation {
        name: message.name,
        branding: Branding { colour: message.colour, monogram: message.monogram },
        contact: message.contact,
        terms: Terms { version: message.terms_version, text: message.terms_text },
    }
}

fn server_to_proto(server: &MailServer) -> proto::MailServer {
    let MailServer { host, port, security, username, from } = server.clone();
    proto::MailServer { host, port: port.into(), security: security_word(security).to_owned(), username, from }
}

fn server_from_proto(envelope: &Envelope, message: proto::MailServer) -> Result<MailServer, DecodeError> {
    let all = [MailSecurity::Tls, MailSecurity::StartTls, MailSecurity::Plain];
    let security = all.into_iter().find(|one| security_word(*one) == message.security);
    Ok(MailServer {
        host: message.host,
        port: member(envelope, "port", u16::try_from(message.port).ok())?,
        security: member(envelope, "security", security)?,
        username: message.username,
        from: message.from,
    })
}

const fn staff_word(role: StaffRole) -> &'static str {
    match role {
        StaffRole::Viewer => "viewer",
        StaffRole::Reviewer => "reviewer",
        StaffRole::Owner => "owner",
    }
}

fn staff(word: &str) -> Option<StaffRole> {
    [StaffRole::Viewer, StaffRole::Reviewer, StaffRole::Owner].into_iter().find(|role| staff_word(*role) == word)
}

const fn security_word(security: MailSecurity) -> &'static str {
    match security {
        MailSecurity::Tls => "tls",
        MailSecurity::StartTls => "start_tls",
        MailSecurity::Plain => "plain",
    }
}

const fn kind_word(kind: Kind) -> &'static str {
    match kind {
        Kind::Production => "production",
        Kind::Development => "development",
        Kind::Sandbox => "sandbox",
    }
}

fn kind(word: &str) -> Option<Kind> {
    [Kind::Production, Kind::Development, Kind::Sandbox].into_iter().find(|kind| kind_word(*kind) == word)
}

const fn role_word(role: Role) -> &'static str {
    match role {
        Role::Identity => "identity",
        Role::Api => "api",
        Role::Widget => "widget",
    }
}

fn role(word: &str) -> Option<Role> {
    [Role::Identity, Role::Api, Role::Widget].into_iter().find(|role| role_word(*role) == word)
}
