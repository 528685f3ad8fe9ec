use std::sync::Arc;

use chrono::TimeDelta;
use grantor_authorization_domain::{Step, Subject};
use grantor_eventsourcing::Actor;
use grantor_ids::UserId;
use grantor_oauth::{GrantType, RedirectUri, RegistrationRule, ScopeSet};
use grantor_pages::PageError;
use grantor_ports::{ClientKind, ClientState, ClientView, Registry};
use grantor_profile::{
    AuthorizeRefusal, AuthorizeRequest, AuthorizeStart, CallbackOutcome, ClientPolicy, PageRefusal, PushedReference,
};
use grantor_store::NewFact;
use grantor_web::{Answer, Call};

use super::{Answered, Fault, callback::callback, visit::Situation};
use crate::{
    Authorization,
    cookies::{self, Jar},
    interaction::{ClientRequest, Interaction, Purpose},
    secret::Secret,
};

/// An authorization request that can be read, of a client that may send one; or what to answer.
enum Asked {
    Request(Box<ClientRequest>, Arc<ClientView>),
    Answer(Answer),
}

/// The authorization request as a link (RFC 6749 3.1). Answers at once where nobody needs to be
/// asked, else begins a visit.
pub(crate) async fn get(service: Arc<Authorization>, call: Arc<Call>) -> Answered {
    let (asked, client) = match service.ask(&call, call.query.as_bytes()).await? {
        Asked::Request(asked, client) => (asked, client),
        Asked::Answer(answer) => return Ok(answer),
    };
    let facts = service.warnings(&call, &asked);
    let known = cookies::read(&call, Jar::Browser);
    let browser = known.clone().unwrap_or_else(|| Secret::fresh(service.entropy.as_ref()));
    let expires_at = service.interaction_end(&call);
    let interaction = Interaction::new(Purpose::Client(asked), Some(&browser), expires_at);
    let situation = Situation::of(&service, &call, &interaction, Some(&client), false).await?;
    if matches!(situation.step, Step::Issue | Step::Refuse(_)) {
        service.record(facts).await?;
        return situation.finish(&service, &call, &interaction, &client, None).await;
    }
    let id = Secret::fresh(service.entropy.as_ref());
    service.keep_interaction(call.tenant.id, &id, &interaction, facts).await?;
    let answer = Answer::see_other(&call.link(&format!("/interaction/{}", id.as_str())));
    Ok(if known.is_some() { answer } else { answer.cookie(cookies::set(&call, Jar::Browser, &browser)) })
}

/// The authorization request as a form (OpenID Connect Core 3.1.2.1). It may come from another
/// site, and then without our `SameSite=Lax` cookies: it is stored, and a GET goes on.
pub(crate) async fn post(service: Arc<Authorization>, call: Arc<Call>) -> Answered {
    if call.content_type().as_deref() != Some("application/x-www-form-urlencoded") {
        return Err(PageError::BadRequest.into());
    }
    let asked = match service.ask(&call, &call.body).await? {
        Asked::Request(asked, _) => asked,
        Asked::Answer(answer) => return Ok(answer),
    };
    let facts = service.warnings(&call, &asked);
    let interaction = Interaction::new(Purpose::Client(asked), None, service.interaction_end(&call));
    let id = Secret::fresh(service.entropy.as_ref());
    service.keep_interaction(call.tenant.id, &id, &interaction, facts).await?;
    Ok(Answer::see_other(&call.link(&format!("/interaction/{}", id.as_str()))))
}

impl Authorization {
    pub(super) fn interaction_end(&self, call: &Call) -> grantor_eventsourcing::Timestamp {
        let seconds = call.tenant.profile.interaction.interaction_ttl_seconds;
        self.clock.now(call.tenant.id) + TimeDelta::seconds(seconds.into())
    }

    async fn ask(&self, call: &Call, raw: &[u8]) -> Result<Asked, Fault> {
        let profile = &call.tenant.profile;
        if let Some(reference) = profile.pushed_reference(raw) {
            return self.pushed(call, reference.map_err(page_of)?).await;
        }
        let start = profile.begin_authorize(raw).map_err(page_of)?;
        let client = self.approved_client(call, &start.client_id).await?;
        let (client, read) = self.complete(call, start, client).await?;
        match read {
            Ok(request) => {
                let asked = self.understood(call, request, &client).await?;
                Ok(Asked::Request(Box::new(asked), client))
            }
            Err(AuthorizeRefusal::Page(refusal)) => Err(page_of(refusal)),
            Err(AuthorizeRefusal::Return(back, error)) => {
                let outcome = CallbackOutcome::Refused { error: &error, cancelled: false };
                Ok(Asked::Answer(callback(call, call.lang(None), &client.name, &back, outcome)))
            }
        }
    }

    /// The request that the client has pushed (RFC 9126 4). Unknown, used and too old are one page.
    async fn pushed(&self, call: &Call, reference: PushedReference) -> Result<Asked, Fault> {
        let PushedReference { client_id, id } = reference;
        let client = self.approved_client(call, &client_id).await?;
        let over = Fault(PageError::InteractionExpired);
        let id = Secret::parse(&id).ok_or(over)?;
        let asked = self.take_pushed(call.tenant.id, &id, &client_id).await?.ok_or(over)?;
        Ok(Asked::Request(Box::new(asked), client))
    }

