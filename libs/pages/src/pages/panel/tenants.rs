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
    /// What was wrong.
    pub wrong: Option<PanelTenantProblem>,
}

/// Why a tenant cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PanelTenantProblem {
    /// What was given for a field, by its name in the form.
    Field(&'static str),
    /// Another tenant has its short name or its host.
    Taken,
    /// Its profile has a widget, and nowhere to put it.
    NoWidgetHost,
    /// Something that the form has no field for.
    Elsewhere,
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

    fn path(&self) -> String {
        format!("/tenants/{}", self.slug)
    }

    fn badge(&self) -> &'static str {
        if self.suspended { "suspended" } else { "approved" }
    }

    fn label(&self, frame: &Frame) -> &'static str {
        let t = frame.texts().panel;
        if self.suspended { t.suspended } else { t.active }
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
    fn wrong_at(&self, field: &str) -> Option<&'static str> {
        let t = self.frame.texts().panel;
        match self.wrong? {
            PanelTenantProblem::Field(wrong) if wrong == field => Some(match field {
                "slug" => t.wrong_slug,
                "name" => t.wrong_name,
                "issuer" => t.wrong_issuer,
                "contact" => t.wrong_contact,
                _ => t.wrong_choice,
            }),
            PanelTenantProblem::NoWidgetHost if field == "preset" => Some(t.widget_wanted),
            _ => None,
        }
    }

    /// What is wrong with none of the fields.
    fn wrong_elsewhere(&self) -> Option<&'static str> {
        let t = self.frame.texts().panel;
        match self.wrong? {
            PanelTenantProblem::Taken => Some(t.taken),
            PanelTenantProblem::Elsewhere => Some(t.wrong_elsewhere),
            PanelTenantProblem::Field(_) | PanelTenantProblem::NoWidgetHost => None,
        }
    }
}
