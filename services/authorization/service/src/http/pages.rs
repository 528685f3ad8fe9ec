//! The pages of a visit, filled.

use grantor_authorization_domain::LoginCause;
use grantor_oauth::{RedirectUri, Scope};
use grantor_pages::{
    AccessLength, AccountChoice, AccountOption, Consent, Frame, Lang, Login, LoginError, LoginReason, PageError,
    ScopeLine, SelectAccount,
};
use grantor_ports::{AccountKind, AccountView, ClientView, Person};
use grantor_profile::{Locale, Profile};
use grantor_web::{Answer, Call, frame, page};
use url::Url;

use super::{
    Answered, Fault,
    visit::{Situation, Visit},
};
use crate::{Authorization, interaction::ClientRequest, session::SignedIn};

/// What a visit's pages share; `below` is the page's path below the visit's.
pub(crate) fn visit_frame(call: &Call, visit: &Visit, below: &str) -> Frame {
    let other = match visit.lang {
        Lang::En => Lang::De,
        Lang::De => Lang::En,
    };
    let other_language_path = Some(format!("{}?ui_locales={}", visit.path(below), other.tag()));
    Frame { other_language_path, ..frame(call, visit.lang) }
}

/// A page whose form may end at the client's address (C18).
pub(crate) fn visit_page(status: u16, visit: &Visit, content: &impl grantor_pages::Page) -> Answer {
    let answer = page(status, content);
    match visit.stored.interaction.client() {
        Some(asked) => answer.form_action(asked.request.back.redirect_uri.origin()),
        None => answer,
    }
}

/// The login page of a visit, empty.
pub(crate) fn login_form(call: &Call, visit: &Visit, client: Option<&ClientView>) -> Login {
    let sign_up = call.tenant.profile.interaction.sign_up;
    Login {
        frame: visit_frame(call, visit, ""),
        csrf: visit.csrf(None),
        action: visit.path("/login"),
        username: String::new(),
        client_name: client.map(|client| client.name.clone()),
        reason: None,
        error: None,
        forgot_path: visit.path("/reset"),
        sign_up_path: sign_up.then(|| visit.path("/signup")),
    }
}

/// The login page, for whatever reason it is due.
pub(crate) async fn login(
    service: &Authorization,
    call: &Call,
    visit: &Visit,
    client: Option<&ClientView>,
    situation: &Situation,
    cause: LoginCause,
) -> Answered {
    let mut form = login_form(call, visit, client);
    let hint = visit.stored.interaction.client().and_then(|asked| asked.request.login_hint.clone());
    form.username = hint.unwrap_or_default();
    if let (LoginCause::Again | LoginCause::Stronger, Some(session)) = (cause, &situation.session) {
        form.reason = Some(LoginReason::ConfirmItIsYou);
        if form.username.is_empty() {
            form.username = person(service, call, session).await?.email.unwrap_or_default();
        }
    }
    if let Some(email) = &visit.stored.interaction.password_changed {
        form.reason = Some(LoginReason::PasswordChanged);
        form.username.clone_from(email);
    }
    Ok(visit_page(200, visit, &form))
}

/// The login page after a failure.
pub(crate) fn login_failed(
    call: &Call,
    visit: &Visit,
    client: Option<&ClientView>,
    status: u16,
    username: &str,
    error: LoginError,
) -> Answer {
    let form = Login { username: username.to_owned(), error: Some(error), ..login_form(call, visit, client) };
    visit_page(status, visit, &form)
}

/// The account page.
pub(crate) async fn select(
    service: &Authorization,
    call: &Call,
    visit: &Visit,
    client: &ClientView,
    situation: &Situation,
) -> Answered {
    let session = situation.session.as_ref().ok_or(PageError::InteractionExpired)?;
    let person = person(service, call, session).await?;
    let email = person.email.unwrap_or_default();
    let name = if person.display_name == email { String::new() } else { person.display_name };
    let form = SelectAccount {
        frame: visit_frame(call, visit, ""),
        csrf: visit.csrf(Some(session.id)),
        action: visit.path("/select"),
        client_name: client.name.clone(),
        accounts: vec![AccountChoice { id: session.user.to_string(), name, email }],
    };
    Ok(visit_page(200, visit, &form))
}

