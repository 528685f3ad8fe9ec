use grantor_pages::*;

use super::{Words, at, signed_in};

fn frame(lang: Lang, words: &Words, current: MenuPage) -> Frame {
    let pages = [
        (MenuPage::GettingStarted, "/developers"),
        (MenuPage::Security, "/developers/security"),
        (MenuPage::Dashboard, "/developers/dashboard"),
        (MenuPage::Apps, "/#clients"),
        (MenuPage::OAuth, "/developers/oauth"),
        (MenuPage::Templates, "/developers/templates"),
        (MenuPage::ApiReference, "/explorer"),
    ];
    let menu = Menu {
        pages: pages.map(|(page, path)| (page, path.to_owned())).into(),
        links: vec![(words.person.to_owned(), "https://bank.example/docs/bank-feed".to_owned())],
        support: Some("https://bank.example/support".to_owned()),
        current: Some(current),
    };
    let other_language_path = Some("/developers?ui_locales=de".to_owned());
    Frame { menu: Some(menu), other_language_path, ..signed_in(lang, words) }
}

/// The pages of a tenant's own staff.
fn team(lang: Lang, words: &Words) -> Vec<(&'static str, String)> {
    let member = |id: &str, role, you| TeamMember {
        id: id.to_owned(),
        name: words.person.to_owned(),
        email: words.email.to_owned(),
        role,
        you,
    };
    let mut frame = frame(lang, words, MenuPage::Team);
    if let Some(menu) = &mut frame.menu {
        menu.pages.push((MenuPage::Team, "/team".to_owned()));
    }
    let team = Team {
        frame: frame.clone(),
        csrf: super::csrf(),
        action: "/team".to_owned(),
        members: vec![member("usr_1", StaffRoleName::Owner, true), member("usr_2", StaffRoleName::Reviewer, false)],
        invitations: vec![TeamInvitation {
            id: "5f0e".to_owned(),
            email: words.email.to_owned(),
            role: StaffRoleName::Viewer,
            ends: Some(at(604_800)),
        }],
        waiting: vec![WaitingClient {
            client_id: "fc9c55efa3924f369d6c1148e668bbe8".to_owned(),
            name: words.client.to_owned(),
            website: Some(words.url.to_owned()),
            redirect_uris: vec![words.url.to_owned()],
            scopes: vec!["openid".to_owned(), "plan".to_owned()],
        }],
        may_judge: true,
        may_manage: true,
        notice: Some(TeamNotice::Invited),
    };
    let viewer = Team {
        may_judge: false,
        may_manage: false,
        invitations: Vec::new(),
        waiting: Vec::new(),
        notice: Some(TeamNotice::NotPossible),
        ..team.clone()
    };
    let join = TeamJoin {
        frame: signed_in(lang, words),
        csrf: super::csrf(),
        action: "/team".to_owned(),
        email: words.email.to_owned(),
        wrong: true,
    };
    let entry = |what: &str, seconds| TeamEntry { at: at(seconds), what: what.to_owned(), about: "fc9c55".to_owned() };
    let history = TeamHistory {
        frame,
        name: words.person.to_owned(),
        email: words.email.to_owned(),
        entries: vec![entry("oauth.client.approved", 90), entry("platform.tenant.member_joined", 0)],
    };
    vec![
        ("team", team.html()),
        ("team_viewer", viewer.html()),
        ("team_join", join.html()),
        ("team_history", history.html()),
    ]
}

/// The developers' portal.
pub fn pages(lang: Lang, words: &Words) -> Vec<(&'static str, String)> {
    let step = |kind, code: Option<&str>, path: Option<&str>| GuideStep {
        kind,
        code: code.map(str::to_owned),
        path: path.map(str::to_owned),
    };
    let start = GettingStarted {
        frame: frame(lang, words, MenuPage::GettingStarted),
        steps: vec![
            step(StepKind::Register, None, Some("/oauth/create_client")),
            step(StepKind::Approval, None, None),
            step(StepKind::SendPeople, Some(words.url), None),
            step(StepKind::Exchange, Some("curl -i -X POST 'https://bank.example/oauth/token'"), None),
            step(StepKind::CallApi, Some(words.free_text), None),
        ],
        client_name: Some(words.client.to_owned()),
    };
    let security = SecurityGuide {
        frame: frame(lang, words, MenuPage::Security),
        links: true,
        pkce_required: false,
        code_seconds: Some(60),
        access_seconds: 864_000,
        refresh_rotates: Some(true),
        proofs_required: Some(false),
        revoke_url: words.url.to_owned(),
    };
    let scope =
        |name: &str, description: &str| ScopeLine { name: name.to_owned(), description: description.to_owned() };
    let scopes = vec![scope("openid", ""), scope("plan", words.free_text)];
    let oauth = OAuthReference {
        frame: frame(lang, words, MenuPage::OAuth),
        issuer: words.url.to_owned(),
        endpoints: vec![
            (EndpointName::Authorize, "https://bank.example/oauth/authorize".to_owned()),
            (EndpointName::Token, "https://bank.example/oauth/token".to_owned()),
        ],
        grants: vec!["authorization_code".to_owned(), "refresh_token".to_owned()],
        client_auth: vec!["client_secret_basic".to_owned()],
        scopes: scopes.clone(),
        code_seconds: Some(60),
        access_seconds: 3599,
        refresh_seconds: Some(Some(2_592_000)),
    };
    let card = |id: &str| TemplateCard {
        id: id.to_owned(),
        title: words.client.to_owned(),
        description: words.free_text.to_owned(),
        scopes: scopes.clone(),
    };
    let templates = Templates {
        frame: frame(lang, words, MenuPage::Templates),
        create_path: "/oauth/create_client".to_owned(),
        templates: vec![card("accounting"), card("payments")],
    };
    let app = |state, grants, used| DashboardApp {
        name: words.client.to_owned(),
        client_id: "fc9c55efa3924f369d6c1148e668bbe8".to_owned(),
        state,
        grants,
        used,
        path: "/clients/fc9c55".to_owned(),
    };
    let dashboard = Dashboard {
        frame: frame(lang, words, MenuPage::Dashboard),
        apps: vec![
            app(ClientState::Approved, 1204, Some(at(90))),
            app(ClientState::Pending, 0, None),
            app(ClientState::Approved, 1, Some(at(0))),
        ],
        create_path: Some("/oauth/create_client".to_owned()),
    };
    let none = Dashboard { apps: Vec::new(), create_path: None, ..dashboard.clone() };
    let mut all = team(lang, words);
    all.extend([
        ("developers", start.html()),
        ("developers_security", security.html()),
        ("developers_oauth", oauth.html()),
        ("developers_templates", templates.html()),
        ("developers_dashboard", dashboard.html()),
        ("developers_dashboard_empty", none.html()),
    ]);
    all
}