    /// The rest of a request. Before an address is refused, the client's owner is asked: our copy may
    /// be older than the change that registered it.
    pub(super) async fn complete(
        &self,
        call: &Call,
        start: AuthorizeStart,
        client: Arc<ClientView>,
    ) -> Result<(Arc<ClientView>, Result<AuthorizeRequest, AuthorizeRefusal>), Fault> {
        let read = |client: &ClientView| read(call, start.clone(), client);
        match read(&client) {
            Err(AuthorizeRefusal::Page(_)) => {
                let owners = self.copies.client_of_owner(call.tenant.id, &client.client_id).await?;
                let client = owners.filter(|client| client.is_approved()).unwrap_or(client);
                let again = read(&client);
                Ok((client, again))
            }
            read => Ok((client, read)),
        }
    }

    /// The client, if it may send people here. Its owner is asked before the answer is no
    /// (FF-09: an approval takes effect at once).
    pub(super) async fn approved_client(&self, call: &Call, client_id: &str) -> Result<Arc<ClientView>, Fault> {
        let tenant = call.tenant.id;
        let known = self.copies.client(tenant, client_id).await?;
        let client = match known {
            Some(client) if client.is_approved() => Some(client),
            _ => self.copies.client_of_owner(tenant, client_id).await?,
        };
        let client = client.ok_or(PageError::UnknownClient)?;
        match client.state {
            ClientState::Approved => Ok(client),
            ClientState::Suspended { .. } => Err(PageError::ClientSuspended.into()),
            ClientState::Draft | ClientState::Pending | ClientState::Rejected { .. } => {
                Err(PageError::ClientNotApproved.into())
            }
        }
    }

    /// Reads the hint once; what it says is kept, the hint itself is not.
    pub(super) async fn understood(
        &self,
        call: &Call,
        mut request: AuthorizeRequest,
        client: &ClientView,
    ) -> Result<ClientRequest, Fault> {
        let hinted = match request.id_token_hint.take() {
            None => None,
            Some(hint) => Some(self.tokens.read_id_token_hint(call.tenant.id, &hint).await?),
        };
        let subject = match hinted {
            None => wanted_subject(&request),
            // A hint that was made for another client says nothing to this one.
            Some(Some(hint)) if hint.client_id == client.client_id => match wanted_subject(&request) {
                Subject::Anyone => Subject::Only(hint.user),
                Subject::Only(user) if user == hint.user => Subject::Only(user),
                Subject::Only(_) | Subject::Stranger => Subject::Stranger,
            },
            Some(_) => Subject::Stranger,
        };
        Ok(ClientRequest { request, client: client.key, subject })
    }

    /// guides.md 10: a request that nothing protects against forgery is let pass where the guide
    /// says so, and reported.
    fn warnings(&self, call: &Call, asked: &ClientRequest) -> Vec<NewFact> {
        if asked.request.back.state.is_some() || asked.request.code_challenge.is_some() {
            return Vec::new();
        }
        let (tenant, meta) = (call.tenant.id, call.meta(Actor::Anonymous));
        let now = self.clock.now(tenant);
        vec![self.unprotected(tenant, asked.client, &asked.request.client_id, meta, now)]
    }

    async fn record(&self, facts: Vec<NewFact>) -> Result<(), Fault> {
        if facts.is_empty() {
            return Ok(());
        }
        let write = grantor_store::Write { facts, ..grantor_store::Write::default() };
        self.store.commit(write).await.map_err(grantor_store::not_written)?;
        Ok(())
    }
}

fn read(call: &Call, start: AuthorizeStart, client: &ClientView) -> Result<AuthorizeRequest, AuthorizeRefusal> {
    let profile = &call.tenant.profile;
    let register = |uri: &String| RedirectUri::register(uri, RegistrationRule::WIDEST).ok();
    let redirect_uris: Vec<RedirectUri> = client.redirect_uris.iter().filter_map(register).collect();
    let scopes = ScopeSet::from_names(client.scopes.iter().map(String::as_str)).unwrap_or_default();
    let grants: &[GrantType] = &profile.token_request.grants;
    profile.complete_authorize(
        start,
        &ClientPolicy {
            redirect_uris: &redirect_uris,
            default_redirect_uri: redirect_uris.first(),
            scopes: &scopes,
            grants,
            public: !client.kind.is_confidential(),
            native: client.kind == ClientKind::Native,
        },
    )
}

/// `claims` may name the user by `sub` with a value (OpenID Connect Core 5.5.1).
fn wanted_subject(request: &AuthorizeRequest) -> Subject {
    let demand = request.claims.id_token.get("sub");
    let Some(value) = demand.and_then(|demand| demand.value.as_ref()) else { return Subject::Anyone };
    let user = value.as_str().and_then(|sub| sub.parse::<UserId>().ok());
    user.map_or(Subject::Stranger, Subject::Only)
}

fn page_of(refusal: PageRefusal) -> Fault {
    Fault(match refusal {
        PageRefusal::Malformed => PageError::BadRequest,
        PageRefusal::NoClientId | PageRefusal::UnknownClient => PageError::UnknownClient,
        PageRefusal::ClientNotActive => PageError::ClientNotApproved,
        PageRefusal::NoRedirectUri => PageError::RedirectUriMissing,
        PageRefusal::OtherRedirectUri => PageError::RedirectUriNotRegistered,
    })
}