/// The consent page; `nothing`: everything had been unticked.
pub(crate) async fn consent(
    service: &Authorization,
    call: &Call,
    visit: &Visit,
    client: &ClientView,
    situation: &Situation,
    nothing: bool,
) -> Answered {
    let over = Fault(PageError::InteractionExpired);
    let session = situation.session.as_ref().ok_or(over)?;
    let asked = visit.stored.interaction.client().ok_or(over)?;
    let profile = &call.tenant.profile;
    let locale = locale(visit.lang);
    let line = |scope: &Scope| {
        let entry = profile.scopes.entry(scope.as_str());
        let description = entry.map(|entry| entry.description.get(locale).to_owned()).unwrap_or_default();
        ScopeLine { name: scope.to_string(), description }
    };
    let optional = |scope: &&Scope| profile.scopes.entry(scope.as_str()).is_some_and(|entry| entry.optional);
    let user = person(service, call, session).await?.display_name;
    let form = Consent {
        frame: visit_frame(call, visit, ""),
        csrf: visit.csrf(Some(session.id)),
        action: visit.path("/consent"),
        client_name: client.name.clone(),
        website_host: client.website.as_deref().and_then(host),
        text: profile.interaction.consent.text.as_ref().map(|text| text.get(locale).to_owned()),
        scopes: situation.reach.iter().filter(|scope| !optional(scope)).map(line).collect(),
        optional: situation.reach.iter().filter(optional).map(line).collect(),
        nothing_chosen: nothing,
        accounts: accounts(situation, &user),
        user,
        access: access(profile, asked),
        return_host: return_host(&asked.request.back.redirect_uri),
    };
    Ok(visit_page(200, visit, &form))
}

/// The language of the profile's texts.
pub(crate) fn locale(lang: Lang) -> Locale {
    match lang {
        Lang::De => Locale::De,
        Lang::En => Locale::En,
    }
}

/// Only where there is something to choose.
fn accounts(situation: &Situation, user: &str) -> Vec<AccountOption> {
    let all = &situation.accounts;
    let named = |account: &AccountView| AccountOption {
        id: account.id.to_string(),
        name: account.name.clone().unwrap_or_else(|| user.to_owned()),
        business: account.kind == AccountKind::Business,
    };
    if all.len() < 2 { Vec::new() } else { all.iter().map(named).collect() }
}

/// Who is signed in, for the page that they look at.
pub(crate) async fn person(service: &Authorization, call: &Call, session: &SignedIn) -> Result<Person, Fault> {
    let person = service.directory.person(call.tenant.id, session.user).await?;
    // Erased a moment ago: their session ends as soon as the news is here.
    person.ok_or(Fault(PageError::InteractionExpired))
}

fn host(website: &str) -> Option<String> {
    Url::parse(website).ok()?.host_str().map(str::to_owned)
}

/// The host, or the scheme where a native client has no host.
fn return_host(uri: &RedirectUri) -> String {
    let parsed = Url::parse(uri.as_str()).ok();
    let shown = parsed.as_ref().map(|url| url.host_str().unwrap_or_else(|| url.scheme()).to_owned());
    shown.unwrap_or_else(|| uri.origin().to_owned())
}

fn access(profile: &Profile, asked: &ClientRequest) -> AccessLength {
    const DAY: u32 = 86_400;
    let lasts = if profile.issues_refresh_token(&asked.request.scopes) {
        match profile.refresh_tokens.absolute_seconds {
            Some(seconds) => seconds,
            None => return AccessLength::UntilWithdrawn,
        }
    } else {
        profile.access_tokens.ttl_seconds
    };
    if lasts >= DAY { AccessLength::Days(lasts.div_ceil(DAY)) } else { AccessLength::Minutes(lasts.div_ceil(60)) }
}
