use askama::Template;

use crate::Frame;

/// "OAuth Apps": the form that registers a client, and the same form for changing one. Posts
/// `csrf`, `name`, `website`, `logo_url`, `redirect_uris` and `origins` (one per line), `jwks`, `scopes` (once per
/// ticked scope), on creation `kind` (`confidential` or `native`) and `accept_terms` (the version
/// accepted), and the pressed button's name: `create`, `save_draft` or `save`.
#[derive(Clone, Template)]
#[template(path = "client_form.html")]
pub struct ClientForm {
    /// What every page shares.
    pub frame: Frame,
    /// The token that binds the form to the session (C25).
    pub csrf: String,
    /// Where the form posts to: a path without the base (`/oauth/create_client`).
    pub action: String,
    /// Whether a client is created or changed.
    pub purpose: FormPurpose,
    /// What the fields hold.
    pub fields: ClientFields,
    /// The scopes a client of this tenant may ask for.
    pub scopes: Vec<ScopeChoice>,
    /// The client's contact: the signed-in developer, `Name (address)`. Shown, never sent.
    pub contact: String,
    /// Whom to write to about approval, at the tenant.
    pub partner_contact: Option<String>,
    /// What was wrong with the last attempt.
    pub errors: Vec<ClientFormError>,
}

/// Why the form is shown.
#[derive(Clone)]
pub enum FormPurpose {
    /// A new client; the terms must be accepted.
    Create(Terms),
    /// Changes to a client.
    Edit {
        /// Where "Cancel" leads: a path without the base.
        back_path: String,
    },
}

/// The terms of access, as the tenant wrote them.
#[derive(Clone)]
pub struct Terms {
    /// The version, shown and sent back as the value of `accept_terms`.
    pub version: String,
    /// The text; blank lines part paragraphs.
    pub text: String,
    /// Ticked in the last attempt.
    pub accepted: bool,
}

/// What the developer typed.
#[derive(Clone, Default)]
pub struct ClientFields {
    /// The client's name, as users will see it.
    pub name: String,
    /// The client's website.
    pub website: String,
    /// Where the client's logo is.
    pub logo_url: String,
    /// Redirect URIs, one per line, as typed.
    pub redirect_uris: String,
    /// Origins whose pages may frame the tenant's, one per line, as typed; `None` where nobody may.
    pub origins: Option<String>,
    /// The client's own public keys, as typed; `None` where clients cannot sign who they are.
    pub jwks: Option<String>,
    /// Confidential web app or public native app.
    pub kind: ClientKind,
}

/// What a client can keep (RFC 6749, 2.1; RFC 8252).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ClientKind {
    /// Runs on a server and can keep a secret; sent as `confidential`.
    #[default]
    Confidential,
    /// Runs on a person's device and has no secret; sent as `native`.
    Native,
}

impl ClientKind {
    /// The value of the form's `kind`.
    pub const fn value(self) -> &'static str {
        match self {
            Self::Confidential => "confidential",
            Self::Native => "native",
        }
    }

    /// The kind with this form value.
    pub fn from_value(value: &str) -> Option<Self> {
        [Self::Confidential, Self::Native].into_iter().find(|kind| kind.value() == value)
    }
}

/// A scope to tick.
#[derive(Clone)]
pub struct ScopeChoice {
    /// The scope as on the wire.
    pub name: String,
    /// What it lets a client do, in the page's language.
    pub description: String,
    /// Ticked.
    pub chosen: bool,
}

/// A field of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// `name`
    Name,
    /// `website`
    Website,
    /// `logo_url`
    LogoUrl,
    /// `redirect_uris`
    RedirectUris,
    /// `origins`
    Origins,
    /// `jwks`
    Jwks,
    /// `scopes`
    Scopes,
    /// `kind`
    Kind,
    /// `accept_terms`
    AcceptTerms,
}

