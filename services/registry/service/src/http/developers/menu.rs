use grantor_pages::{Lang, Menu, MenuPage};
use grantor_web::Call;

use super::{DASHBOARD, OAUTH, SECURITY, START, TEMPLATES};
use crate::http::{create_client, create_client_path, explorer, locale};

/// The menu of this tenant's portal (FX-01, FX-04, FX-10), at the page that was asked for.
pub(in crate::http) fn menu(call: &Call, lang: Lang) -> Menu {
    let portal = &call.tenant.profile.portal;
    let own = create_client::is_open(&call.tenant);
    let templates = own && !portal.templates.is_empty();
    let all = [
        (MenuPage::GettingStarted, START, true),
        (MenuPage::Security, SECURITY, true),
        (MenuPage::Dashboard, DASHBOARD, own),
        (MenuPage::Apps, "/#clients", own),
        (MenuPage::OAuth, OAUTH, true),
        (MenuPage::Templates, TEMPLATES, templates),
        (MenuPage::ApiReference, explorer::PATH, true),
    ];
    let here = call.path.as_str();
    let current = all.iter().find(|(_, path, _)| *path == here).map(|(page, ..)| *page);
    let of_clients = here == "/" || here == create_client_path(call) || here.starts_with("/clients/");
    Menu {
        pages: all.into_iter().filter(|(.., there)| *there).map(|(page, path, _)| (page, path.to_owned())).collect(),
        links: portal.links.iter().map(|link| (link.label.get(locale(lang)).to_owned(), link.url.clone())).collect(),
        support: portal.support.clone(),
        current: current.or(of_clients.then_some(MenuPage::Apps)),
    }
}
