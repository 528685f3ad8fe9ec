use askama::Template;

use crate::Frame;

/// What the names of the page's fields begin with.
pub const DETAIL: &str = "detail_";

/// The page that asks for what the tenant demands and does not know. Posts `csrf`, the fields, each
/// as [`DETAIL`] and its name, and the pressed button's name: `continue` or `cancel`.
#[derive(Clone, Template)]
#[template(path = "details.html")]
pub struct Details {
    /// What every page shares.
    pub frame: Frame,
    /// The token that binds the form to the interaction (C25).
    pub csrf: String,
    /// Where the form posts to: a path with query, without the base.
    pub action: String,
    /// The client to which the person will continue.
    pub client_name: String,
    /// Who is asked.
    pub user: String,
    /// What is missing.
    pub fields: Vec<DetailField>,
}

/// One thing that is missing.
#[derive(Clone)]
pub struct DetailField {
    /// A claim of OpenID Connect Core, or an attribute of the tenant's.
    pub name: String,
    /// The tenant's word for it.
    pub label: Option<String>,
    /// What was typed before.
    pub value: String,
    /// What was wrong with that.
    pub error: Option<DetailError>,
}

/// What was wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DetailError {
    /// Nothing was typed.
    Missing,
    /// It cannot be such a thing.
    Invalid,
}

impl Details {
    fn has_errors(&self) -> bool {
        self.fields.iter().any(|field| field.error.is_some())
    }
}

impl DetailField {
    fn label<'t>(&'t self, frame: &Frame) -> &'t str {
        let t = &frame.texts().details;
        match (&self.label, self.name.as_str()) {
            (Some(label), _) => label,
            (None, "name") => frame.texts().shared.name,
            (None, "given_name") => t.given_name,
            (None, "family_name") => t.family_name,
            (None, "birthdate") => t.birthdate,
            (None, "phone_number") => t.phone_number,
            (None, name) => name,
        }
    }

    fn kind(&self) -> &'static str {
        match self.name.as_str() {
            "birthdate" => "date",
            "phone_number" => "tel",
            _ => "text",
        }
    }

    /// The browser's word for it (HTML, autofill).
    fn autofill(&self) -> &'static str {
        match self.name.as_str() {
            "name" => "name",
            "given_name" => "given-name",
            "family_name" => "family-name",
            "birthdate" => "bday",
            "phone_number" => "tel",
            _ => "off",
        }
    }

    fn error_text(&self, frame: &Frame) -> Option<&'static str> {
        let t = &frame.texts().details;
        Some(match (self.error?, self.name.as_str()) {
            (DetailError::Missing, _) => t.missing,
            (DetailError::Invalid, "birthdate") => t.birthdate_invalid,
            (DetailError::Invalid, "phone_number") => t.phone_number_invalid,
            (DetailError::Invalid, _) => t.invalid,
        })
    }
}
