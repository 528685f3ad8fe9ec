//! Reading the client form, and turning what is wrong with it into words of the page.

use grantor_jose::KeySet;
use grantor_pages::{ClientFields, ClientForm, ClientFormError, ClientKind, PageError, ScopeChoice};
use grantor_ports::{ClientChange, NewClient, TenantView};
use grantor_profile::{ClientTemplate, Framing, Locale};
use grantor_registry_domain::{
    TextRefusal,
    client::{Flaw, Refusal},
};
use grantor_store::StoreError;
use grantor_web::{Answer, Call, error_page, page};
use percent_encoding::percent_decode;

use crate::commands::Failure;

/// Most pairs in a form: every field once, and the scopes.
const MAX_PAIRS: usize = 128;

/// A posted client form.
#[derive(Debug, Default)]
pub(super) struct Posted {
    pub(super) csrf: String,
    pub(super) name: String,
    pub(super) website: String,
    pub(super) logo_url: String,
    /// As typed.
    pub(super) redirect_uris: String,
    /// As typed; `None` where the form does not ask.
    pub(super) origins: Option<String>,
    /// As typed; `None` where the form does not ask.
    pub(super) jwks: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) scopes: Vec<String>,
    pub(super) accept_terms: Option<String>,
    /// The button for keeping a draft was pressed.
    pub(super) save_draft: bool,
}

impl Posted {
    /// Reads the form. Every field but `scopes` comes once; the texts of several lines may be
    /// longer than a protocol parameter, so this form has a reader of its own.
    pub(super) fn read(call: &Call) -> Result<Self, Answer> {
        let bad = || error_page(call, PageError::BadRequest);
        if call.content_type().as_deref() != Some("application/x-www-form-urlencoded") {
            return Err(bad());
        }
        let pieces: Vec<&[u8]> = call.body.split(|b| *b == b'&').filter(|piece| !piece.is_empty()).collect();
        if pieces.len() > MAX_PAIRS {
            return Err(bad());
        }
        let mut form = Self::default();
        let mut seen: Vec<String> = Vec::new();
        for piece in pieces {
            let mut halves = piece.splitn(2, |b| *b == b'=');
            let name = decoded(halves.next().unwrap_or_default()).ok_or_else(bad)?;
            let value = decoded(halves.next().unwrap_or_default()).ok_or_else(bad)?;
            if name != "scopes" && seen.contains(&name) {
                return Err(bad());
            }
            form.take(&name, value);
            seen.push(name);
        }
        Ok(form)
    }

    /// A form that is filled from a template (FX-02); all of it can be changed.
    pub(super) fn from_template(template: &ClientTemplate) -> Self {
        let kind = if template.native { ClientKind::Native } else { ClientKind::Confidential };
        Self {
            name: template.name.clone().unwrap_or_default(),
            website: template.website.clone().unwrap_or_default(),
            logo_url: template.logo_url.clone().unwrap_or_default(),
            redirect_uris: template.redirect_uris.join("\n"),
            kind: Some(kind.value().to_owned()),
            scopes: template.scopes.clone(),
            ..Self::default()
        }
    }

    fn take(&mut self, name: &str, value: String) {
        match name {
            "csrf" => self.csrf = value,
            "name" => self.name = value,
            "website" => self.website = value,
            "logo_url" => self.logo_url = value,
            "redirect_uris" => self.redirect_uris = value,
            "origins" => self.origins = Some(value),
            "jwks" => self.jwks = Some(value),
            "kind" => self.kind = Some(value),
            "scopes" => self.scopes.push(value),
            "accept_terms" => self.accept_terms = Some(value).filter(|version| !version.is_empty()),
            "save_draft" => self.save_draft = true,
            _ => {}
        }
    }

    /// The kind of client that was chosen.
    pub(super) fn chosen_kind(&self) -> Option<ClientKind> {
        self.kind.as_deref().and_then(ClientKind::from_value)
    }

    /// What was typed, for showing it again.
    pub(super) fn fields(&self, kind: ClientKind) -> ClientFields {
        ClientFields {
            name: self.name.clone(),
            website: self.website.clone(),
            logo_url: self.logo_url.clone(),
            redirect_uris: self.redirect_uris.clone(),
            origins: self.origins.clone(),
            jwks: self.jwks.clone(),
            kind,
        }
    }

    /// The client's own keys; `None` where the form does not ask for any.
    fn keys(&self) -> Result<Option<KeySet>, ClientFormError> {
        let Some(text) = self.jwks.as_deref().map(str::trim) else { return Ok(None) };
        if text.is_empty() {
            return Ok(Some(KeySet::default()));
        }
        serde_json::from_str(text).map(Some).map_err(|_| ClientFormError::JwksInvalid)
    }

    /// The client that is wanted.
    pub(super) fn new_client(&self, kind: ClientKind) -> Result<NewClient, ClientFormError> {
        Ok(NewClient {
            name: self.name.clone(),
            kind: match kind {
                ClientKind::Confidential => grantor_ports::ClientKind::Confidential,
                ClientKind::Native => grantor_ports::ClientKind::Native,
            },
            website: Some(self.website.trim().to_owned()),
            logo_url: Some(self.logo_url.trim().to_owned()),
            redirect_uris: lines(&self.redirect_uris),
            post_logout_redirect_uris: Vec::new(),
            origins: self.origins.as_deref().map(lines).unwrap_or_default(),
            scopes: self.scopes.clone(),
            jwks: self.keys()?.unwrap_or_default(),
            id_token_alg: None,
            password_grant: false,
            lifetimes: grantor_profile::Lifetimes::default(),
            resource: None,
        })
    }

