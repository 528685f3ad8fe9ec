//! A tenant's profile: what it has of its own, where it is weak, and the document itself.

use grantor_pages::{MenuPage, Page as _, PanelProfile, PanelSetting, PanelWeakness};
use grantor_ports::{AdminError, TenantChange, TenantView};
use grantor_profile::{PRESETS, Profile};
use grantor_web::Answer;

use super::{Outcome, Visit, place};
use crate::{
    Console,
    http::{differences, nearest_preset, read_profile},
};

/// `GET /tenants/{slug}/profile`; `?preset=` compares with another one than the nearest.
pub(super) async fn show(console: &Console, visit: &Visit) -> Outcome {
    let tenant = visit.tenant(console).await?;
    let done = visit.query.get("done") == Some("save");
    Ok(shown(visit, &tenant, 200, None, Vec::new(), done))
}

/// `POST` of it: `save` with `profile`, a document, and `version`, what it was made from.
pub(super) async fn save(console: &Console, visit: &Visit) -> Outcome {
    let tenant = visit.tenant(console).await?;
    let document = visit.form.get("profile").unwrap_or_default().to_owned();
    let refused = match (read_profile(document.as_bytes()), visit.form.get("version").and_then(|it| it.parse().ok())) {
        (Err(wrong), _) => wrong.into_iter().map(|one| (one.pointer, one.detail)).collect(),
        (Ok(_), None) => vec![(String::new(), "the version is missing".to_owned())],
        (Ok(profile), Some(version)) => {
            let change = TenantChange::ProfileAt { profile: Box::new(profile), version };
            match console.registry_admin.change_tenant(tenant.id, change, &visit.meta()).await {
                Ok(_) => return Ok(Answer::see_other(&format!("/tenants/{}/profile?done=save", tenant.slug))),
                Err(AdminError::Invalid { pointer, detail }) => vec![(pointer, detail)],
                Err(AdminError::Conflict(detail)) => vec![(String::new(), detail)],
                Err(other) => return Err(other.into()),
            }
        }
    };
    Ok(shown(visit, &tenant, 422, Some(document), refused, false))
}

fn shown(
    visit: &Visit,
    tenant: &TenantView,
    status: u16,
    posted: Option<String>,
    wrong: Vec<(String, String)>,
    done: bool,
) -> Answer {
    let asked = visit.query.get("preset").and_then(|name| PRESETS.iter().find(|preset| preset.name == name));
    let preset = asked.map_or_else(|| nearest_preset(&tenant.profile).0, |preset| preset.name);
    let compared = Profile::preset(preset).unwrap_or_else(Profile::strict);
    let settings = differences(&compared, &tenant.profile).into_iter().map(|one| PanelSetting {
        pointer: one.pointer,
        here: one.ours.map(|value| value.to_string()),
        there: one.theirs.map(|value| value.to_string()),
    });
    let weak = tenant.profile.security_delta().into_iter().map(|one| {
        let told = serde_json::to_value(&one).unwrap_or_default();
        let word = |name: &str| told[name].as_str().unwrap_or_default().to_owned();
        PanelWeakness { id: word("id"), severity: word("severity"), what: word("deviation") }
    });
    let document = posted.unwrap_or_else(|| {
        let value = serde_json::to_value(&*tenant.profile).unwrap_or_default();
        serde_json::to_string_pretty(&value).unwrap_or_default()
    });
    let page = PanelProfile {
        frame: visit.frame(Some(MenuPage::Tenants)),
        csrf: visit.csrf(),
        place: place(tenant),
        preset: preset.to_owned(),
        presets: PRESETS.iter().map(|preset| preset.name.to_owned()).collect(),
        settings: settings.collect(),
        weak: weak.collect(),
        document,
        version: tenant.version,
        wrong,
        done,
    };
    Answer::html(status, page.html())
}
