use crate::Frame;

/// The menu of the developers' portal, or of the operators' dashboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Menu {
    /// Our own pages that this tenant has, with their paths without the base.
    pub pages: Vec<(MenuPage, String)>,
    /// The tenant's other products: label and address.
    pub links: Vec<(String, String)>,
    /// Where help is found.
    pub support: Option<String>,
    /// The page that is shown.
    pub current: Option<MenuPage>,
}

/// A page of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MenuPage {
    /// Own clients at a glance.
    Dashboard,
    /// The first steps.
    GettingStarted,
    /// What to take care of.
    Security,
    /// Own clients.
    Apps,
    /// Endpoints, scopes, lifetimes.
    OAuth,
    /// What a new client can be started from.
    Templates,
    /// The tenant's own staff.
    Team,
    /// The tenant's own webhooks.
    Webhooks,
    /// The API explorer, with the OpenAPI document.
    ApiReference,
    /// What operators see first.
    Overview,
    /// Clients of all tenants that wait for a decision.
    Waiting,
    /// All tenants.
    Tenants,
    /// Who runs the deployment.
    Operators,
    /// Mails that were kept instead of being sent.
    Mailbox,
}

/// Where a page of ours stands, from top to bottom.
const ORDER: [(Group, &[MenuPage]); 5] = [
    (
        Group::Operation,
        &[MenuPage::Overview, MenuPage::Waiting, MenuPage::Tenants, MenuPage::Operators, MenuPage::Mailbox],
    ),
    (Group::Documentation, &[MenuPage::GettingStarted, MenuPage::Security]),
    (Group::Development, &[MenuPage::Dashboard, MenuPage::Apps, MenuPage::OAuth, MenuPage::Templates]),
    (Group::Tenant, &[MenuPage::Team, MenuPage::Webhooks]),
    (Group::Reference, &[MenuPage::ApiReference]),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Group {
    Operation,
    Documentation,
    Development,
    Tenant,
    Reference,
}

/// A group of entries under a title.
pub(crate) struct MenuGroup<'m> {
    pub title: &'static str,
    pub entries: Vec<MenuEntry<'m>>,
}

/// One entry.
pub(crate) struct MenuEntry<'m> {
    pub label: &'m str,
    /// A path without the base, or an address.
    pub to: &'m str,
    pub external: bool,
    pub current: bool,
}

impl Menu {
    /// What the menu is called.
    pub(crate) fn title(&self, frame: &Frame) -> &'static str {
        let of_operators = self.pages.iter().any(|(page, _)| *page == MenuPage::Overview);
        if of_operators { frame.texts().panel.title } else { frame.texts().menu.title }
    }

    pub(crate) fn groups<'m>(&'m self, frame: &'m Frame) -> Vec<MenuGroup<'m>> {
        let t = frame.texts().menu;
        let mut groups: Vec<MenuGroup<'m>> = Vec::new();
        for (group, order) in ORDER {
            let mut entries: Vec<MenuEntry<'m>> = order.iter().filter_map(|page| self.own(*page, frame)).collect();
            match group {
                Group::Development => entries.extend(self.links.iter().map(|(label, url)| external(label, url))),
                Group::Reference => entries.extend(self.support.iter().map(|url| external(t.support, url))),
                Group::Operation | Group::Documentation | Group::Tenant => {}
            }
            let title = match group {
                Group::Operation => frame.texts().panel.title,
                Group::Documentation => t.documentation,
                Group::Development => t.development,
                Group::Tenant => t.settings,
                Group::Reference => t.reference,
            };
            if !entries.is_empty() {
                groups.push(MenuGroup { title, entries });
            }
        }
        groups
    }

    fn own<'m>(&'m self, page: MenuPage, frame: &'m Frame) -> Option<MenuEntry<'m>> {
        let (t, panel) = (frame.texts().menu, frame.texts().panel);
        let (_, path) = self.pages.iter().find(|(known, _)| *known == page)?;
        let label = match page {
            MenuPage::Dashboard => t.dashboard,
            MenuPage::GettingStarted => t.getting_started,
            MenuPage::Security => t.security,
            MenuPage::Apps => t.apps,
            MenuPage::OAuth => t.oauth,
            MenuPage::Templates => t.templates,
            MenuPage::Team => t.team,
            MenuPage::Webhooks => t.webhooks,
            MenuPage::ApiReference => t.api_reference,
            MenuPage::Overview => panel.overview,
            MenuPage::Waiting => panel.waiting,
            MenuPage::Tenants => panel.tenants,
            MenuPage::Operators => panel.operators,
            MenuPage::Mailbox => frame.texts().mailbox.title,
        };
        Some(MenuEntry { label, to: path, external: false, current: self.current == Some(page) })
    }
}

fn external<'m>(label: &'m str, url: &'m str) -> MenuEntry<'m> {
    MenuEntry { label, to: url, external: true, current: false }
}
