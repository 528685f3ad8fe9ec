//! People and pages: knobs 41 to 44.

use serde::{Deserialize, Serialize};

use crate::{Bilingual, Locale};

/// Login, sign-up and consent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interaction {
    /// Knob 41: people can sign up inside the flow.
    pub sign_up: bool,
    /// Whether a new address is verified by a code before it counts (C24).
    pub verify_email: bool,
    /// Knob 42: consent.
    pub consent: Consent,
    /// What a person must have told before a client is given access to them; what is missing is
    /// asked for in a step between login and consent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<Detail>,
    /// How long an unfinished visit lives, in seconds.
    pub interaction_ttl_seconds: u32,
    /// How long a login lasts without use, in seconds.
    pub session_idle_seconds: u32,
    /// How long a login lasts at most, in seconds.
    pub session_absolute_seconds: u32,
    /// Knob 43: framing.
    pub framing: Framing,
    /// Knob 42: the widget; present where flows are started by a JSON request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub widget: Option<Widget>,
}

/// Something that a person must have told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Detail {
    /// A claim of [`Detail::STANDARD`], or an attribute of the tenant's own.
    pub name: String,
    /// What the page calls it; standard claims have words of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Bilingual>,
}

impl Detail {
    /// The claims (OpenID Connect Core 5.1) that pages have words for.
    pub const STANDARD: [&str; 5] = ["name", "given_name", "family_name", "birthdate", "phone_number"];

    /// Whether it is a claim of OpenID Connect Core.
    pub fn is_standard(&self) -> bool {
        Self::STANDARD.contains(&self.name.as_str())
    }
}

/// Knob 42: the widget that a partner sends people to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Widget {
    /// Its language where none is asked for, or one that no page is written in.
    pub language: Locale,
    /// Days of transaction history where none are asked for.
    pub sync_period_days: u16,
    /// Most days that may be asked for.
    pub sync_period_max_days: u16,
    /// How long its link can be followed, in seconds.
    pub link_seconds: u32,
}

/// Knob 42: consent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// How it is asked for.
    pub ui: ConsentUi,
    /// The kinds that exist.
    pub kinds: Vec<ConsentKind>,
    /// What the tenant says above the scopes, in its own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Bilingual>,
    /// When it ends by itself; absent means never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_days: Option<u16>,
    /// Whether consent to the same or more scopes is remembered at the next authorization.
    pub remembered: bool,
}

/// Knob 42.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentUi {
    /// A page.
    Page,
    /// A step of the widget.
    Widget,
    /// Nobody is asked: no grant has a user in front of a browser.
    None,
}

/// Knob 42.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentKind {
    /// Lasts until it expires or is revoked.
    Ongoing,
    /// For one access.
    OneTime,
}

/// Knob 43.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Framing {
    /// `frame-ancestors 'none'`.
    Deny,
    /// The client's registered origins.
    RegisteredOrigins,
}
