use askama::Template;

use crate::{Frame, Monogram};

/// All tenants, or those that words find.
#[derive(Clone, Template)]
#[template(path = "panel_tenants.html")]
pub struct PanelTenants {
    /// What every page shares.
    pub frame: Frame,
    /// What was looked for; empty for all.
    pub words: String,
    /// They.
    pub rows: Vec<PanelTenantRow>,
    /// Where the next ones are: a path without the base.
    pub next: Option<String>,
}

/// One tenant in the list.
#[derive(Clone)]
pub struct PanelTenantRow {
    /// Its word in paths.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub kind: PanelTenantKind,
    /// Whether it refuses everything.
    pub suspended: bool,
    /// Its issuer.
    pub issuer: String,
}

/// What a tenant is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PanelTenantKind {
    /// Real users.
    Production,
    /// Built against.
    Development,
    /// The same, with a clock that can be moved.
    Sandbox,
}

/// The form of a tenant to be. Posts `csrf`, `slug`, `name`, `kind`, `issuer`, `contact`, `preset`
/// and `create`.
#[derive(Clone, Template)]
#[template(path = "panel_new_tenant.html")]
pub struct PanelNewTenant {
    /// What every page shares.
    pub frame: Frame,
    /// Binds the form to the session (C25).
    pub csrf: String,
    /// Its word in paths.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// `production`, `development` or `sandbox`.
    pub kind: String,
    /// Its issuer.
    pub issuer: String,
    /// Whom partners write to.
    pub contact: String,
    /// The chosen preset.
    pub preset: String,
    /// All of them: name and one line in English.
    pub presets: Vec<(String, String)>,
    /// What was wrong: a member's pointer, such as `/slug`, or nothing for the whole; and a sentence in
    /// English.
    pub wrong: Option<(String, String)>,
}

impl PanelTenantKind {
    /// Every kind, for choosing.
    pub const ALL: [Self; 3] = [Self::Production, Self::Development, Self::Sandbox];

    /// The word of forms.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Development => "development",
            Self::Sandbox => "sandbox",
        }
    }

    pub(crate) fn label(self, frame: &Frame) -> &'static str {
        let t = frame.texts().panel;
        match self {
            Self::Production => t.production,
            Self::Development => t.development,
            Self::Sandbox => t.sandbox,
        }
    }
}

impl PanelTenantRow {
    fn monogram(&self) -> Monogram {
        Monogram::of(&self.name)
    }
}

impl PanelNewTenant {
    fn kinds(&self) -> [PanelTenantKind; 3] {
        PanelTenantKind::ALL
    }

    fn is_chosen(&self, preset: &str) -> bool {
        self.preset == preset
    }

    /// What is wrong with a field.
    fn wrong_at(&self, field: &str) -> Option<&str> {
        let (pointer, detail) = self.wrong.as_ref()?;
        (pointer.strip_prefix('/') == Some(field)).then_some(detail)
    }

    /// What is wrong with none of the fields.
    fn wrong_elsewhere(&self) -> Option<&str> {
        let (pointer, detail) = self.wrong.as_ref()?;
        let fields = ["slug", "name", "kind", "issuer", "contact", "preset"];
        let somewhere = fields.iter().any(|field| pointer.strip_prefix('/') == Some(field));
        (!somewhere).then_some(detail)
    }
}
