//! The words OpenID Connect adds to an authorization request (Core 3.1.2.1).

use serde::{Deserialize, Serialize};

use crate::ProtocolError;

/// One value of `prompt`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prompt {
    /// Show nothing.
    None,
    /// Log in again.
    Login,
    /// Ask for consent again.
    Consent,
    /// Choose an account.
    SelectAccount,
}

impl Prompt {
    /// Every value.
    pub const ALL: [Self; 4] = [Self::None, Self::Login, Self::Consent, Self::SelectAccount];

    /// The wire word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Login => "login",
            Self::Consent => "consent",
            Self::SelectAccount => "select_account",
        }
    }
}

/// The values of `prompt`; empty when it was not sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Prompts(Vec<Prompt>);

impl Prompts {
    /// Reads a space-separated list. `none` beside another value, and unknown values, are
    /// `invalid_request`.
    pub fn parse(text: Option<&str>) -> Result<Self, ProtocolError> {
        let mut read = Vec::new();
        for word in text.unwrap_or_default().split(' ').filter(|word| !word.is_empty()) {
            let prompt = Prompt::ALL
                .into_iter()
                .find(|prompt| prompt.as_str() == word)
                .ok_or_else(|| ProtocolError::invalid_request("prompt has an unknown value"))?;
            if !read.contains(&prompt) {
                read.push(prompt);
            }
        }
        if read.contains(&Prompt::None) && read.len() > 1 {
            return Err(ProtocolError::invalid_request("prompt=none cannot be combined with other values"));
        }
        Ok(Self(read))
    }

    /// Whether a value was sent.
    pub fn has(&self, prompt: Prompt) -> bool {
        self.0.contains(&prompt)
    }

    /// Whether nothing may be shown.
    pub fn is_none(&self) -> bool {
        self.has(Prompt::None)
    }

    /// The same without a value, for when it has been honoured.
    #[must_use]
    pub fn without(&self, prompt: Prompt) -> Self {
        Self(self.0.iter().copied().filter(|known| *known != prompt).collect())
    }
}

/// The values of `display`. Pages adapt to every screen, so all are served alike.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Display {
    /// A full page.
    #[default]
    Page,
    /// A popup window.
    Popup,
    /// A touch device.
    Touch,
    /// A feature phone.
    Wap,
}

impl Display {
    /// Every value.
    pub const ALL: [Self; 4] = [Self::Page, Self::Popup, Self::Touch, Self::Wap];

    /// The wire word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Popup => "popup",
            Self::Touch => "touch",
            Self::Wap => "wap",
        }
    }

    /// Reads a value; absent means `page`, unknown is `invalid_request`.
    pub fn parse(text: Option<&str>) -> Result<Self, ProtocolError> {
        let Some(text) = text else { return Ok(Self::Page) };
        let known = Self::ALL.into_iter().find(|display| display.as_str() == text);
        known.ok_or_else(|| ProtocolError::invalid_request("display has an unknown value"))
    }
}

/// How the answer of an authorization request reaches the client. `fragment` is not served:
/// no tokens in the front channel (C8).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    /// In the query of the redirect URI.
    #[default]
    Query,
    /// A form that posts itself (OAuth 2.0 Form Post Response Mode).
    FormPost,
}

impl ResponseMode {
    /// The wire word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::FormPost => "form_post",
        }
    }

    /// Reads a value; absent means `query`, anything else is `invalid_request`.
    pub fn parse(text: Option<&str>) -> Result<Self, ProtocolError> {
        match text {
            None | Some("query") => Ok(Self::Query),
            Some("form_post") => Ok(Self::FormPost),
            Some(_) => Err(ProtocolError::invalid_request("response_mode is not supported")),
        }
    }
}

/// `max_age`: seconds since the last login; 0 asks for a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MaxAge(pub u32);

impl MaxAge {
    /// Reads a value; digits only, at most ten of them; values over `u32::MAX` are clamped.
    pub fn parse(text: Option<&str>) -> Result<Option<Self>, ProtocolError> {
        let Some(text) = text else { return Ok(None) };
        let plain = text.len() <= 10 && text.bytes().all(|b| b.is_ascii_digit());
        let seconds: u64 = if plain { text.parse().unwrap_or(u64::MAX) } else { u64::MAX };
        if seconds == u64::MAX {
            return Err(ProtocolError::invalid_request("max_age must be a number of seconds"));
        }
        Ok(Some(Self(u32::try_from(seconds).unwrap_or(u32::MAX))))
    }
}

/// Reads a space-separated list of words in order of preference (`acr_values`, `ui_locales`,
/// `claims_locales`); what is over sixteen words is ignored, preferences are no demands.
pub fn word_list(text: Option<&str>) -> Vec<String> {
    text.unwrap_or_default().split(' ').filter(|word| !word.is_empty()).take(16).map(str::to_owned).collect()
}