    /// The change that is wanted: everything the form shows.
    pub(super) fn change(&self) -> Result<ClientChange, ClientFormError> {
        Ok(ClientChange {
            name: Some(self.name.clone()),
            website: Some(self.website.trim().to_owned()),
            logo_url: Some(self.logo_url.trim().to_owned()),
            redirect_uris: Some(lines(&self.redirect_uris)),
            origins: self.origins.as_deref().map(lines),
            scopes: Some(self.scopes.clone()),
            jwks: self.keys()?,
            ..ClientChange::default()
        })
    }

    /// The words for a failure.
    pub(super) fn errors(&self, failure: &Failure) -> Vec<ClientFormError> {
        match failure {
            Failure::Refused(Refusal::Settings(flaws)) => flaws.iter().map(|flaw| self.error(*flaw)).collect(),
            Failure::Refused(_) => vec![ClientFormError::FormExpired],
            Failure::TooMany => vec![ClientFormError::TooManyClients],
            Failure::Store(_) => vec![ClientFormError::Busy],
        }
    }

    fn error(&self, flaw: Flaw) -> ClientFormError {
        match flaw {
            Flaw::Name(TextRefusal::Empty) => ClientFormError::NameMissing,
            Flaw::Name(TextRefusal::TooLong) => ClientFormError::NameTooLong,
            Flaw::Name(TextRefusal::Character) | Flaw::NameImpliesTenant => ClientFormError::NameNotAllowed,
            Flaw::Website(_) | Flaw::WebsiteMissing => ClientFormError::WebsiteInvalid,
            Flaw::LogoUrl(_) => ClientFormError::LogoUrlInvalid,
            Flaw::RedirectUrisMissing => ClientFormError::RedirectUrisMissing,
            Flaw::RedirectUrisTooMany | Flaw::PostLogoutTooMany => ClientFormError::RedirectUrisTooMany,
            Flaw::RedirectUri(at, _) | Flaw::RedirectUriTwice(at) | Flaw::PostLogout(at, _) => {
                ClientFormError::RedirectUriInvalid(line_of(&self.redirect_uris, at))
            }
            Flaw::ScopesMissing => ClientFormError::ScopesMissing,
            Flaw::Scope(_) => ClientFormError::ScopeUnknown,
            Flaw::TermsNotAccepted => ClientFormError::TermsNotAccepted,
            Flaw::TermsChanged => ClientFormError::TermsChanged,
            Flaw::OriginsTooMany => ClientFormError::OriginsTooMany,
            Flaw::Origin(at) => {
                ClientFormError::OriginInvalid(line_of(self.origins.as_deref().unwrap_or_default(), at))
            }
            Flaw::Jwks => ClientFormError::JwksOfPublic,
            // The form has none of them.
            Flaw::IdTokenAlg | Flaw::Lifetimes | Flaw::Resource(_) => ClientFormError::KindInvalid,
        }
    }
}

/// One per line, blank lines left out.
fn lines(text: &str) -> Vec<String> {
    numbered(text).map(|(_, line)| line.to_owned()).collect()
}

fn numbered(text: &str) -> impl Iterator<Item = (u32, &str)> {
    (1..).zip(text.lines().map(str::trim)).filter(|(_, line)| !line.is_empty())
}

fn line_of(text: &str, index: usize) -> u32 {
    numbered(text).nth(index).map_or(1, |(line, _)| line)
}

/// What the form says of origins: nothing where the tenant's pages are framed by nobody.
pub(super) fn origins_asked(tenant: &TenantView, known: &[String]) -> Option<String> {
    (tenant.profile.interaction.framing == Framing::RegisteredOrigins).then(|| known.join("\n"))
}

/// What the form says of the client's own keys: nothing where clients cannot sign who they are.
pub(super) fn keys_asked(tenant: &TenantView, known: &KeySet) -> Option<String> {
    let shown =
        || if known.is_empty() { String::new() } else { serde_json::to_string_pretty(known).unwrap_or_default() };
    tenant.profile.takes_assertions().then(shown)
}

/// The status of a form that is shown again.
pub(super) fn status(failure: &Failure) -> u16 {
    match failure {
        Failure::Refused(_) | Failure::TooMany => 400,
        Failure::Store(StoreError::Failed | StoreError::Busy | StoreError::Contended) => 503,
    }
}

/// The form on a page; a service at its limit says when to come again.
pub(super) fn shown(status: u16, form: &ClientForm) -> Answer {
    let answer = page(status, form);
    if status == 503 { answer.header("retry-after", "1") } else { answer }
}

/// The scopes to tick: all of the tenant's, with these ticked.
pub(super) fn scope_choices(tenant: &TenantView, locale: Locale, chosen: &[String]) -> Vec<ScopeChoice> {
    let choice = |entry: &grantor_profile::ScopeEntry| ScopeChoice {
        name: entry.name.clone(),
        description: entry.description.get(locale).to_owned(),
        chosen: chosen.contains(&entry.name),
    };
    tenant.profile.scopes.catalogue.iter().map(choice).collect()
}

/// Form decoding (WHATWG URL 5.1); `None` for what is not UTF-8.
fn decoded(raw: &[u8]) -> Option<String> {
    let spaced: Vec<u8> = raw.iter().map(|b| if *b == b'+' { b' ' } else { *b }).collect();
    percent_decode(&spaced).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}
