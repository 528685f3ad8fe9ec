//! Documents that come with the server.

use crate::Profile;

/// A named profile document.
#[derive(Debug, Clone, Copy)]
pub struct Preset {
    /// The name to choose it by.
    pub name: &'static str,
    /// One line for people.
    pub summary: &'static str,
    /// The document.
    pub json: &'static str,
}

/// Every preset; the first is the default of a new tenant.
pub const PRESETS: &[Preset] = &[
    Preset {
        name: "strict",
        summary: "RFC 9700 and OpenID Connect Core without exceptions",
        json: include_str!("../presets/strict.json"),
    },
    Preset {
        name: "openid",
        summary: "strict, with PKCE required of public clients only: every OIDC library speaks to it",
        json: include_str!("../presets/openid.json"),
    },
    Preset {
        name: "finx",
        summary: "widget links, sandbox bank, JSON token requests, one-hour codes, rotating refresh tokens of 90 days",
        json: include_str!("../presets/finx.json"),
    },
    Preset {
        name: "financefeast",
        summary: "self-service clients with approval, code flow, ten-day opaque tokens",
        json: include_str!("../presets/financefeast.json"),
    },
    Preset {
        name: "generic",
        summary: "the textbook: code flow with rotating refresh tokens, nothing else",
        json: include_str!("../presets/generic.json"),
    },
    Preset {
        name: "finapi",
        summary: "no pages: client credentials and password grants, users made by clients",
        json: include_str!("../presets/finapi.json"),
    },
    Preset {
        name: "finexer",
        summary: "connects accounts: a client id alone starts a flow, scopes with commas, secrets that are API keys",
        json: include_str!("../presets/finexer.json"),
    },
];

impl Profile {
    /// The preset of this name.
    pub fn preset(name: &str) -> Option<Self> {
        let preset = PRESETS.iter().find(|preset| preset.name == name)?;
        Some(Self::from_json(preset.json.as_bytes()).expect("a test reads every preset"))
    }

    /// The profile of a new tenant.
    pub fn strict() -> Self {
        Self::preset("strict").expect("a test reads every preset")
    }
}
