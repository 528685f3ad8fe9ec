//! RP-initiated log-out (OpenID Connect RP-Initiated Logout 1.0).

use std::sync::Arc;

use grantor_authorization_domain::EndReason;
use grantor_eventsourcing::Actor;
use grantor_oauth::{Params, RedirectUri, RegistrationRule, append_query};
use grantor_pages::{LoggedOut, LogoutConfirm, PageError};
use grantor_ports::{ClientView, GrantSelector, IdTokenHint, Registry, RevokeReason};
use grantor_web::{Answer, Call, frame, page};

use super::{Answered, Fault, pages, visit::form};
use crate::{
    Authorization,
    cookies::{self, Jar},
    session::SignedIn,
};

/// What a log-out request asks for, as far as it may.
struct Request {
    params: Params,
    hint: Option<IdTokenHint>,
    client: Option<Arc<ClientView>>,
    /// Where to go afterwards: registered by that client, to the letter.
    back: Option<String>,
}

impl Request {
    async fn read(service: &Authorization, call: &Call) -> Result<Self, Fault> {
        let params = call.query_params().map_err(|_| PageError::BadRequest)?;
        let tenant = call.tenant.id;
        let hint = match params.get("id_token_hint") {
            Some(hint) => service.tokens.read_id_token_hint(tenant, hint).await?,
            None => None,
        };
        let hinted = hint.as_ref().map(|hint| hint.client_id.as_str());
        let client_id = match (params.get("client_id"), hinted) {
            (Some(sent), Some(hinted)) if sent != hinted => return Err(PageError::BadRequest.into()),
            (sent, hinted) => sent.or(hinted),
        };
        let client = match client_id {
            Some(id) => service.copies.client(tenant, id).await?.filter(|client| client.is_approved()),
            None => None,
        };
        let back = params.get("post_logout_redirect_uri").map(str::to_owned);
        if let Some(back) = &back
            && !client.as_ref().is_some_and(|client| client.post_logout_redirect_uris.contains(back))
        {
            // C2: nobody is sent to an address that is not registered. The copy may be older than
            // its registration, so the owner is asked before the answer is no.
            let owners = match client_id {
                Some(id) => service.copies.client_of_owner(tenant, id).await?,
                None => None,
            };
            let registered =
                |client: &ClientView| client.is_approved() && client.post_logout_redirect_uris.contains(back);
            if !owners.is_some_and(|client| registered(&client)) {
                return Err(PageError::RedirectUriNotRegistered.into());
            }
        }
        Ok(Self { params, hint, client, back })
    }

    /// Whether the client has shown that it speaks of this session.
    fn knows(&self, session: &SignedIn) -> bool {
        self.hint
            .as_ref()
            .is_some_and(|hint| hint.user == session.user && hint.session.is_none_or(|hinted| hinted == session.id))
    }

    fn onward(&self, call: &Call) -> Answer {
        match &self.back {
            Some(back) => {
                Answer::see_other(&append_query(back, self.params.get("state").map(|state| ("state", state))))
            }
            None => Answer::see_other(&call.link("/logged-out")),
        }
    }

    /// The request without its hint, for the form that asks whether to.
    fn again(&self, path: &str) -> String {
        let mut pairs = Vec::new();
        if let Some(client) = &self.client {
            pairs.push(("client_id", client.client_id.as_str()));
        }
        if let Some(back) = &self.back {
            pairs.push(("post_logout_redirect_uri", back.as_str()));
        }
        for name in ["state", "ui_locales"] {
            pairs.extend(self.params.get(name).map(|value| (name, value)));
        }
        append_query(path, pairs)
    }
}

/// A link to sign out: at once when the client's hint fits the session, else after a question.
pub(crate) async fn get(service: Arc<Authorization>, call: Arc<Call>) -> Answered {
    let request = Request::read(&service, &call).await?;
    let Some(session) = service.session_of(&call).await? else { return Ok(request.onward(&call)) };
    if request.knows(&session) {
        return leave(&service, &call, &request, &session).await;
    }
    let confirm = LogoutConfirm {
        frame: frame(&call, call.lang(request.params.get("ui_locales"))),
        csrf: session.csrf(),
        action: request.again("/logout/confirm"),
        user: pages::person(&service, &call, &session).await?.display_name,
        client_name: request.client.as_ref().map(|client| client.name.clone()),
    };
    let answer = page(200, &confirm);
    // C18: the form's answer may end at the client.
    let back = request.back.as_deref().and_then(|back| RedirectUri::register(back, RegistrationRule::WIDEST).ok());
    Ok(match back {
        Some(back) => answer.form_action(back.origin()),
        None => answer,
    })
}

/// The same as a form. It may come from another site, and then without our `SameSite=Lax`
/// cookies: the GET that follows brings them.
pub(crate) async fn post(_: Arc<Authorization>, call: Arc<Call>) -> Answered {
    let params = call.form_params().map_err(|_| PageError::BadRequest)?;
    Ok(Answer::see_other(&append_query(&call.link(&call.path), params.iter())))
}

/// The answer to the question: `logout` or `cancel`.
pub(crate) async fn confirm(service: Arc<Authorization>, call: Arc<Call>) -> Answered {
    let request = Request::read(&service, &call).await?;
    let Some(session) = service.session_of(&call).await? else { return Ok(request.onward(&call)) };
    let form = form(&call, &session.csrf())?;
    if form.get("logout").is_none() {
        return Ok(Answer::see_other(&call.link("/")));
    }
    leave(&service, &call, &request, &session).await
}

async fn leave(service: &Authorization, call: &Call, request: &Request, session: &SignedIn) -> Answered {
    let meta = call.meta(Actor::User(session.user));
    // First, so that whoever is told that they are signed out has no code under way (C6).
    let codes = GrantSelector::Session(session.id);
    service.tokens.revoke(call.tenant.id, codes, RevokeReason::AccountHolder, &meta).await?;
    service.end_session_of(call.tenant.id, &session.cookie, EndReason::LoggedOut, &meta).await?;
    Ok(request.onward(call).cookie(cookies::clear(call, Jar::Session)))
}

/// Says that nobody is signed in any more.
pub(crate) async fn done(_: Arc<Authorization>, call: Arc<Call>) -> Answered {
    let frame = frame(&call, call.lang(None));
    Ok(page(200, &LoggedOut { frame, sign_in_path: Some("/login?next=home".to_owned()) }))
}
