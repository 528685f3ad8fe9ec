use askama::Template;

use super::{PanelPlace, Section};
use crate::Frame;

/// A tenant's profile. Posts `csrf`, `profile` (the document), `version` and `save`.
#[derive(Clone, Template)]
#[template(path = "panel_profile.html")]
pub struct PanelProfile {
    /// What every page shares.
    pub frame: Frame,
    /// Binds the form to the session (C25).
    pub csrf: String,
    /// Whose.
    pub place: PanelPlace,
    /// What it is compared with.
    pub preset: String,
    /// What it can be compared with.
    pub presets: Vec<String>,
    /// In what it differs from that.
    pub settings: Vec<PanelSetting>,
    /// Where it is weaker than the standards.
    pub weak: Vec<PanelWeakness>,
    /// The document.
    pub document: String,
    /// The version that the document was made from.
    pub version: u32,
    /// What was wrong with the posted one: pointer and a sentence in English.
    pub wrong: Vec<(String, String)>,
    /// Whether it was saved a moment ago.
    pub done: bool,
}

/// A setting that differs, each side as JSON; a side that has nothing is `None`.
#[derive(Clone)]
pub struct PanelSetting {
    /// Which: a JSON pointer.
    pub pointer: String,
    /// What this tenant has.
    pub here: Option<String>,
    /// What the preset has.
    pub there: Option<String>,
}

/// A weak setting.
#[derive(Clone)]
pub struct PanelWeakness {
    /// Its name, by which it is acknowledged.
    pub id: String,
    /// How much it weighs.
    pub severity: String,
    /// What the tenant does, in English.
    pub what: String,
}

impl PanelProfile {
    fn tabs(&self) -> Vec<super::Tab> {
        self.place.tabs(&self.frame, Section::Profile)
    }

    fn is_compared(&self, name: &str) -> bool {
        self.preset == name
    }

    fn good_text(&self) -> Option<&'static str> {
        self.done.then_some(self.frame.texts().panel.did_save_profile)
    }

    fn bad_text(&self) -> Option<&'static str> {
        (!self.wrong.is_empty()).then_some(self.frame.texts().shared.check_fields)
    }
}
