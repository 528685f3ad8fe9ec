//! Knob 40: the developers' portal.

use serde::{Deserialize, Serialize};

use crate::Bilingual;

/// What the developers' portal shows beside what every tenant has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Portal {
    /// The tenant's other products: links in the menu.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<PortalLink>,
    /// Where developers find help; the tenant's contact when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub support: Option<String>,
    /// What a new client can be started from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub templates: Vec<ClientTemplate>,
}

impl Portal {
    /// Whether there is nothing of the tenant's own.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// One template.
    pub fn template(&self, id: &str) -> Option<&ClientTemplate> {
        self.templates.iter().find(|template| template.id == id)
    }
}

/// A link of the menu.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PortalLink {
    /// What the menu calls it.
    pub label: Bilingual,
    /// Where it leads.
    pub url: String,
}

/// What the form of a new client is filled with; its developer can change all of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientTemplate {
    /// Names it in addresses.
    pub id: String,
    /// Its name for people.
    pub title: Bilingual,
    /// What it is good for.
    pub description: Bilingual,
    /// Whether the client runs on people's devices and keeps no secret.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub native: bool,
    /// The scopes that are ticked.
    pub scopes: Vec<String>,
    /// The redirect URIs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub redirect_uris: Vec<String>,
    /// The client's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its website.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub website: Option<String>,
    /// Where its logo is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo_url: Option<String>,
}
