use super::{Event, Record, Refusal, Role, Tenant, Verdict, changed, refuse, slug};
use crate::{Origin, Problem, web_address};

/// Makes a tenant.
#[derive(Debug, Clone, PartialEq)]
pub struct CreateTenant {
    /// The tenant to be.
    pub record: Record,
}

impl CreateTenant {
    /// Decides. Whether slug and authorities are free is guarded by unique rows in the same commit.
    pub fn decide(state: &Tenant, command: &Self) -> Verdict {
        if *state != Tenant::Unknown {
            return refuse(Refusal::Exists);
        }
        match problems(&command.record) {
            problems if problems.is_empty() => changed(Event::Created(Box::new(command.record.clone()))),
            problems => refuse(Refusal::Invalid(problems)),
        }
    }
}

fn problems(record: &Record) -> Vec<Problem> {
    let identity = &record.identity;
    let mut found = Vec::new();
    if let Err(detail) = slug::check(&identity.slug) {
        found.push(Problem::at("/slug", detail));
    }
    match Origin::parse(&identity.issuer) {
        Err(refusal) => found.push(Problem::at("/issuer", refusal.to_string())),
        Ok(origin) => found.extend(reach(record, &origin)),
    }
    if let Err(refusal) = Origin::parse(&identity.api) {
        found.push(Problem::at("/api", refusal.to_string()));
    }
    for (at, entry) in identity.authorities.iter().enumerate() {
        let pointer = format!("/authorities/{at}/authority");
        if !web_address::host_and_port(&entry.authority) {
            found.push(Problem::at(pointer, "must be a lower-case host, or host:port without a default port"));
        } else if identity.authorities[..at].iter().any(|earlier| earlier.authority == entry.authority) {
            found.push(Problem::at(pointer, "is there twice"));
        }
    }
    if identity.authorities.len() > 16 {
        found.push(Problem::at("/authorities", "must be 16 or fewer"));
    }
    found.extend(record.presentation.problems());
    let contradictions = record.profile.validate().into_iter();
    found.extend(contradictions.map(|found| Problem::at(format!("/profile{}", found.path), found.message)));
    found
}

/// An issuer without a path is one of the tenant's authorities; one with a path is `/t/{slug}`.
/// Anything else could never be reached.
fn reach(record: &Record, issuer: &Origin) -> Option<Problem> {
    let identity = &record.identity;
    let own = identity.authorities.iter().find(|entry| entry.authority == issuer.authority);
    match own {
        Some(entry) if entry.role == Role::Api => Some(Problem::at("/issuer", "its authority is listed as the API's")),
        Some(entry) if entry.role == Role::Widget => {
            Some(Problem::at("/issuer", "its authority is listed as the widget's"))
        }
        Some(_) if issuer.path.is_empty() && lacks_widget(record) => {
            Some(Problem::at("/authorities", "the profile wants one with the role widget"))
        }
        Some(_) if issuer.path.is_empty() => None,
        None if issuer.path.is_empty() => Some(Problem::at("/issuer", "its authority must be listed as identity")),
        _ if issuer.path == format!("/t/{}", identity.slug) => None,
        _ => Some(Problem::at("/issuer", format!("its path must be empty or /t/{}", identity.slug))),
    }
}

/// Whether links to the widget would lead nowhere.
fn lacks_widget(record: &Record) -> bool {
    record.profile.hosts.widget && !record.identity.authorities.iter().any(|entry| entry.role == Role::Widget)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::tenant::{
        Authority, Kind,
        testing::{check, created, record},
    };

    fn with(change: impl FnOnce(&mut Record)) -> CreateTenant {
        let mut record = record();
        change(&mut record);
        CreateTenant { record }
    }

    fn pointers(command: &CreateTenant) -> Vec<String> {
        match CreateTenant::decide(&Tenant::Unknown, command).outcome {
            Err(Refusal::Invalid(problems)) => problems.into_iter().map(|problem| problem.pointer).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn a_sound_tenant_is_created() {
        check(&[], CreateTenant::decide, &with(|_| {}), &changed(created()));
    }

    #[test]
    fn a_stream_has_one_tenant() {
        check(&[created()], CreateTenant::decide, &with(|_| {}), &refuse(Refusal::Exists));
    }

    #[test]
    fn an_issuer_is_https_or_loopback() {
        let issued = |issuer: &str| with(|r| r.identity.issuer = issuer.into());
        assert_eq!(pointers(&issued("http://id.bank.example")), ["/issuer"]);
        assert_eq!(pointers(&issued("https://id.bank.example?x")), ["/issuer"]);
        assert_eq!(pointers(&issued("https://id.bank.example#x")), ["/issuer"]);
        assert_eq!(pointers(&issued("https://elsewhere.example/t/bank")), Vec::<String>::new());
        let loopback = with(|r| {
            r.identity.kind = Kind::Development;
            r.identity.issuer = "http://127.0.0.1:8081".into();
            r.identity.authorities = vec![Authority { role: Role::Identity, authority: "127.0.0.1:8081".into() }];
        });
        assert_eq!(pointers(&loopback), Vec::<String>::new());
    }

    #[test]
    fn an_issuer_can_be_reached() {
        for issuer in ["https://elsewhere.example", "https://elsewhere.example/t/other", "https://id.bank.example/x"] {
            assert_eq!(pointers(&with(|r| r.identity.issuer = issuer.into())), ["/issuer"], "{issuer}");
        }
        assert_eq!(pointers(&with(|r| r.identity.authorities[0].role = Role::Api)), ["/issuer"]);
    }

    #[test]
    fn every_wrong_value_is_named() {
        let command = with(|r| {
            r.identity.slug = "admin".into();
            r.identity.authorities.push(r.identity.authorities[0].clone());
            r.identity.authorities.push(Authority { role: Role::Api, authority: "API.example".into() });
            r.presentation.name = String::new();
            r.presentation.branding.colour = Some("red".into());
            Arc::make_mut(&mut r.profile).version = 7;
        });
        assert_eq!(
            pointers(&command),
            [
                "/slug",
                "/authorities/1/authority",
                "/authorities/2/authority",
                "/name",
                "/branding/colour",
                "/profile/version"
            ]
        );
    }
}