/// What was wrong with a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientFormError {
    /// No name.
    NameMissing,
    /// The name is too long.
    NameTooLong,
    /// The name holds what a name may not (control characters, the tenant's own name).
    NameNotAllowed,
    /// Not an https address.
    WebsiteInvalid,
    /// Not an https address.
    LogoUrlInvalid,
    /// No redirect URI.
    RedirectUrisMissing,
    /// The redirect URI in this line (counted from 1) is not allowed (C3).
    RedirectUriInvalid(u32),
    /// More redirect URIs than a client may have.
    RedirectUrisTooMany,
    /// The origin in this line (counted from 1) is none, or is there twice.
    OriginInvalid(u32),
    /// More origins than a client may have.
    OriginsTooMany,
    /// Not a set of public keys that signatures can be checked with.
    JwksInvalid,
    /// Keys of a client that cannot keep the private half.
    JwksOfPublic,
    /// No scope ticked.
    ScopesMissing,
    /// A scope this tenant does not offer.
    ScopeUnknown,
    /// No kind, or an unknown one.
    KindInvalid,
    /// The terms were not accepted.
    TermsNotAccepted,
    /// The terms changed while the form was open; the new text is shown.
    TermsChanged,
    /// The developer has as many clients as a developer may have.
    TooManyClients,
    /// The form was too old or not ours; nothing was stored.
    FormExpired,
    /// The service is at its limit; nothing was stored.
    Busy,
}

impl ClientFormError {
    /// The field it belongs to; `None` for the whole form.
    pub const fn field(self) -> Option<Field> {
        match self {
            Self::NameMissing | Self::NameTooLong | Self::NameNotAllowed => Some(Field::Name),
            Self::WebsiteInvalid => Some(Field::Website),
            Self::LogoUrlInvalid => Some(Field::LogoUrl),
            Self::RedirectUrisMissing | Self::RedirectUriInvalid(_) | Self::RedirectUrisTooMany => {
                Some(Field::RedirectUris)
            }
            Self::OriginInvalid(_) | Self::OriginsTooMany => Some(Field::Origins),
            Self::JwksInvalid | Self::JwksOfPublic => Some(Field::Jwks),
            Self::ScopesMissing | Self::ScopeUnknown => Some(Field::Scopes),
            Self::KindInvalid => Some(Field::Kind),
            Self::TermsNotAccepted | Self::TermsChanged => Some(Field::AcceptTerms),
            Self::TooManyClients | Self::FormExpired | Self::Busy => None,
        }
    }
}

impl ClientForm {
    fn error(&self, field: Option<Field>) -> Option<String> {
        self.errors.iter().find(|error| error.field() == field).map(|error| self.error_text(*error))
    }

    fn field_error(&self, field: Field) -> Option<String> {
        self.error(Some(field))
    }

    fn error_text(&self, error: ClientFormError) -> String {
        let t = self.frame.texts();
        let c = &t.client_form;
        match error {
            ClientFormError::NameMissing => c.name_missing,
            ClientFormError::NameTooLong => c.name_too_long,
            ClientFormError::NameNotAllowed => c.name_not_allowed,
            ClientFormError::WebsiteInvalid => c.website_invalid,
            ClientFormError::LogoUrlInvalid => c.logo_url_invalid,
            ClientFormError::RedirectUrisMissing => c.redirect_uris_missing,
            ClientFormError::RedirectUriInvalid(line) => return (c.redirect_uri_invalid)(line),
            ClientFormError::RedirectUrisTooMany => c.redirect_uris_too_many,
            ClientFormError::OriginInvalid(line) => return (c.origin_invalid)(line),
            ClientFormError::OriginsTooMany => c.origins_too_many,
            ClientFormError::JwksInvalid => c.jwks_invalid,
            ClientFormError::JwksOfPublic => c.jwks_of_public,
            ClientFormError::ScopesMissing => c.scopes_missing,
            ClientFormError::ScopeUnknown => c.scope_unknown,
            ClientFormError::KindInvalid => c.kind_invalid,
            ClientFormError::TermsNotAccepted => c.terms_not_accepted,
            ClientFormError::TermsChanged => c.terms_changed,
            ClientFormError::TooManyClients => c.too_many_clients,
            ClientFormError::FormExpired => t.shared.form_expired,
            ClientFormError::Busy => t.shared.busy,
        }
        .to_owned()
    }

    fn terms(&self) -> Option<&Terms> {
        match &self.purpose {
            FormPurpose::Create(terms) => Some(terms),
            FormPurpose::Edit { .. } => None,
        }
    }

    fn back_path(&self) -> Option<&str> {
        match &self.purpose {
            FormPurpose::Create(_) => None,
            FormPurpose::Edit { back_path } => Some(back_path),
        }
    }
}

impl Terms {
    fn paragraphs(&self) -> impl Iterator<Item = &str> {
        self.text.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty())
    }
}
